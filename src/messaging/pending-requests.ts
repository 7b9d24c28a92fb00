/** Requests of this side that wait for answers on one session. Their numbers rise and are never used again. */

import { MessagingError } from './errors.ts'
import { REQUEST_ID_MAX } from './message.ts'
import type { Payload } from './payload.ts'

/** How a request ends. */
export interface Settling {
  readonly resolve: (result: Payload) => void
  readonly reject: (error: Error) => void
}

/** A bounded table. An answer finds the one request it was made for, or nobody. */
export class PendingRequests {
  readonly #max: number
  readonly #peer: string
  readonly #waiting = new Map<number, Settling>()
  #lastId = 0

  /** @param facts - `max`: requests that may wait; `peer`: whom they are made to */
  constructor(facts: { readonly max: number; readonly peer: string }) {
    this.#max = facts.max
    this.#peer = facts.peer
  }

  /** Requests that wait. */
  get size(): number {
    return this.#waiting.size
  }

  /**
   * Takes a request in.
   *
   * @returns its number
   * @throws {MessagingError} `GOSSIP_REQUEST_LIMIT`
   */
  add(settling: Settling): number {
    if (this.#waiting.size >= this.#max || this.#lastId >= REQUEST_ID_MAX) {
      const problem = `${this.#waiting.size} requests to ${this.#peer} wait for answers already`
      throw new MessagingError('GOSSIP_REQUEST_LIMIT', problem, { peer: this.#peer })
    }
    this.#lastId++
    this.#waiting.set(this.#lastId, settling)
    return this.#lastId
  }

  /** Whether a request ever had this number. */
  knows(id: number): boolean {
    return id >= 1 && id <= this.#lastId
  }

  /** Takes a request out; undefined when it was answered or given up. */
  take(id: number): Settling | undefined {
    const settling = this.#waiting.get(id)
    this.#waiting.delete(id)
    return settling
  }

  /** No answer will come. */
  failAll(error: Error): void {
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(error)
  }
}
