/** What the engine tells. Every event is told after the state it speaks of is committed. */

import type { IdConflictError } from '../errors.ts'
import type { JsonValue } from '../json/index.ts'
import type { PeerRef } from '../ports.ts'
import type { Digest } from '../reconcile/index.ts'

/** Facts as values; the driver turns them into calls of listeners. */
export type EngineEvent =
  /** An id became known. It is unproven, or already held dead by who told. Once until it is removed. */
  | { readonly type: 'new peer'; readonly peerId: string }
  /** Its heartbeat rose and it was not live before. */
  | { readonly type: 'peer live'; readonly peerId: string }
  /** Its silence became too surprising. */
  | { readonly type: 'peer dead'; readonly peerId: string }
  /** It said goodbye. */
  | { readonly type: 'peer left'; readonly peerId: string }
  /** It was silent for the whole grace; its state is gone. The keys that could be read are named once more. */
  | { readonly type: 'peer removed'; readonly peerId: string; readonly keys: readonly string[] }
  /** A key has a new readable value; own writes are told too. */
  | { readonly type: 'update'; readonly peerId: string; readonly key: string; readonly value: JsonValue }
  /** A key has no readable value any more: deleted, or its lease lapsed. */
  | { readonly type: 'delete'; readonly peerId: string; readonly key: string }
  /** This node runs under a new generation, because news of its own id was ahead of it. */
  | { readonly type: 'generation'; readonly generation: number }
  /** Another process uses this id; this node has stopped. Once. */
  | { readonly type: 'conflict'; readonly error: IdConflictError }
  /** Enough peers have taken note that this node leaves. Once. */
  | { readonly type: 'leave taken' }
  /** A message was refused, or something could not be sent. */
  | { readonly type: 'error'; readonly error: Error }

/** A message to be sent. */
export interface OutMessage {
  readonly kind: 'digest' | 'deltas'
  readonly to: PeerRef
  /** What goes over the wire. A digest's is made when it is first asked for. */
  readonly payload: JsonValue
  /** The engine's digests only: what `receiveDigestBody` of the receiving engine takes in place of the payload. */
  readonly body?: Digest | undefined
}
