/** The figures of a simulation, in one place. */

import type { Figures } from './measure/index.ts'
import type { NetworkStats } from './world/index.ts'

/** What a simulation has done so far. */
export interface SimulationStats extends Figures {
  /** Virtual time, in gossip intervals. */
  readonly rounds: number
  readonly network: Readonly<NetworkStats>
  /** Records in the history, and their fingerprint. */
  readonly traceRecords: number
  readonly traceHash: string
}
