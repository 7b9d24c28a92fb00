/**
 * The last gaps between heartbeats of one peer: what its silence is judged against. A prior of a few pretended gaps
 * keeps the first samples from ruling alone.
 */

import { assert } from '../assert.ts'

/** Pretended samples that every mean starts from. */
export interface Prior {
  /** The pretended gap, ms. */
  readonly gapMs: number
  /** How many samples it counts for. */
  readonly weight: number
}

/** A ring of the last gaps with their sum and sum of squares. Adding is O(1), amortised. */
export class ArrivalWindow {
  readonly #sizeMax: number
  #gaps: number[] = []
  #next = 0
  #sum = 0
  #squares = 0

  /** @param sizeMax - gaps kept, an integer >= 1 */
  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax
  }

  /** Gaps it holds. */
  get size(): number {
    return this.#gaps.length
  }

  /** Adds a gap and forgets the oldest one beyond the limit. */
  add(gapMs: number): void {
    assert(gapMs >= 0 && Number.isFinite(gapMs), 'a gap is a finite time')
    const forgotten = this.#gaps[this.#next] ?? 0
    this.#gaps[this.#next] = gapMs
    this.#next = (this.#next + 1) % this.#sizeMax
    this.#sum += gapMs - forgotten
    this.#squares += gapMs * gapMs - forgotten * forgotten
    if (this.#next === 0) this.#recount()
  }

  /** Mean gap with the prior, ms. */
  meanMs(prior: Prior): number {
    return (this.#sum + prior.gapMs * prior.weight) / (this.#gaps.length + prior.weight)
  }

  /** Standard deviation with the prior, whose own deviation is a quarter of its gap, ms. */
  deviationMs(prior: Prior): number {
    const mean = this.meanMs(prior)
    const priorSquare = prior.gapMs * prior.gapMs * (1 + 1 / 16)
    const square = (this.#squares + priorSquare * prior.weight) / (this.#gaps.length + prior.weight)
    return Math.sqrt(Math.max(0, square - mean * mean))
  }

  /** Running sums drift in floating point; once a turn of the ring they are added up anew. */
  #recount(): void {
    this.#sum = 0
    this.#squares = 0
    for (const gap of this.#gaps) {
      this.#sum += gap
      this.#squares += gap * gap
    }
  }
}
