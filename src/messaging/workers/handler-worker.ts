/**
 * A worker that goes on: when its thread ends by itself another one is started, soon at first and later when it keeps
 * ending. It holds the handlers of one name, each a part of it, and ends with the last of them.
 */

import type { GossipError, System } from '../../core/index.ts'
import { MessagingError } from '../errors.ts'
import type { Handler, MessageContext } from '../handler.ts'
import type { Payload } from '../payload.ts'
import type { WorkerLimits, WorkerSource } from './options.ts'
import { Thread } from './thread.ts'

/** A handler that lives in a worker. */
export interface WorkerPart {
  /** Calls it. */
  readonly handler: Handler
  /** Resolves when it can be called. Rejects with `GOSSIP_WORKER_FAILED`: it cannot be loaded, or was closed before. */
  readonly ready: Promise<void>
  /** Takes it out of its worker, which ends if it was the last. May be called again. */
  close(): void
}

interface Part {
  readonly file: string
  readonly export: string
  readonly settle: (error: GossipError | undefined) => void
}

/** A thread that has ended is replaced at once; after that the pauses begin with so many ms and double. */
const RESTART_DELAY_MS = 100
/** Longest pause before a thread is replaced; one that has lived as long has not failed before. */
const RESTART_DELAY_MS_MAX = 30_000

/** One worker. */
export class HandlerWorker {
  readonly limits: WorkerLimits
  readonly #system: Pick<System, 'now' | 'startTimer'>
  readonly #tellError: (error: GossipError) => void
  readonly #parts = new Map<number, Part>()
  readonly #unusable = new Map<number, GossipError>()
  #thread: Thread | undefined
  #lastPart = 0
  #startedMs = 0
  /** Threads in a row that have ended by themselves. */
  #failures = 0
  #cancelRestart = (): void => {}
  /** Threads that have not ended yet, the present one included. */
  readonly #ending = new Set<Promise<void>>()

  /** @param tellError - told when a thread ends by itself, and of a module that cannot be loaded */
  constructor(
    limits: WorkerLimits,
    system: Pick<System, 'now' | 'startTimer'>,
    tellError: (error: GossipError) => void,
  ) {
    this.limits = limits
    this.#system = system
    this.#tellError = tellError
  }

  /** Handlers that live here. */
  get size(): number {
    return this.#parts.size
  }

  /** Calls that wait for their answers. */
  get pending(): number {
    return this.#thread?.pending ?? 0
  }

  /** Takes one more handler in, and starts the thread if there is none. */
  add(source: WorkerSource): WorkerPart {
    const id = ++this.#lastPart
    let settle: Part['settle'] = () => {}
    const ready = new Promise<void>((resolve, reject) => {
      settle = (error) => (error === undefined ? resolve() : reject(error))
    })
    // Not everybody waits for it; what went wrong is told in any case.
    ready.catch(() => {})
    this.#parts.set(id, { file: source.file, export: source.export, settle })
    if (this.#thread !== undefined) this.#thread.load(id, source.file, source.export)
    else if (this.#failures === 0) this.#start()
    return {
      handler: (payload, context) => this.#call(id, payload, context),
      ready,
      close: () => this.#remove(id),
    }
  }

  /** Ends it. What waits for it fails. Resolves when its threads have ended. */
  async close(): Promise<void> {
    for (const id of [...this.#parts.keys()]) this.#remove(id)
    await Promise.all(this.#ending)
  }

  async #call(id: number, payload: Payload, context: MessageContext): Promise<Payload> {
    const unusable = this.#unusable.get(id)
    if (unusable !== undefined) throw unusable
    if (this.#thread === undefined) {
      const problem = this.#parts.has(id) ? `it has ended ${this.#failures} times, and is started again soon` : 'closed'
      throw new MessagingError('GOSSIP_WORKER_FAILED', `the worker is not there: ${problem}`)
    }
    return this.#thread.call(id, payload, context)
  }

  #start(): void {
    this.#startedMs = this.#system.now()
    this.#unusable.clear()
    const thread = new Thread(this.limits, this.#system, {
      onLoaded: (id, error) => this.#onLoaded(id, error),
      onEnded: (error) => this.#onEnded(thread, error),
    })
    this.#thread = thread
    const ending = thread.ended.then(() => void this.#ending.delete(ending))
    this.#ending.add(ending)
    for (const [id, part] of this.#parts) thread.load(id, part.file, part.export)
  }

  #onLoaded(id: number, error: GossipError | undefined): void {
    this.#parts.get(id)?.settle(error)
    if (error === undefined || !this.#parts.has(id)) return
    this.#unusable.set(id, error)
    this.#tellError(error)
  }

  #onEnded(thread: Thread, error: GossipError): void {
    // It was ended on purpose.
    if (this.#thread !== thread) return
    this.#thread = undefined
    if (this.#system.now() - this.#startedMs >= RESTART_DELAY_MS_MAX) this.#failures = 0
    this.#failures++
    for (const { settle } of this.#parts.values()) settle(error)
    this.#cancelRestart = this.#system.startTimer(() => this.#start(), restartDelayMs(this.#failures))
    this.#tellError(error)
  }

  #remove(id: number): void {
    const part = this.#parts.get(id)
    if (!this.#parts.delete(id)) return
    this.#unusable.delete(id)
    part?.settle(new MessagingError('GOSSIP_WORKER_FAILED', 'the handler was closed before it was loaded'))
    if (this.#parts.size > 0) return
    this.#cancelRestart()
    const thread = this.#thread
    this.#thread = undefined
    void thread?.stop('its handlers were closed')
  }
}

/** @param failures - threads in a row that have ended by themselves, at least 1 */
export function restartDelayMs(failures: number): number {
  return failures === 1 ? 0 : Math.min(RESTART_DELAY_MS * 2 ** (failures - 2), RESTART_DELAY_MS_MAX)
}
