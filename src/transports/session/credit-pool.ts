/**
 * What all channels of a session may have under way or unread. Credit cannot be taken back once it was given, so an idle
 * channel may keep what it has: every channel has a share of its own that nobody else can use up, and the rest is lent.
 */

import { assert } from '../../core/index.ts'
import type { ResolvedSessionOptions } from './options.ts'

/** Lends credit to channels. */
export class CreditPool {
  /** What every channel has without asking, bytes. */
  readonly shareBytes: number
  /** What a channel has at most, bytes. */
  readonly windowBytes: number
  #leftBytes: number

  constructor({ windowBytes, unreadBytesMax, channelsMax }: ResolvedSessionOptions) {
    // Both sides open channels, and half of the whole is shared out in advance.
    this.shareBytes = Math.min(windowBytes, Math.floor(unreadBytesMax / (4 * channelsMax)))
    this.windowBytes = windowBytes
    this.#leftBytes = unreadBytesMax - 2 * channelsMax * this.shareBytes
  }

  /** Bytes that are not lent. */
  get leftBytes(): number {
    return this.#leftBytes
  }

  /** @returns what could be lent, 0 to `bytes` */
  borrow(bytes: number): number {
    const lent = Math.min(bytes, this.#leftBytes)
    this.#leftBytes -= lent
    return lent
  }

  /** Takes back what was lent. */
  giveBack(bytes: number): void {
    assert(bytes >= 0)
    this.#leftBytes += bytes
  }
}
