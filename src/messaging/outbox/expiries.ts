/** Rings when the first of many letters is of no use any more. */

import type { System } from '../../core/index.ts'

/** Timers count in 31 bits. */
const TIMER_MS_MAX = 2 ** 30

/** One timer for all letters of an outbox. */
export class Expiries {
  readonly #system: Pick<System, 'now' | 'startTimer'>
  readonly #ring: () => void
  #at = Number.POSITIVE_INFINITY
  #cancel = (): void => {}

  /** @param ring - looks for what has expired, and says when the next one will */
  constructor(system: Pick<System, 'now' | 'startTimer'>, ring: () => void) {
    this.#system = system
    this.#ring = ring
  }

  /** There is something that expires at that time, in the system's time. */
  expect(at: number): void {
    if (at >= this.#at) return
    this.stop()
    this.#at = at
    const delayMs = Math.min(Math.max(0, Math.ceil(at - this.#system.now())), TIMER_MS_MAX)
    this.#cancel = this.#system.startTimer(() => {
      this.#at = Number.POSITIVE_INFINITY
      this.#ring()
    }, delayMs)
  }

  /** Does not ring any more, until something is expected again. */
  stop(): void {
    this.#cancel()
    this.#at = Number.POSITIVE_INFINITY
  }
}
