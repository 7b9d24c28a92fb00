/**
 * Counts how often this node had to take its own id back from news of a higher generation. Old news of a former life
 * is overtaken once or twice; news that keeps coming back higher is a second process with the same id.
 */

/** Takeovers allowed within the window. */
const ALLOWED = 3

/** Times of recent takeovers; at most as many as are allowed. */
export class Takeovers {
  readonly #windowMs: number
  #times: number[] = []

  /** @param windowMs - how long a takeover counts, ms */
  constructor(windowMs: number) {
    this.#windowMs = windowMs
  }

  /** Takes note of one more; false when it is one too many and must not happen. */
  allow(now: number): boolean {
    this.#times = this.#times.filter((time) => now - time < this.#windowMs)
    if (this.#times.length >= ALLOWED) return false
    this.#times.push(now)
    return true
  }
}
