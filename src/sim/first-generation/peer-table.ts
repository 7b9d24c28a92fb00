/**
 * The peers a first-generation node knows, itself left out. It stands for `gossipmonger-memory-storage` 0.1.0, which
 * keeps them in plain objects: ids that look like integers come first, a peer that changes between live and dead goes to the end of
 * its list, and a name that every object inherits is found without ever having been put.
 */

import type { PeerRecord } from './peer-record.ts'

/** Records by id, live and dead ones apart. */
export class PeerTable {
  readonly #all: Record<string, PeerRecord> = {}
  readonly #live: Record<string, PeerRecord> = {}
  readonly #dead: Record<string, PeerRecord> = {}

  /** What the package finds under an id, which for `constructor` and its like is no record at all. */
  get(id: string): PeerRecord | undefined {
    return this.#all[id]
  }

  /** The record that was put under an id. */
  heldAs(id: string): PeerRecord | undefined {
    return Object.hasOwn(this.#all, id) ? this.#all[id] : undefined
  }

  /** Keeps a record, in the list its `live` says. */
  put(record: PeerRecord): void {
    const { id } = record
    const [into, outOf] = record.live ? [this.#live, this.#dead] : [this.#dead, this.#live]
    this.#all[id] = record
    into[id] = record
    delete outOf[id]
  }

  /** All of them, in the order of their ids in the object that holds them. */
  all(): readonly (readonly [id: string, record: PeerRecord])[] {
    return Object.entries(this.#all)
  }

  live(): readonly PeerRecord[] {
    return Object.values(this.#live)
  }

  dead(): readonly PeerRecord[] {
    return Object.values(this.#dead)
  }
}
