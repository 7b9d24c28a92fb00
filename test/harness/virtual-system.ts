/** Time, timers and chance for whole nodes, so that a test of the driver waits for nothing. */

import type { System } from '../../src/core/index.ts'
import { seededRandom } from './seeded-random.ts'

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/** A clock that only moves when told; the nodes of one test share it. */
export class VirtualSystem implements System {
  #now = 0
  #timers: Timer[] = []
  readonly #random: () => number

  constructor(seed: number = 1) {
    this.#random = seededRandom(seed)
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.length
  }

  now(): number {
    return this.#now
  }

  wallClockMs(): number {
    return 1_700_000_000_000 + this.#now
  }

  random(): number {
    return this.#random()
  }

  startTimer(callback: () => void, delayMs: number): () => void {
    const timer = { at: this.#now + delayMs, callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Lets time pass, with everything that falls due; messages and promises have their turn in between. */
  async run(ms: number): Promise<void> {
    const until = this.#now + ms
    await settle()
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#timers = this.#timers.filter((other) => other !== next)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
      await settle()
    }
    this.#now = until
  }

  #next(until: number): Timer | undefined {
    return this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
  }
}

/** Lets everything run that waits for nothing but its turn. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  await new Promise((resolve) => setImmediate(resolve))
}
