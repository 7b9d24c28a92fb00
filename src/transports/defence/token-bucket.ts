/** A rate with a burst: tokens come in evenly up to a bound, and using more than there are is paid back by waiting. */

import { assert } from '../../core/index.ts'

/** One bucket. Every operation is O(1); time comes in as an argument. */
export class TokenBucket {
  readonly perSecond: number
  readonly burst: number
  #tokens: number
  #atMs: number

  /**
   * @param perSecond - tokens that come in each second, > 0
   * @param burst - most tokens that wait to be used, > 0
   */
  constructor(perSecond: number, burst: number, nowMs: number) {
    assert(perSecond > 0 && burst > 0)
    this.perSecond = perSecond
    this.burst = burst
    this.#tokens = burst
    this.#atMs = nowMs
  }

  /** Tokens there are, below zero after more was used. */
  tokens(nowMs: number): number {
    const gained = (Math.max(0, nowMs - this.#atMs) / 1_000) * this.perSecond
    return Math.min(this.burst, this.#tokens + gained)
  }

  /** Uses tokens, whether or not there are so many: what has arrived has arrived. */
  take(tokens: number, nowMs: number): void {
    this.#tokens = this.tokens(nowMs) - tokens
    this.#atMs = Math.max(this.#atMs, nowMs)
  }

  /** How long until it is not below zero, ms. */
  debtMs(nowMs: number): number {
    return Math.max(0, (-this.tokens(nowMs) / this.perSecond) * 1_000)
  }
}
