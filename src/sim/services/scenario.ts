/**
 * A scenario for what is built on gossip: messages, streams, services, pairs and the ring. A cluster, a network and a
 * schedule as plain JSON, to be made by hand or by chance, kept in a file, shrunk, and run in virtual time.
 */

import type { PeerNumber, ScenarioNetwork } from '../scenario/index.ts'

/** One thing that is done. What does not apply when its turn comes, because a peer is down, is passed over. */
export type ServiceStep =
  | { readonly do: 'wait'; readonly ms: number }
  /** The other side works on it for `workMs`, then answers, or fails on purpose. */
  | {
      readonly do: 'request'
      readonly from: PeerNumber
      readonly to: PeerNumber
      readonly workMs: number
      readonly timeoutMs: number
      readonly fails: boolean
    }
  /** Asks all others, one after the other, until one answers. */
  | { readonly do: 'anyone'; readonly from: PeerNumber; readonly workMs: number; readonly stallAfterMs: number }
  /** Gives up the oldest request that the peer waits for. */
  | { readonly do: 'cancel'; readonly peer: PeerNumber }
  /** So many messages in one go, sends and requests by turns. */
  | { readonly do: 'send'; readonly from: PeerNumber; readonly to: PeerNumber; readonly count: number }
  /**
   * A stream that carries `bytes` there and `back` bytes back. With `stopAt`, whoever opened it destroys it when it has
   * written so many.
   */
  | {
      readonly do: 'stream'
      readonly from: PeerNumber
      readonly to: PeerNumber
      readonly bytes: number
      readonly back: number
      readonly stopAt?: number
    }
  | { readonly do: 'open'; readonly peer: PeerNumber; readonly port: number }
  | { readonly do: 'close'; readonly peer: PeerNumber; readonly port: number }
  /** Connects to a service, and asks it. */
  | { readonly do: 'call'; readonly from: PeerNumber; readonly to: PeerNumber; readonly port: number }
  | { readonly do: 'pair'; readonly from: PeerNumber; readonly to: PeerNumber }
  | { readonly do: 'release'; readonly peer: PeerNumber }
  /** `silent`: nobody is told, as where a machine lost power. */
  | { readonly do: 'crash'; readonly peer: PeerNumber; readonly silent: boolean }
  /** A new life, of a higher generation. */
  | { readonly do: 'restart'; readonly peer: PeerNumber }
  /** Closes the messenger and the node in order, with a goodbye. */
  | { readonly do: 'leave'; readonly peer: PeerNumber }
  /** Breaks the session between two peers that both live on. */
  | { readonly do: 'break'; readonly from: PeerNumber; readonly to: PeerNumber }
  | { readonly do: 'cut'; readonly from: PeerNumber; readonly to: PeerNumber; readonly oneWay: boolean }
  /** Bit n of `side` says on which side the n-th peer is. */
  | { readonly do: 'partition'; readonly side: number }
  | { readonly do: 'heal' }
  /** The peer does nothing; what comes for it waits. */
  | { readonly do: 'pause'; readonly peer: PeerNumber; readonly ms: number }
  /** Gossip fares so from here on; sessions lose nothing, or break. */
  | { readonly do: 'weather'; readonly lossChance: number; readonly duplicateChance: number }

/** See the head of this file. */
export interface ServiceScenario {
  /** Decides what the network and the nodes do by chance. */
  readonly seed: number
  /** How many peers there are, `p0`, `p1`, …; all others know `p0`. */
  readonly peers: number
  /** `latencyMs` is of everything; the chances are of gossip. */
  readonly network: ScenarioNetwork
  readonly steps: readonly ServiceStep[]
}

/** All start at once, and have so long to meet before the first step, ms. */
export const MEETING_MS = 3_000

/** Kinds of steps. */
export const SERVICE_STEP_KINDS: readonly ServiceStep['do'][] = [
  'wait',
  'request',
  'anyone',
  'cancel',
  'send',
  'stream',
  'open',
  'close',
  'call',
  'pair',
  'release',
  'crash',
  'restart',
  'leave',
  'break',
  'cut',
  'partition',
  'heal',
  'pause',
  'weather',
]
