/** The events of a node. Every listener runs after the state it is told of is committed; what it throws harms nobody. */

import type { IdConflictError } from './errors.ts'
import type { JsonValue } from './json/index.ts'
import type { PeerView } from './peer-view.ts'
import type { PeerRef, SenderRef } from './ports.ts'

/** Names and listeners. Events about one peer come in the order in which things happened to it. */
export interface NodeEvents {
  /** An id became known; it has not shown life yet. */
  'new peer': (peer: PeerView) => void
  /** A peer's heartbeat rose and it was not live before. */
  'peer live': (peer: PeerView) => void
  /** A peer has been silent for too long; its keys stay readable. */
  'peer dead': (peer: PeerView) => void
  /** A peer said goodbye. */
  'peer left': (peer: PeerView) => void
  /** A peer was silent for the whole grace; its keys are gone. */
  'peer removed': (peerId: string) => void
  /** What a peer says of itself became known, or changed; it comes with its keys, so later than `new peer`. */
  'peer metadata': (peer: PeerView) => void
  /** A remote peer's key has a new value. Own writes are not told. */
  update: (peerId: string, key: string, value: JsonValue) => void
  /** A remote peer's key has no value any more. */
  delete: (peerId: string, key: string) => void
  /** Another process has this node's id; this node has stopped writing and gossiping. Once. */
  conflict: (error: IdConflictError) => void
  /** Something went wrong that the node survives: match `code`. Counted, never thrown, when nobody listens. */
  error: (error: Error) => void
  /** A digest is handed to the transport. */
  'digest send': (remotePeer: PeerRef, digest: JsonValue) => void
  /** A digest came from the transport; nothing has been checked yet. */
  'digest receive': (remotePeer: SenderRef, digest: JsonValue) => void
  /** Deltas are handed to the transport. */
  'deltas send': (remotePeer: PeerRef, deltas: JsonValue) => void
  /** Deltas came from the transport; nothing has been checked yet. */
  'deltas receive': (remotePeer: SenderRef, deltas: JsonValue) => void
}
