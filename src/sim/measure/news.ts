/** How news spreads: from the moment something happens until a part of those who should hear of it have heard. */

/** One piece of news, and who has yet to hear it. */
export class News {
  readonly since: number
  readonly #waiting: Set<string>
  /** Times from `since` at which one more had heard, ascending, ms. */
  readonly #heardAfter: number[] = []

  /** @param expected - names of those who should hear; the source itself is not among them */
  constructor(since: number, expected: Iterable<string>) {
    this.since = since
    this.#waiting = new Set(expected)
  }

  /** Whether everybody who still can has heard. */
  get isEverywhere(): boolean {
    return this.#waiting.size === 0
  }

  /** Who has yet to hear. */
  get waiting(): ReadonlySet<string> {
    return this.#waiting
  }

  hear(name: string, at: number): void {
    if (this.#waiting.delete(name)) this.#heardAfter.push(at - this.since)
  }

  /** Somebody will never hear, and is not counted any more. Whoever has heard already stays counted. */
  giveUp(name: string): void {
    this.#waiting.delete(name)
  }

  /**
   * Time until a part of those who count had heard, ms; undefined when it has not come to that, or nobody counts.
   *
   * @param part - in (0, 1]
   */
  msUntil(part: number): number | undefined {
    const expected = this.#heardAfter.length + this.#waiting.size
    return this.#heardAfter[Math.ceil(part * expected) - 1]
  }
}
