/** A storage for tests of the driver: keeps in memory, and fails, waits and tells as it is told to. */

import type { Storage, StorageChange, StorageOwner, StoredState } from '../../src/core/index.ts'
import { MemoryStorage } from '../../src/storage/index.ts'

/** What was appended, and a switch for each kind of trouble. */
export class ScriptedStorage implements Storage {
  /** Batches as they came, kept or not. */
  readonly batches: (readonly StorageChange[])[] = []
  /** The next appends are rejected with this. */
  failure: Error | undefined
  /** The next `open` is rejected with this. */
  openFailure: Error | undefined
  #gate: Promise<void> = Promise.resolve()
  #onOpen = (): void => {}
  /** Open, close. */
  readonly calls: string[] = []
  inFlight = 0
  inFlightMost = 0
  #inner: MemoryStorage

  constructor(inner: MemoryStorage = new MemoryStorage()) {
    this.#inner = inner
  }

  /** All changes appended so far. */
  get changes(): readonly StorageChange[] {
    return this.batches.flat()
  }

  /** What a process would find that starts now, while this one is killed. */
  copy(): ScriptedStorage {
    return new ScriptedStorage(this.#inner.copy())
  }

  /** What is kept. */
  async state(owner: StorageOwner): Promise<StoredState> {
    return this.#inner.copy().open(owner)
  }

  /** Lets appends wait from now on. */
  hold(): void {
    this.#gate = new Promise((resolve) => {
      this.#onOpen = resolve
    })
  }

  /** Lets them go on. */
  release(): void {
    this.#onOpen()
    this.#gate = Promise.resolve()
  }

  async open(owner: StorageOwner): Promise<StoredState> {
    this.calls.push('open')
    if (this.openFailure !== undefined) throw this.openFailure
    return this.#inner.open(owner)
  }

  async append(changes: readonly StorageChange[]): Promise<void> {
    this.batches.push(changes)
    this.inFlightMost = Math.max(this.inFlightMost, ++this.inFlight)
    try {
      await this.#gate
      if (this.failure !== undefined) throw this.failure
      await this.#inner.append(changes)
    } finally {
      this.inFlight--
    }
  }

  async close(): Promise<void> {
    this.calls.push('close')
    await this.#inner.close()
  }
}
