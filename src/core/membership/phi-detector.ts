/**
 * The failure detector: phi accrual over the gaps between strict increases of a peer's heartbeat. It judges silences
 * it is given; whose silence, and what follows from the verdict, is not its affair.
 */

import { assert } from '../assert.ts'
import { ArrivalWindow, type Prior } from './arrival-window.ts'
import { exponentialPhi, normalPhi } from './phi.ts'

/** The part the engine asks about silences; another detector can take its place. */
export interface Detector {
  /** A fresh record of one peer's gaps. */
  createWindow(): ArrivalWindow
  /** Takes note of a gap between two heartbeats. */
  sample(window: ArrivalWindow, gapMs: number, pages: number): void
  /** Suspicion of a silence, >= 0. */
  phi(window: ArrivalWindow, silenceMs: number, pages: number): number
  /** The silence at which a peer is called dead, ms. */
  timeoutMs(window: ArrivalWindow, pages: number): number
  /** Mean gap that silences are judged against, ms. */
  meanGapMs(window: ArrivalWindow, pages: number): number
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

  constructor(options: PhiOptions) {
    this.#options = options
  }

  createWindow(): ArrivalWindow {
    return new ArrivalWindow(this.#options.samplingWindowSize)
  }

  /**
   * A gap beyond the threshold is sampled at the threshold. Dropping it would make a slow peer look regular and
   * convict it again and again; keeping it whole would blind the detector for as long as the window remembers.
   */
  sample(window: ArrivalWindow, gapMs: number, pages: number): void {
    const longestMs = Math.min(this.#options.maxIntervalMs * pages, this.timeoutMs(window, pages))
    window.add(Math.min(gapMs, longestMs))
  }

  phi(window: ArrivalWindow, silenceMs: number, pages: number): number {
    const prior = this.#prior(pages)
    if (this.#options.phiModel === 'exponential') return exponentialPhi(silenceMs, this.meanGapMs(window, pages))
    const mean = window.meanMs(prior) + NORMAL_PAUSE_GAPS * prior.gapMs
    return normalPhi(silenceMs, mean, Math.max(window.deviationMs(prior), NORMAL_DEVIATION_PART_MIN * prior.gapMs))
  }

  /** The closed form for the exponential model; for the normal one phi rises steadily, so halving finds it. */
  timeoutMs(window: ArrivalWindow, pages: number): number {
    const { deadPeerPhi } = this.#options
    if (this.#options.phiModel === 'exponential') return deadPeerPhi * Math.LN10 * this.meanGapMs(window, pages)
    let low = 0
    let high = this.#prior(pages).gapMs
    while (this.phi(window, high, pages) <= deadPeerPhi) high *= 2
    while (high - low > 0.5) {
      const middle = (low + high) / 2
      if (this.phi(window, middle, pages) > deadPeerPhi) high = middle
      else low = middle
    }
    return high
  }

  isConviction(phi: number): boolean {
    assert(!Number.isNaN(phi), 'phi is a number')
    return phi > this.#options.deadPeerPhi
  }

  meanGapMs(window: ArrivalWindow, pages: number): number {
    return window.meanMs(this.#prior(pages))
  }

  /** A paged digest mentions a peer every `pages` rounds only. */
  #prior(pages: number): Prior {
    return { gapMs: this.#options.initialIntervalMs * pages, weight: PRIOR_WEIGHT }
  }
}
