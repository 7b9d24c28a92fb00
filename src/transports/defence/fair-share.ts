/**
 * Reading may take half of this process's time. While it takes more, whoever took more than his share of that half
 * waits until time has paid for it; everybody else is read as before. So it is no use to have a high rate, many
 * connections or long messages: they slow only their sender.
 */

import { TokenBucket } from './token-bucket.ts'

/** What one sender used, in the window it last used any. */
export interface ShareUse {
  window: number
  spentMs: number
}

/** How long a window is, ms. */
const WINDOW_MS = 100
/** Reading time of all senders in one window, ms. */
const WINDOW_BUDGET_MS = 50
/** Longest a sender is made to wait at once, ms. */
const WAIT_MS_MAX = 5_000

/** Divides the reading time of one process among senders. Time comes in as an argument. O(1). */
export class FairShare {
  #window = -1
  #senders = 0
  /** Milliseconds of reading. */
  #budget: TokenBucket | undefined

  /**
   * Notes that reading a sender took time.
   *
   * @param use - the sender's, changed in place
   * @param spentMs - how long it took, ms
   * @returns how long not to read this sender, ms, 0 to 5,000
   */
  spend(use: ShareUse, spentMs: number, nowMs: number): number {
    const window = Math.floor(nowMs / WINDOW_MS)
    if (window !== this.#window) {
      this.#window = window
      this.#senders = 0
    }
    if (use.window !== window) {
      use.window = window
      use.spentMs = 0
      this.#senders++
    }
    use.spentMs += spentMs
    this.#budget ??= new TokenBucket((WINDOW_BUDGET_MS / WINDOW_MS) * 1_000, WINDOW_BUDGET_MS, nowMs)
    this.#budget.take(spentMs, nowMs)
    const debtMs = this.#budget.debtMs(nowMs)
    // Somebody who is alone slows nobody.
    if (this.#senders === 1 || debtMs === 0) return 0
    const shareMs = WINDOW_BUDGET_MS / this.#senders
    if (use.spentMs <= shareMs) return 0
    const paidMs = (window + use.spentMs / shareMs) * WINDOW_MS
    return Math.min(WAIT_MS_MAX, Math.max(debtMs, paidMs - nowMs))
  }
}
