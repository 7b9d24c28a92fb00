/**
 * Time during which this process really ran. A process that was stopped, or whose event loop was blocked, heard
 * nobody and must hold that against nobody: what it slept through is taken off every silence.
 */

/** Active time: engine time less all stalls. */
export class StallClock {
  #stalledMs = 0
  #accountedUntil = Number.NEGATIVE_INFINITY

  /** All time this process did not run, ms. */
  get stalledMs(): number {
    return this.#stalledMs
  }

  /** Engine time as time that was really lived, ms. */
  activeAt(now: number): number {
    return now - this.#stalledMs
  }

  /**
   * Looks at an input's time: whatever lies beyond the moment the engine had asked to be woken is a stall.
   *
   * @param deadline - when the engine wanted to run next
   * @returns the length of the stall this input reveals, ms, 0 as a rule
   */
  observe(now: number, deadline: number): number {
    const lateMs = Math.max(0, now - Math.max(deadline, this.#accountedUntil))
    this.#stalledMs += lateMs
    this.#accountedUntil = Math.max(this.#accountedUntil, now)
    return lateMs
  }
}
