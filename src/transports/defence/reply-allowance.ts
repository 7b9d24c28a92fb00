/**
 * Messages name the address that replies go to, so whoever sends one can point this node at somebody else. Until an
 * address has shown that the named peer is there, what is sent to it stays within a multiple of what came in its name.
 */

import { assert } from '../../core/index.ts'

/** Bounds of an allowance. */
export interface ReplyLimits {
  /** Bytes sent for each byte that came in, at most, >= 1. */
  readonly replyFactorMax: number
  /** Peers of each kind that are remembered, proven and unproven; the one named longest ago is forgotten. */
  readonly unprovenPeersMax: number
}

/** Credit does not grow without end: enough for one longest message. */
const CREDIT_BYTES_MAX = 8 * 2 ** 20

/**
 * What may be sent to peers that only somebody's message named. A key is an address and an id: another id at a proven
 * address is as unproven as any. Every operation is O(1).
 */
export class ReplyAllowance {
  readonly #limits: ReplyLimits
  /** Bytes that may still be sent. */
  readonly #credits = new Map<string, number>()
  /** Peers that answered where they say they are, or that this node turned to first. */
  readonly #free = new Set<string>()

  /** @param limits - see {@link ReplyLimits} */
  constructor(limits: ReplyLimits) {
    assert(limits.replyFactorMax >= 1 && limits.unprovenPeersMax >= 1)
    this.#limits = limits
  }

  /** Peers that are held to what came in their name. */
  get unproven(): number {
    return this.#credits.size
  }

  /** Bytes came in a peer's name. */
  received(key: string, bytes: number): void {
    if (this.#free.has(key)) return
    const credit = (this.#credits.get(key) ?? 0) + bytes * this.#limits.replyFactorMax
    this.#credits.delete(key)
    this.#credits.set(key, Math.min(credit, CREDIT_BYTES_MAX))
    dropOldest(this.#credits, this.#limits.unprovenPeersMax)
  }

  /** Whether as much as one likes may be sent: nobody but this node itself named the peer, or it has proven itself. */
  isFree(key: string): boolean {
    return !this.#credits.has(key)
  }

  /** Whether so many bytes may be sent. */
  affords(key: string, bytes: number): boolean {
    return bytes <= (this.#credits.get(key) ?? Number.POSITIVE_INFINITY)
  }

  /** Notes that bytes are sent. To somebody who is not known, it is this node that turns to him first. */
  spend(key: string, bytes: number): void {
    const credit = this.#credits.get(key)
    if (credit === undefined) this.#setFree(key)
    else this.#credits.set(key, credit - bytes)
  }

  /** The peer answered at its address. */
  prove(key: string): void {
    this.#credits.delete(key)
    this.#setFree(key)
  }

  #setFree(key: string): void {
    if (this.#free.has(key)) return
    this.#free.add(key)
    dropOldest(this.#free, this.#limits.unprovenPeersMax)
  }
}

function dropOldest(table: Map<string, unknown> | Set<string>, sizeMax: number): void {
  if (table.size > sizeMax) table.delete(table.keys().next().value as string)
}
