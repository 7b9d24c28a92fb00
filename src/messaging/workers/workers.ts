/** All workers of a messenger, found by their names. */

import { type GossipError, InvalidOptionError, runtimeSystem, type System } from '../../core/index.ts'
import { MessagingError } from '../errors.ts'
import { HandlerWorker, type WorkerPart } from './handler-worker.ts'
import type { WorkerSource } from './options.ts'

/** The workers of one messenger. */
export class Workers {
  readonly #max: number
  readonly #tellError: (error: GossipError) => void
  readonly #system: Pick<System, 'now' | 'startTimer'>
  readonly #workers = new Set<HandlerWorker>()
  readonly #byName = new Map<string, HandlerWorker>()
  /** Workers whose last handler is gone. */
  readonly #closing = new Set<Promise<void>>()

  /**
   * @param facts - `max`: workers that may be there at once; `system`: threads live in real time, so only a test of
   *   their restarts passes its own
   */
  constructor(facts: {
    readonly max: number
    readonly tellError: (error: GossipError) => void
    readonly system?: Pick<System, 'now' | 'startTimer'>
  }) {
    this.#max = facts.max
    this.#tellError = facts.tellError
    this.#system = facts.system ?? runtimeSystem
  }

  /** Workers that are there. */
  get size(): number {
    return this.#workers.size
  }

  /**
   * Gives a handler its worker, which begins to load it.
   *
   * @throws {MessagingError} `GOSSIP_HANDLER_LIMIT`: too many workers
   * @throws {InvalidOptionError} the worker of that name has other limits
   */
  add(source: WorkerSource): WorkerPart {
    const worker = this.#of(source)
    const part = worker.add(source)
    return {
      ...part,
      close: () => {
        part.close()
        if (worker.size === 0) this.#forget(source.name, worker)
      },
    }
  }

  /** Ends every worker. Resolves when all their threads have ended. */
  async close(): Promise<void> {
    for (const worker of this.#workers) this.#forget(undefined, worker)
    this.#byName.clear()
    await Promise.all(this.#closing)
  }

  #of({ name, limits }: WorkerSource): HandlerWorker {
    const present = name === undefined ? undefined : this.#byName.get(name)
    if (present !== undefined) {
      if (JSON.stringify(present.limits) === JSON.stringify(limits)) return present
      throw new InvalidOptionError('handler.worker', `with the limits that worker ${name} has`, limits)
    }
    if (this.#workers.size >= this.#max) {
      throw new MessagingError('GOSSIP_HANDLER_LIMIT', `${this.#max} workers are there already`)
    }
    const worker = new HandlerWorker(limits, this.#system, this.#tellError)
    this.#workers.add(worker)
    if (name !== undefined) this.#byName.set(name, worker)
    return worker
  }

  #forget(name: string | undefined, worker: HandlerWorker): void {
    if (!this.#workers.delete(worker)) return
    if (name !== undefined) this.#byName.delete(name)
    const closing = worker.close().then(() => void this.#closing.delete(closing))
    this.#closing.add(closing)
  }
}
