/** Reports of who was not let in: a flood of strangers becomes one event a second for each reason. */

import { TransportError } from '../../core/index.ts'
import { RepeatedReport } from '../wire/index.ts'

/** Why somebody was not let in. */
export type RefusalCode =
  | 'GOSSIP_CONNECTION_LIMIT'
  | 'GOSSIP_CODEC_UNSUPPORTED'
  | 'GOSSIP_ORIGIN_REFUSED'
  | 'GOSSIP_UPGRADE_MALFORMED'

/** The latest of its kind. */
interface Latest {
  problem: string
  peer: unknown
  readonly report: RepeatedReport
}

/** Counts refusals by code. */
export class Refusals {
  readonly #now: () => number
  readonly #report: (error: TransportError) => void
  readonly #latest = new Map<RefusalCode, Latest>()
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
    const latest = this.#latest.get(code) ?? this.#newLatest(code)
    Object.assign(latest, { problem, peer })
    latest.report.add()
  }

  /** Reports what is still unreported, if it is time to. Worth polling about once a second. */
  poll(): void {
    for (const { report } of this.#latest.values()) report.poll()
  }

  #newLatest(code: RefusalCode): Latest {
    const report = new RepeatedReport(this.#now, (times) => this.#tell(code, times))
    const latest = { problem: '', peer: undefined, report }
    this.#latest.set(code, latest)
    return latest
  }

  #tell(code: RefusalCode, times: number): void {
    const { problem = '', peer } = this.#latest.get(code) ?? {}
    const text = times === 1 ? problem : `${problem}; ${times} times since the last report`
    this.#report(new TransportError(code, text, { peer, direction: 'inbound' }))
  }
}
