/**
 * A scenario: a cluster, a network, and a schedule of what is done to them, as plain JSON. It can be made by hand or by
 * chance, kept in a file, shrunk, and run over virtual time or over a real transport.
 */

import type { EngineOptions, JsonValue } from '../../core/index.ts'
import type { DiskFate } from '../world/index.ts'

/** Which peer a step is about: its number among all that ever were, counted around. */
export type PeerNumber = number

/** One thing that is done. What does not apply when its turn comes, because a peer is down, is passed over. */
export type Step =
  | { readonly do: 'wait'; readonly ms: number }
  | {
      readonly do: 'set'
      readonly peer: PeerNumber
      readonly key: string
      readonly value: JsonValue
      readonly ttlMs?: number
    }
  | { readonly do: 'delete'; readonly peer: PeerNumber; readonly key: string }
  | { readonly do: 'cut'; readonly from: PeerNumber; readonly to: PeerNumber; readonly oneWay: boolean }
  /** Bit n of `side` says on which side the n-th peer is. */
  | { readonly do: 'partition'; readonly side: number }
  | { readonly do: 'heal' }
  | { readonly do: 'crash'; readonly peer: PeerNumber; readonly disk: DiskFate }
  | { readonly do: 'restart'; readonly peer: PeerNumber }
  | { readonly do: 'leave'; readonly peer: PeerNumber }
  | { readonly do: 'join' }
  | { readonly do: 'stall'; readonly peer: PeerNumber; readonly ms: number }
  | { readonly do: 'clock'; readonly peer: PeerNumber; readonly ms: number }
  | { readonly do: 'limit'; readonly bytes: number }
  | { readonly do: 'corrupt'; readonly chance: number }
  /** A second process under the peer's id. It is ended before peace. */
  | { readonly do: 'twin'; readonly peer: PeerNumber }

/** How messages fare from the start until peace. */
export interface ScenarioNetwork {
  readonly latencyMs: { readonly min: number; readonly max: number }
  readonly lossChance: number
  readonly duplicateChance: number
  readonly reorderChance: number
}

/** Options of the engines that a scenario may set. */
export type ScenarioEngine = Pick<
  EngineOptions,
  | 'fanout'
  | 'gossipJitter'
  | 'deadPeerGracePeriodMs'
  | 'tombstoneGraceMs'
  | 'deltaBytesMax'
  | 'deltasMax'
  | 'digestBytesMax'
  | 'order'
  | 'phiModel'
>

/** See the head of this file. */
export interface Scenario {
  /** Decides what the network and the nodes do by chance. */
  readonly seed: number
  /** How many peers there are at the start, `p0`, `p1`, …; all others know `p0`. */
  readonly peers: number
  /** How many of them, the last ones, run the first generation's package. @defaultValue 0 */
  readonly firstGeneration?: number
  readonly engine: ScenarioEngine
  readonly network: ScenarioNetwork
  /** Clocks run up to this part too fast or too slow. */
  readonly drift: number
  readonly steps: readonly Step[]
}

/** Kinds of steps. */
export const STEP_KINDS: readonly Step['do'][] = [
  'wait',
  'set',
  'delete',
  'cut',
  'partition',
  'heal',
  'crash',
  'restart',
  'leave',
  'join',
  'stall',
  'clock',
  'limit',
  'corrupt',
  'twin',
]
