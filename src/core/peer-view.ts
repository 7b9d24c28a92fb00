/** What the public surface shows of a remote peer: a snapshot, not a live object. */

import type { JsonValue } from './json/index.ts'
import type { PeerStatus } from './membership/index.ts'

/** A remote peer at one moment. */
export interface PeerView {
  readonly id: string
  readonly generation: number
  readonly status: PeerStatus
  /** Where it can be reached; undefined until somebody said so. */
  readonly transport: JsonValue | undefined
  /** What it says of itself; undefined when it says nothing. */
  readonly metadata: JsonValue | undefined
  readonly heartbeat: number
  /** It runs the first-generation package. */
  readonly isOld: boolean
}

/** A peer to come back to: give a stored list of these as `seeds`. */
export interface KnownPeer {
  readonly id: string
  readonly transport: JsonValue
}

/** Keys with this prefix belong to the library. */
export const RESERVED_PREFIX = '$gossip/'
/** Where a peer's metadata stands in its map. */
export const METADATA_KEY = '$gossip/metadata'
