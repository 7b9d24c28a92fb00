/**
 * The failure detector: phi accrual over the gaps between strict increases of a peer's heartbeat. It judges silences
 * it is given; whose silence, and what follows from the verdict, is not its affair.
 */

import { assert } from '../assert.ts'
import { ArrivalWindows, type Prior } from './arrival-windows.ts'
import { exponentialPhi, normalPhi } from './phi.ts'

/** The part the engine asks about silences; another detector can take its place. */
export interface Detector {
  /** A fresh record of everybody's gaps, by row. */
  createWindows(): ArrivalWindows
  /** Takes note of a gap between two heartbeats. */
  sample(windows: ArrivalWindows, row: number, gapMs: number, pages: number): void
  /** Suspicion of a silence, >= 0. */
  phi(windows: ArrivalWindows, row: number, silenceMs: number, pages: number): number
  /** The silence at which a peer is called dead, ms. */
  timeoutMs(windows: ArrivalWindows, row: number, pages: number): number
  /** Mean gap that silences are judged against, ms. */
  meanGapMs(windows: ArrivalWindows, row: number, pages: number): number
  /** Whether this suspicion is a verdict. */
  isConviction(phi: number): boolean
}

/** Options of the phi detector, resolved. */
export interface PhiOptions {
  /** Suspicion at which a peer is called dead. */
  readonly deadPeerPhi: number
  readonly phiModel: 'exponential' | 'normal'
  readonly samplingWindowSize: number
  /** The prior's gap, ms. */
  readonly initialIntervalMs: number
  /** Longer gaps are sampled at this length, ms. */
  readonly maxIntervalMs: number
}

/** Samples the prior counts for. */
const PRIOR_WEIGHT = 5
/** The normal model tolerates this many prior gaps on top of the mean: a fit to few samples is too narrow a fit. */
const NORMAL_PAUSE_GAPS = 3
/** Deviations below this part of the prior's gap are taken for measuring error. */
const NORMAL_DEVIATION_PART_MIN = 0.25

/** Phi accrual with a weighted prior, exponential or normal. */
export class PhiDetector implements Detector {
  readonly #options: PhiOptions
  #pages = 1
  #prior: Prior

  constructor(options: PhiOptions) {
    this.#options = options
    this.#prior = { gapMs: options.initialIntervalMs, weight: PRIOR_WEIGHT }
  }

  createWindows(): ArrivalWindows {
    const { samplingWindowSize, phiModel } = this.#options
    return new ArrivalWindows(samplingWindowSize, phiModel === 'normal')
  }

  /**
   * A gap beyond the threshold is sampled at the threshold. Dropping it would make a slow peer look regular and
   * convict it again and again; keeping it whole would blind the detector for as long as the window remembers.
   */
  sample(windows: ArrivalWindows, row: number, gapMs: number, pages: number): void {
    const longestMs = Math.min(this.#options.maxIntervalMs * pages, this.timeoutMs(windows, row, pages))
    windows.add(row, Math.min(gapMs, longestMs))
  }

  phi(windows: ArrivalWindows, row: number, silenceMs: number, pages: number): number {
    const prior = this.#priorOf(pages)
    if (this.#options.phiModel === 'exponential') return exponentialPhi(silenceMs, windows.meanMs(row, prior))
    const mean = windows.meanMs(row, prior) + NORMAL_PAUSE_GAPS * prior.gapMs
    const deviation = Math.max(windows.deviationMs(row, prior), NORMAL_DEVIATION_PART_MIN * prior.gapMs)
    return normalPhi(silenceMs, mean, deviation)
  }

  /** The closed form for the exponential model. */
  timeoutMs(windows: ArrivalWindows, row: number, pages: number): number {
    const { deadPeerPhi, phiModel } = this.#options
    if (phiModel === 'normal') return this.#normalTimeoutMs(windows, row, pages)
    return deadPeerPhi * Math.LN10 * windows.meanMs(row, this.#priorOf(pages))
  }

  isConviction(phi: number): boolean {
    assert(!Number.isNaN(phi), 'phi is a number')
    return phi > this.#options.deadPeerPhi
  }

  meanGapMs(windows: ArrivalWindows, row: number, pages: number): number {
    return windows.meanMs(row, this.#priorOf(pages))
  }

  /** Phi rises steadily with the silence, so halving finds where it convicts. */
  #normalTimeoutMs(windows: ArrivalWindows, row: number, pages: number): number {
    const { deadPeerPhi } = this.#options
    let low = 0
    let high = this.#priorOf(pages).gapMs
    while (this.phi(windows, row, high, pages) <= deadPeerPhi) high *= 2
    while (high - low > 0.5) {
      const middle = (low + high) / 2
      if (this.phi(windows, row, middle, pages) > deadPeerPhi) high = middle
      else low = middle
    }
    return high
  }

  /** A paged digest mentions a peer every `pages` rounds only. */
  #priorOf(pages: number): Prior {
    if (pages !== this.#pages) {
      this.#pages = pages
      this.#prior = { gapMs: this.#options.initialIntervalMs * pages, weight: PRIOR_WEIGHT }
    }
    return this.#prior
  }
}
