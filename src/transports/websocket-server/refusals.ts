/** Reports of who was not let in: a flood of strangers becomes one event a second for each reason. */

import { TransportError } from '../../core/index.ts'

/** Why somebody was not let in. */
export type RefusalCode =
  | 'GOSSIP_CONNECTION_LIMIT'
  | 'GOSSIP_CODEC_UNSUPPORTED'
  | 'GOSSIP_ORIGIN_REFUSED'
  | 'GOSSIP_UPGRADE_MALFORMED'

interface Unreported {
  times: number
  nextMs: number
  problem: string
  peer: unknown
}

const PERIOD_MS = 1_000

/** Counts refusals by code. */
export class Refusals {
  readonly #now: () => number
  readonly #report: (error: TransportError) => void
  readonly #byCode = new Map<RefusalCode, Unreported>()
  #total = 0

  /** @param report - is given the first refusal of a kind at once, and then at most one error a second */
  constructor(now: () => number, report: (error: TransportError) => void) {
    this.#now = now
    this.#report = report
  }

  /** Refusals of all kinds so far. */
  get total(): number {
    return this.#total
  }

  /**
   * Somebody was refused.
   *
   * @param problem - in words, of the latest one
   * @param peer - the latest one
   */
  add(code: RefusalCode, problem: string, peer: unknown): void {
    this.#total++
    const unreported = this.#byCode.get(code) ?? { times: 0, nextMs: Number.NEGATIVE_INFINITY, problem, peer }
    this.#byCode.set(code, Object.assign(unreported, { times: unreported.times + 1, problem, peer }))
    this.poll()
  }

  /** Reports what is still unreported, if it is time to. Worth polling about once a second. */
  poll(): void {
    const nowMs = this.#now()
    for (const [code, unreported] of this.#byCode) {
      const { times, nextMs, problem, peer } = unreported
      if (times === 0 || nowMs < nextMs) continue
      Object.assign(unreported, { times: 0, nextMs: nowMs + PERIOD_MS })
      const text = times === 1 ? problem : `${problem}; ${times} times since the last report`
      this.#report(new TransportError(code, text, { peer, direction: 'inbound' }))
    }
  }
}
