/**
 * Finds out from the first bytes of a connection whether it is for a session or for lines of gossip. What is kept until
 * that is known counts as the beginning of a line, which it may well be.
 */

import { type ByteBudget, GREETING_START } from '../transports/index.ts'

const START: Buffer = Buffer.from(GREETING_START)

/** The first bytes of one connection. */
export class SessionStart {
  readonly #budget: ByteBudget
  #head: Buffer = Buffer.alloc(0)

  /** @param budget - counts what is kept */
  constructor(budget: ByteBudget) {
    this.#budget = budget
  }

  /** Bytes that are kept. */
  get keptBytes(): number {
    return this.#head.length
  }

  /**
   * Takes the next bytes.
   *
   * @returns all that has arrived, and whether it begins a session; undefined while that is open
   */
  push(chunk: Buffer): { readonly head: Buffer; readonly isSession: boolean } | undefined {
    const head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk])
    const length = Math.min(head.length, START.length)
    const isSession = START.compare(head, 0, length, 0, length) === 0
    if (isSession && length < START.length) {
      this.#keep(head)
      return undefined
    }
    this.release()
    return { head, isSession }
  }

  /** Lets go of what was kept, and gives it back. */
  release(): Buffer {
    const head = this.#head
    this.#keep(Buffer.alloc(0))
    return head
  }

  #keep(head: Buffer): void {
    this.#budget.add(head.length)
    this.#budget.remove(this.#head.length)
    this.#head = head
  }
}
