/** When to say again what was not answered: soon at first, then at twice the distance each time. */

const FIRST_MS = 100
const LONGEST_MS = 1_600

/** The times of one thing that is said again and again. */
export class Retries {
  readonly #startedMs: number
  #distanceMs = FIRST_MS
  #nextMs: number

  /** @param nowMs - when it was said first */
  constructor(nowMs: number) {
    this.#startedMs = nowMs
    this.#nextMs = nowMs + FIRST_MS
  }

  /** Since it was said first. */
  ageMs(nowMs: number): number {
    return nowMs - this.#startedMs
  }

  /** Whether it is time to say it again; if so, the next time is further away. */
  isDue(nowMs: number): boolean {
    if (nowMs < this.#nextMs) return false
    this.#distanceMs = Math.min(LONGEST_MS, this.#distanceMs * 2)
    this.#nextMs = nowMs + this.#distanceMs
    return true
  }
}
