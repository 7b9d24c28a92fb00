/**
 * Records of peers that were retired, so that old news cannot bring them back. A record travels in digests in place
 * of the peer's entry, expires one grace after retirement, and yields only to a newer (generation, heartbeat).
 */

import { stringBytes } from '../json/index.ts'

/** A peer that was retired: news of it at or below this (generation, heartbeat) is ignored. */
export interface Removal {
  readonly id: string
  readonly generation: number
  readonly heartbeat: number
  /** When it was retired, in engine time; may lie before this node's start. */
  readonly retiredAt: number
  /** Bytes its id takes as JSON. */
  readonly idBytes: number
}

/** How much of a full table makes room for new records. */
const DROPPED_PART = 1 / 16

/** Bounded; at the bound the records of those who were retired first go. */
export class Removals {
  readonly #sizeMax: number
  #records = new Map<string, Removal>()

  /** @param sizeMax - records kept, an integer >= 1 */
  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax
  }

  get size(): number {
    return this.#records.size
  }

  get(id: string): Removal | undefined {
    return this.#records.get(id)
  }

  /** Whether news of this (generation, heartbeat) is about a life that was retired. */
  forbids(id: string, generation: number, heartbeat: number): boolean {
    const record = this.#records.get(id)
    if (record === undefined) return false
    return generation < record.generation || (generation === record.generation && heartbeat <= record.heartbeat)
  }

  /** Keeps a record unless a newer one is there. Of two equal ones the older stays: it expires at the same time everywhere. */
  add(record: Omit<Removal, 'idBytes'>): boolean {
    const present = this.#records.get(record.id)
    const isSame = present?.generation === record.generation && present.heartbeat === record.heartbeat
    if (isSame ? present.retiredAt <= record.retiredAt : this.forbids(record.id, record.generation, record.heartbeat)) {
      return false
    }
    this.#records.delete(record.id)
    this.#records.set(record.id, { ...record, idBytes: stringBytes(record.id) })
    if (this.#records.size > this.#sizeMax) this.#dropOldest()
    return true
  }

  delete(id: string): void {
    this.#records.delete(id)
  }

  /** Drops what was retired before a time; returns the ids. O(records). */
  expire(retiredBefore: number): readonly string[] {
    const expired = [...this.#records.values()].filter((record) => record.retiredAt < retiredBefore)
    for (const record of expired) this.#records.delete(record.id)
    return expired.map((record) => record.id)
  }

  /** A part of them at once, so that a full table does not cost a search for every record that comes. */
  #dropOldest(): void {
    const oldestFirst = [...this.#records.values()].sort((a, b) => a.retiredAt - b.retiredAt)
    const count = Math.max(oldestFirst.length - this.#sizeMax, Math.floor(this.#sizeMax * DROPPED_PART))
    for (const record of oldestFirst.slice(0, count)) this.#records.delete(record.id)
  }
}
