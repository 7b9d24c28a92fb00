/** Everybody this node knows, living or retired, by id and in the order of ids. */

import { type Peer, Removals, SortedIds } from '../membership/index.ts'

/** Peers and removal records; an id is one or the other. */
export class Roster {
  readonly removals: Removals
  readonly #peers = new Map<string, Peer>()
  readonly #ids = new SortedIds()

  constructor(removalsMax: number) {
    this.removals = new Removals(removalsMax)
  }

  /** Peers known, retired ones not counted. */
  get size(): number {
    return this.#peers.size
  }

  /** Ids of peers and removal records, ascending: what a digest lists. */
  get ids(): readonly string[] {
    return this.#ids.all
  }

  get(id: string): Peer | undefined {
    return this.#peers.get(id)
  }

  peers(): IterableIterator<Peer> {
    return this.#peers.values()
  }

  /** Index in `ids` of the first id that is not below the given one. */
  firstFrom(id: string): number {
    return this.#ids.firstFrom(id)
  }

  /** Takes a peer in; a removal record of its id is overcome. */
  add(peer: Peer): void {
    this.removals.delete(peer.id)
    this.#peers.set(peer.id, peer)
    this.#ids.add(peer.id)
  }

  /** Puts a removal record in a peer's place. False when a newer record is there already. */
  retire(record: { id: string; generation: number; heartbeat: number; retiredAt: number }): boolean {
    const isKept = this.removals.add(record)
    if (!isKept) return false
    this.#peers.delete(record.id)
    this.#ids.add(record.id)
    this.#dropForgotten()
    return true
  }

  /** Forgets records of peers retired before a time. */
  expireRemovals(retiredBefore: number): void {
    for (const id of this.removals.expire(retiredBefore)) this.#ids.delete(id)
  }

  /** The bounded table may have dropped its oldest record to make room. */
  #dropForgotten(): void {
    if (this.#ids.size <= this.#peers.size + this.removals.size) return
    for (const id of [...this.#ids.all]) {
      if (!this.#peers.has(id) && this.removals.get(id) === undefined) this.#ids.delete(id)
    }
  }
}
