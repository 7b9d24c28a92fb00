/** Leaving somebody alone for a growing while who answers wrongly, and never for ever: partitions heal by dialling. */

/** Failures in a row that cost nothing. */
const FREE_FAILURES = 3
/** The first pause, ms; each further failure doubles it. */
const PAUSE_MS = 1_000
/** The longest pause, ms. */
const PAUSE_MS_MAX = 30_000

/** One address. Time comes in as an argument. */
export class Backoff {
  #failures = 0
  #untilMs = -Infinity

  /** It answered wrongly. */
  fail(nowMs: number): void {
    this.#failures++
    const further = this.#failures - FREE_FAILURES
    if (further > 0) this.#untilMs = nowMs + Math.min(PAUSE_MS_MAX, PAUSE_MS * 2 ** Math.min(further - 1, 20))
  }

  /** It answered rightly. */
  succeed(): void {
    this.#failures = 0
    this.#untilMs = -Infinity
  }

  /** Whether it is left alone now. */
  isWaiting(nowMs: number): boolean {
    return nowMs < this.#untilMs
  }
}
