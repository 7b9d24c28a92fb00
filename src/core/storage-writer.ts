/**
 * Writes what has changed, one batch at a time: while one is on its way, the next collects. What waits is a name per
 * thing that changed; its latest state is asked for when its batch leaves, so memory does not grow with the writes.
 */

import { GossipError, StorageError } from './errors.ts'
import type { Storage, StorageChange } from './storage-port.ts'
import type { System } from './system.ts'

/** The state of one thing, when its batch leaves. */
export interface Snapshot {
  readonly change: StorageChange
  /** About what it takes, bytes. */
  readonly bytes: number
}

/** What a writer is made with. */
export interface StorageWriterSetup {
  readonly storage: Storage
  readonly system: System
  /** These are durable now. */
  readonly onKept: (changes: readonly StorageChange[]) => void
  /** The storage has begun to fail; told once until it works again. */
  readonly onFailure: (error: GossipError) => void
}

interface Mark {
  /** Numbered as it was made. */
  readonly number: number
  readonly take: () => Snapshot
}

interface Marks {
  readonly urgent: Map<string, Mark>
  readonly waiting: Map<string, Mark>
}

interface Waiter {
  /** The last mark that has to be durable. */
  readonly number: number
  readonly resolve: () => void
  readonly reject: (error: GossipError) => void
}

const BATCH_BYTES_MAX = 1_048_576
const BATCH_CHANGES_MAX = 4_096
const RETRY_MS_MIN = 1_000
const RETRY_MS_MAX = 30_000

/** One node's writes to one storage. */
export class StorageWriter {
  readonly #setup: StorageWriterSetup
  /** Go before all others. Both are in the order of their numbers, since a name that waits already keeps its place. */
  #urgent = new Map<string, Mark>()
  #waiting = new Map<string, Mark>()
  #waiters: Waiter[] = []
  #lastNumber = 0
  #isOpen = false
  #isWriting = false
  /** Resolves when nothing is on its way. */
  #writing: Promise<void> = Promise.resolve()
  #failure: GossipError | undefined
  #stopReason: GossipError | undefined
  #retryMs = RETRY_MS_MIN
  #cancelRetry: (() => void) | undefined

  constructor(setup: StorageWriterSetup) {
    this.#setup = setup
  }

  /** Things that wait to be written. */
  get size(): number {
    return this.#urgent.size + this.#waiting.size
  }

  /** A thing has changed; `take` gives its state when its batch leaves. */
  mark(name: string, take: () => Snapshot, options: { readonly isUrgent?: boolean } = {}): void {
    const marks = options.isUrgent === true ? this.#urgent : this.#waiting
    if (!marks.has(name)) marks.set(name, { number: ++this.#lastNumber, take })
    if (this.#failure === undefined) this.#pump()
  }

  /** Begins to write; until then marks only collect. */
  open(): void {
    this.#isOpen = true
    this.#pump()
  }

  /** Resolves when everything marked so far is durable; rejects as soon as an attempt fails. Tries at once. */
  flushed(): Promise<void> {
    if (this.size === 0 && !this.#isWriting) return Promise.resolve()
    if (this.#stopReason !== undefined) return Promise.reject(this.#stopReason)
    const number = this.#lastNumber
    const flushed = new Promise<void>((resolve, reject) => this.#waiters.push({ number, resolve, reject }))
    this.#pump()
    return flushed
  }

  /** Writes nothing more; what is on its way is waited for. Whoever waits for the rest is told the reason. */
  async stop(reason: GossipError): Promise<void> {
    this.#isOpen = false
    this.#stopReason ??= reason
    this.#cancelRetry?.()
    this.#cancelRetry = undefined
    await this.#writing
    const waiters = this.#waiters
    this.#waiters = []
    for (const { reject } of waiters) reject(this.#stopReason)
  }

  #pump(): void {
    if (!this.#isOpen || this.#isWriting || this.size === 0) return
    this.#cancelRetry?.()
    this.#cancelRetry = undefined
    this.#isWriting = true
    this.#writing = this.#write()
  }

  async #write(): Promise<void> {
    // What is marked in the same turn goes together.
    await Promise.resolve()
    if (!this.#isOpen) {
      this.#isWriting = false
      return
    }
    const marks: Marks = { urgent: new Map(), waiting: new Map() }
    const changes = this.#collect(marks)
    try {
      await this.#setup.storage.append(changes)
    } catch (error) {
      this.#isWriting = false
      this.#takeBack(marks)
      this.#fail(storageFailure(error))
      this.#retryLater()
      return
    }
    this.#isWriting = false
    this.#failure = undefined
    this.#retryMs = RETRY_MS_MIN
    this.#setup.onKept(changes)
    this.#resolveWaiters()
    this.#pump()
  }

  /** A name that was marked again meanwhile takes its former, earlier place. */
  #takeBack(marks: Marks): void {
    const joined = (former: Map<string, Mark>, later: Map<string, Mark>): Map<string, Mark> =>
      new Map([...former, ...[...later].filter(([name]) => !former.has(name))])
    this.#urgent = joined(marks.urgent, this.#urgent)
    this.#waiting = joined(marks.waiting, this.#waiting)
  }

  #collect(marks: Marks): StorageChange[] {
    const changes: StorageChange[] = []
    let totalBytes = 0
    const move = (from: Map<string, Mark>, to: Map<string, Mark>): void => {
      for (const [name, mark] of from) {
        if (changes.length >= BATCH_CHANGES_MAX || totalBytes >= BATCH_BYTES_MAX) return
        const { change, bytes } = mark.take()
        changes.push(change)
        totalBytes += bytes
        from.delete(name)
        to.set(name, mark)
      }
    }
    move(this.#urgent, marks.urgent)
    move(this.#waiting, marks.waiting)
    return changes
  }

  #resolveWaiters(): void {
    const [urgent] = this.#urgent.values()
    const [waiting] = this.#waiting.values()
    const firstLeft = Math.min(urgent?.number ?? Number.POSITIVE_INFINITY, waiting?.number ?? Number.POSITIVE_INFINITY)
    const due = this.#waiters.filter(({ number }) => number < firstLeft)
    this.#waiters = this.#waiters.filter(({ number }) => number >= firstLeft)
    for (const { resolve } of due) resolve()
  }

  #fail(error: GossipError): void {
    const isFirst = this.#failure === undefined
    this.#failure = error
    const waiters = this.#waiters
    this.#waiters = []
    for (const { reject } of waiters) reject(error)
    if (isFirst) this.#setup.onFailure(error)
  }

  #retryLater(): void {
    // Whoever was told of the failure may have asked for another attempt at once.
    if (!this.#isOpen || this.#isWriting) return
    this.#cancelRetry = this.#setup.system.startTimer(() => this.#pump(), this.#retryMs)
    this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MS_MAX)
  }
}

/** What a storage rejects with, as an error with a code. */
export function storageFailure(error: unknown): GossipError {
  if (error instanceof GossipError) return error
  const text = error instanceof Error ? error.message : String(error)
  return new StorageError('GOSSIP_STORAGE_FAILED', `the storage failed: ${text}`, { cause: error })
}
