/** How much of one sender is read: messages and bytes a second with a burst each, and since when it has sent more. */

import type { ShareUse } from './fair-share.ts'
import { TokenBucket } from './token-bucket.ts'

/** What a sender may send. */
export interface ReadingRates {
  readonly messagesPerSecondMax: number
  readonly bytesPerSecondMax: number
  /** Longest message: a burst always has room for it. */
  readonly frameBytesMax: number
}

/** What was read at once. */
export interface Reading {
  readonly messages: number
  readonly bytes: number
}

/** Seconds that a burst is worth. */
const BURST_SECONDS = 5

/** The account of one sender, or of several that cannot be told apart. Time comes in as an argument. O(1). */
export class ReadingAccount {
  /** For {@link FairShare}. */
  readonly use: ShareUse = { window: -1, spentMs: 0 }
  /** Not to be read before this time, ms. */
  waitsUntilMs = 0
  readonly #messages: TokenBucket
  readonly #bytes: TokenBucket
  #excessSinceMs: number | undefined

  constructor(rates: ReadingRates, nowMs: number) {
    const { messagesPerSecondMax, bytesPerSecondMax, frameBytesMax } = rates
    this.#messages = new TokenBucket(messagesPerSecondMax, messagesPerSecondMax * BURST_SECONDS, nowMs)
    this.#bytes = new TokenBucket(bytesPerSecondMax, Math.max(bytesPerSecondMax * BURST_SECONDS, frameBytesMax), nowMs)
  }

  /** Notes what was read, and how long to wait where that was more than the rates allow. */
  read({ messages, bytes }: Reading, nowMs: number): void {
    if (this.#hasRested(nowMs)) this.#excessSinceMs = undefined
    this.#messages.take(messages, nowMs)
    this.#bytes.take(bytes, nowMs)
    const debtMs = Math.max(this.#messages.debtMs(nowMs), this.#bytes.debtMs(nowMs))
    if (debtMs === 0) return
    this.#excessSinceMs ??= nowMs
    this.waitUntil(nowMs + debtMs)
  }

  /** Lets it wait at least until then. */
  waitUntil(untilMs: number): void {
    this.waitsUntilMs = Math.max(this.waitsUntilMs, untilMs)
  }

  /** How long it has sent as much as is read, without a rest in which half a burst came back, ms. */
  excessMs(nowMs: number): number {
    return this.#excessSinceMs === undefined ? 0 : nowMs - this.#excessSinceMs
  }

  /** Whether it owes nothing, so that a new account would be the same. */
  isUnused(nowMs: number): boolean {
    const isFull =
      this.#messages.tokens(nowMs) === this.#messages.burst && this.#bytes.tokens(nowMs) === this.#bytes.burst
    return isFull && this.waitsUntilMs <= nowMs
  }

  #hasRested(nowMs: number): boolean {
    return [this.#messages, this.#bytes].every((bucket) => bucket.tokens(nowMs) >= bucket.burst / 2)
  }
}
