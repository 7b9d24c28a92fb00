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

/** Bounded; at the bound the oldest record goes. */
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
    if (this.#records.size > this.#sizeMax) this.#records.delete(this.#records.keys().next().value as string)
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
}
