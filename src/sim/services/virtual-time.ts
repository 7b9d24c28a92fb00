/**
 * Time that passes only when told, for nodes whose promises need turns of the event loop: between two things that fall
 * due everything runs that waits for nothing but its turn, so that equal runs are equal to the last microtask.
 */

import type { System } from '../../core/index.ts'
import { EventQueue } from '../world/index.ts'

/** Any origin will do; generations follow it. */
const WALL_CLOCK_ORIGIN_MS = 1_700_000_000_000

/** One clock for a whole cluster. */
export class VirtualTime {
  readonly #queue = new EventQueue()
  #now = 0

  /** Since the beginning, ms. */
  get now(): number {
    return this.#now
  }

  /** Calls back after a time; the returned function cancels. */
  startTimer(callback: () => void, delayMs: number): () => void {
    let isWanted = true
    this.#queue.add(this.#now + Math.max(0, delayMs), () => {
      if (isWanted) callback()
    })
    return () => {
      isWanted = false
    }
  }

  /** Lets time pass, with everything that falls due. */
  async run(ms: number): Promise<void> {
    const until = this.#now + ms
    await turn()
    while (this.#queue.nextAt <= until) {
      this.#now = Math.max(this.#now, this.#queue.nextAt)
      this.#queue.poll()?.()
      await turn()
    }
    this.#now = until
  }
}

/** Time, timers and chance of one node. While it is paused its timers wait, as those of a stopped process do. */
export class NodeTime implements System {
  readonly #time: VirtualTime
  readonly #random: () => number
  #pausedUntil = 0

  constructor(time: VirtualTime, random: () => number) {
    this.#time = time
    this.#random = random
  }

  /** When it goes on, by the clock of the cluster, ms; a time that has passed when it is not paused. */
  get pausedUntil(): number {
    return this.#pausedUntil
  }

  /** It does nothing for a time. */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#time.now + ms)
  }

  /** It goes on at once. */
  resume(): void {
    this.#pausedUntil = 0
  }

  now(): number {
    return this.#time.now
  }

  wallClockMs(): number {
    return WALL_CLOCK_ORIGIN_MS + this.#time.now
  }

  random(): number {
    return this.#random()
  }

  startTimer(callback: () => void, delayMs: number): () => void {
    let cancel = (): void => {}
    const due = (): void => {
      const restMs = this.#pausedUntil - this.#time.now
      if (restMs > 0) cancel = this.#time.startTimer(due, restMs)
      else callback()
    }
    cancel = this.#time.startTimer(due, delayMs)
    return () => cancel()
  }
}

/** Microtasks and whatever they begin have come to rest when this resolves. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
