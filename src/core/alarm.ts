/** The one timer of a node, armed at the engine's next deadline. */

import type { System } from './system.ts'

/** Timers count in 31 bits. */
const TIMER_MS_MAX = 2 ** 30

/** Rings at a time in engine time, or somewhat later; a deadline that is further off than timers reach rings early. */
export class Alarm {
  readonly #system: System
  readonly #ring: () => void
  #cancel: (() => void) | undefined
  #at = Number.POSITIVE_INFINITY

  constructor(system: System, ring: () => void) {
    this.#system = system
    this.#ring = ring
  }

  /** Rings at this time instead of any other; never at Infinity. */
  set(at: number): void {
    if (at === this.#at) return
    this.cancel()
    this.#at = at
    if (at === Number.POSITIVE_INFINITY) return
    const delayMs = Math.min(Math.max(0, Math.ceil(at - this.#system.now())), TIMER_MS_MAX)
    this.#cancel = this.#system.startTimer(() => {
      this.#at = Number.NaN
      this.#ring()
    }, delayMs)
  }

  /** Does not ring any more. */
  cancel(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}
