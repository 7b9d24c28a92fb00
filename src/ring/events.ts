/** What a ring shows and tells. Events come in a turn of their own, right after the change, and only for what differs then. */

import type { JsonValue } from '../core/index.ts'

/** A member of the ring, this node included: a snapshot. */
export interface RingPeer {
  readonly id: string
  readonly generation: number
  /** Where it can be reached; undefined until somebody said so, and for this node before its start. */
  readonly transport: JsonValue | undefined
  /** What it says of itself; undefined when it says nothing. */
  readonly metadata: JsonValue | undefined
  /** It runs the first-generation package. */
  readonly isOld: boolean
}

/** Who is responsible for a value. */
export interface RingOwner {
  readonly peer: RingPeer
  /** What it says of itself; `{}` when it says nothing. */
  readonly metadata: JsonValue
  /** It is this node. */
  readonly isSelf: boolean
}

/**
 * `lonely`: nobody else is in the ring. `unbalanced`: somebody is, but members changed within the last service interval,
 * or a peer is known of which it is not yet certain whether it lives. `joined`: neither.
 */
export type RingStatus = 'lonely' | 'unbalanced' | 'joined'

/** A change of the status. */
export interface StatusChange {
  readonly from: RingStatus
  readonly to: RingStatus
}

/** Who came and who went since this was last told: ids, each in one of the lists. */
export interface MemberChange {
  readonly joined: readonly string[]
  readonly gone: readonly string[]
}

type OnNeighbour = (peer: RingPeer | undefined, which: 'successor' | 'predecessor') => void
type OnStatus = (change: StatusChange) => void

/** Names and listeners. The ring already stands as it is told; what a listener throws comes as `error` and harms nobody. */
export interface RingEvents {
  /** Members came or went, so that others own some values now. */
  members: (change: MemberChange) => void
  /** Another peer, or nobody, is next on the circle. */
  'environment::successor': OnNeighbour
  /** Another peer, or nobody, is before this node on the circle. */
  'environment::predecessor': OnNeighbour
  /** After each of the two above. */
  'environment::*': OnNeighbour
  'status::lonely': OnStatus
  'status::unbalanced': OnStatus
  'status::joined': OnStatus
  /** After each of the three above. */
  'status::*': OnStatus
  /** A listener or `isMember` threw. Counted, never thrown, when nobody listens. */
  error: (error: Error) => void
}
