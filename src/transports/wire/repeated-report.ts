/** Reports of trouble that comes in floods: the first at once, the rest as one count a second. */

const PERIOD_MS = 1_000

/** Limits the reports of one kind of trouble. */
export class RepeatedReport {
  readonly #now: () => number
  readonly #report: (times: number) => void
  #unreported = 0
  #nextMs = -Infinity

  /** @param report - called with how often it happened since the last report, this time included */
  constructor(now: () => number, report: (times: number) => void) {
    this.#now = now
    this.#report = report
  }

  /** Whether something happened that was not reported yet. */
  get isPending(): boolean {
    return this.#unreported > 0
  }

  /** It happened. */
  add(): void {
    this.#unreported++
    this.poll()
  }

  /** Reports what is still unreported, if it is time to. Worth polling about once a second. */
  poll(): void {
    const nowMs = this.#now()
    if (this.#unreported === 0 || nowMs < this.#nextMs) return
    const times = this.#unreported
    this.#unreported = 0
    this.#nextMs = nowMs + PERIOD_MS
    this.#report(times)
  }
}
