/** Which numbers of a connection's packets have been seen: each passes once, and those too old to know never. */

import { assert } from '../../core/index.ts'

/** How far behind the highest number a packet may come. */
export const REPLAY_WINDOW_PACKETS = 1_024

const WORD_BITS = 32

/** A sliding bitmap. O(1), amortised. */
export class ReplayWindow {
  readonly #words = new Uint32Array(REPLAY_WINDOW_PACKETS / WORD_BITS)
  #highest = -1

  /**
   * Notes a number.
   *
   * @param counter - an integer in [0, 2^48), of a packet that is known to be genuine
   * @returns whether it is new
   */
  accept(counter: number): boolean {
    assert(Number.isSafeInteger(counter) && counter >= 0)
    if (counter <= this.#highest - REPLAY_WINDOW_PACKETS) return false
    if (counter > this.#highest) this.#slideTo(counter)
    else if (this.#has(counter)) return false
    this.#words[wordOf(counter)] = (this.#words[wordOf(counter)] as number) | bitOf(counter)
    return true
  }

  #slideTo(counter: number): void {
    const from = Math.max(this.#highest + 1, counter - REPLAY_WINDOW_PACKETS + 1)
    for (let each = from; each <= counter; each++) {
      this.#words[wordOf(each)] = (this.#words[wordOf(each)] as number) & ~bitOf(each)
    }
    this.#highest = counter
  }

  #has(counter: number): boolean {
    return ((this.#words[wordOf(counter)] as number) & bitOf(counter)) !== 0
  }
}

function wordOf(counter: number): number {
  return Math.floor((counter % REPLAY_WINDOW_PACKETS) / WORD_BITS)
}

function bitOf(counter: number): number {
  return 1 << (counter % WORD_BITS)
}
