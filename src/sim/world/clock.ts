/**
 * A machine's two clocks: a monotonic one that may run a little fast or slow and starts at 0 with every process, as
 * `performance.now()` does, and a wall clock that may be wrong and may jump.
 */

/** Where virtual time 0 lies on a right wall clock, ms since the Unix epoch. */
const EPOCH_MS = 1_700_000_000_000

/** Turns world time into the machine's, and back. */
export class MachineClock {
  /** How far the wall clock is ahead, ms. */
  wallErrorMs = 0
  readonly #rate: number
  #startedAt = 0

  /** @param drift - how much faster than the world it runs: 0.001 gains a ms in a second; > -1 */
  constructor(drift: number) {
    this.#rate = 1 + drift
  }

  /** A process starts: its clock begins at 0. */
  restart(worldNow: number): void {
    this.#startedAt = worldNow
  }

  /** The process's time at a moment of the world. */
  local(worldNow: number): number {
    return (worldNow - this.#startedAt) * this.#rate
  }

  /** The moment of the world at which the process's clock shows a time. */
  world(localTime: number): number {
    return this.#startedAt + localTime / this.#rate
  }

  /** What the machine believes the date is, ms since the Unix epoch. */
  wallClockMs(worldNow: number): number {
    return Math.max(0, Math.floor(EPOCH_MS + worldNow + this.wallErrorMs))
  }
}
