/**
 * Proofs that an address is where somebody receives: what was sent there and comes back. They are made from the address
 * and checked by making them again, so nothing is kept for a stranger.
 */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Endpoint } from './endpoint.ts'

/** Length of a cookie. */
export const COOKIE_BYTES = 16
/** A cookie is good for this long, and at most twice as long, ms. */
export const COOKIE_MS = 10_000

/** Makes cookies and knows its own again. */
export class Cookies {
  readonly #secret = randomBytes(32)

  /** The cookie for whoever receives at an endpoint, and dials under a token. */
  bake(endpoint: Endpoint, token: Buffer, nowMs: number): Buffer {
    return this.#cookie(endpoint, token, Math.floor(nowMs / COOKIE_MS))
  }

  /** Whether a cookie was made for them, not long ago. */
  isGood(cookie: Buffer, endpoint: Endpoint, token: Buffer, nowMs: number): boolean {
    const period = Math.floor(nowMs / COOKIE_MS)
    return [period, period - 1].some((each) => timingSafeEqual(this.#cookie(endpoint, token, each), cookie))
  }

  #cookie(endpoint: Endpoint, token: Buffer, period: number): Buffer {
    const mac = createHmac('sha256', this.#secret).update(token).update(`${period} ${endpoint.key}`).digest()
    return mac.subarray(0, COOKIE_BYTES)
  }
}
