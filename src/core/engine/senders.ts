/**
 * Whose deltas are read: peers whose hello or digest has passed the checks, and peers I have asked. Anybody else's
 * deltas could be another cluster's.
 */

import type { PeerRef, SenderRef } from '../ports.ts'

/** Bounded sets of ids and of asked addresses; at the bound what was admitted longest ago goes. */
export class Senders {
  readonly #sizeMax: number
  readonly #ids = new Set<string>()
  /** A seed is asked by its address, before its id is known. */
  readonly #addresses = new Set<string>()

  /** @param sizeMax - ids and addresses kept, an integer >= 1 */
  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax
  }

  /** Whether deltas of this sender are read. */
  has(sender: SenderRef): boolean {
    return this.#ids.has(sender.id) || this.#addresses.has(JSON.stringify(sender.transport))
  }

  /** A sender that passed the checks. */
  admit(id: string): void {
    this.#add(this.#ids, id)
  }

  /** Somebody who is being asked. */
  admitAsked(peer: PeerRef): void {
    if (peer.id === undefined) this.#add(this.#addresses, JSON.stringify(peer.transport))
    else this.#add(this.#ids, peer.id)
  }

  #add(set: Set<string>, item: string): void {
    set.delete(item)
    set.add(item)
    if (set.size > this.#sizeMax) set.delete(set.values().next().value as string)
  }
}
