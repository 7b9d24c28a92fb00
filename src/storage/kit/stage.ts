/** What a case plays on: a place of its own, storages over it, and words for what it expects. */

import {
  deepEqual,
  GossipError,
  type JsonValue,
  type Storage,
  type StorageChange,
  type StorageOwner,
  type StoredState,
} from '../../core/index.ts'
import type { StorageFixture, StoragePlace } from './fixture.ts'
import { StorageCaseError } from './storage-case-error.ts'

/** Who the state of a case belongs to, unless it is about just that. */
export const OWNER: StorageOwner = { clusterId: 'kit', id: 'owner' }

/** One case's place. Everything opened here is closed at its end. */
export class Stage {
  readonly #place: StoragePlace
  readonly #opened: Storage[] = []

  private constructor(place: StoragePlace) {
    this.#place = place
  }

  /** Plays a case, and clears up after it, however it ends. */
  static async play(fixture: StorageFixture, play: (stage: Stage) => Promise<void>): Promise<void> {
    const place = await fixture.createPlace()
    const stage = new Stage(place)
    try {
      await play(stage)
    } finally {
      for (const storage of stage.#opened) await storage.close()
      await place.remove?.()
    }
  }

  /** Another storage over the place, not open yet. */
  async storage(): Promise<Storage> {
    const storage = await this.#place.storage()
    this.#opened.push(storage)
    return storage
  }

  /** Another storage, open. */
  async open(): Promise<Storage> {
    const storage = await this.storage()
    await storage.open(OWNER)
    return storage
  }

  /** What a process finds that starts after all this one's storages were closed. */
  async reopened(): Promise<StoredState> {
    for (const storage of this.#opened) await storage.close()
    const storage = await this.storage()
    const state = await storage.open(OWNER)
    await storage.close()
    return state
  }

  /** Appends to a new storage, batch by batch, and says what is found afterwards. */
  async kept(...batches: readonly (readonly StorageChange[])[]): Promise<StoredState> {
    const storage = await this.open()
    for (const batch of batches) await storage.append(batch)
    return this.reopened()
  }

  /** Holds what was found to what had to be kept, in any order. */
  expectState(state: StoredState, expected: StoredState): void {
    if (state.generation !== expected.generation) {
      throw new StorageCaseError(`the generation ${expected.generation}`, `it was ${state.generation}`)
    }
    expectSame('entries', byName(state.entries, 'key'), byName(expected.entries, 'key'))
    expectSame('peers', byName(state.peers, 'id'), byName(expected.peers, 'id'))
  }

  /** Holds a call to failing with a code. */
  async expectCode(code: string, what: string, work: () => Promise<unknown>): Promise<void> {
    const expected = `${what} to be rejected with ${code}`
    let result: Promise<unknown>
    try {
      result = work()
    } catch (error) {
      throw new StorageCaseError(expected, 'the call itself threw', error)
    }
    const error = await result.then(
      () => undefined,
      (reason: unknown) => ({ reason }),
    )
    if (error === undefined) throw new StorageCaseError(expected, 'it succeeded')
    const { reason } = error
    if (reason instanceof GossipError && reason.code === code) return
    throw new StorageCaseError(expected, `it was rejected with ${String(reason)}`, reason)
  }
}

function byName<T extends object>(items: readonly T[], field: keyof T): readonly T[] {
  return [...items].sort((a, b) => (String(a[field]) < String(b[field]) ? -1 : 1))
}

function expectSame(what: string, actual: readonly object[], expected: readonly object[]): void {
  // Compared as JSON values: a lease left out is the same as none.
  const [a, b] = [actual, expected].map((list) => JSON.parse(JSON.stringify(list)) as JsonValue)
  if (deepEqual(a as JsonValue, b as JsonValue)) return
  throw new StorageCaseError(`the ${what} ${short(b)}`, `they were ${short(a)}`)
}

function short(value: JsonValue | undefined): string {
  const text = JSON.stringify(value)
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}
