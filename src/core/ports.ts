/**
 * What the core asks of the world: a transport to move digests and deltas. The core adapts to what a transport
 * declares and never asks what it is. Writing one takes two methods and three events; the rest is optional.
 */

import type { JsonValue } from './json/index.ts'

/** The other side of a message. A seed is known by its address alone, so its id may be absent. */
export interface PeerRef {
  readonly id?: string | undefined
  /** The address, in whatever form the transport understands. */
  readonly transport: JsonValue
}

/** A peer that has introduced itself: the sender of a message. */
export interface SenderRef {
  readonly id: string
  readonly transport: JsonValue
}

/** What two nodes tell each other before they trust a connection; transports with connections carry it. */
export interface Hello {
  readonly protocolVersion: number
  readonly clusterId: string
  readonly id: string
  readonly generation: number
  /** Names of optional abilities, so that later versions can agree on what both understand. */
  readonly features: readonly string[]
  /** Largest JSON value of one key, in bytes: one figure for the cluster. */
  readonly valueBytesMax: number
}

/** What a transport tells. Listeners run synchronously. */
export interface TransportEvents {
  /** A digest arrived. The value is plain JSON, shared with nobody. */
  digest: (remotePeer: SenderRef, digest: JsonValue) => void
  /** Deltas arrived. The value is plain JSON, shared with nobody. */
  deltas: (remotePeer: SenderRef, deltas: JsonValue) => void
  /** Trouble with one peer, or, where the transport says so, with the transport itself. */
  error: (error: Error) => void
  /** The transport accepts messages at its `address`. */
  listening: () => void
  /** The other side's hello passed this transport's own checks (protocol version, cluster). */
  hello: (remotePeer: SenderRef, hello: Hello) => void
  /** A payload that is neither digest nor deltas. */
  rpc: (remotePeer: SenderRef | undefined, payload: JsonValue) => void
}

/**
 * Moves messages between peers. `digest` and `deltas` must not throw for trouble with the peer (they emit `error`),
 * must not alter or keep a reference to the payload, and deliver the payload and the local peer's `id` and `transport`
 * unaltered. Delivery may be late, repeated, reordered or fail: gossip repeats itself.
 */
export interface Transport {
  digest(remotePeer: PeerRef, localPeer: SenderRef, digestToSend: JsonValue): void
  deltas(remotePeer: PeerRef, localPeer: SenderRef, deltasToSend: JsonValue): void
  on<E extends keyof TransportEvents>(event: E, listener: TransportEvents[E]): unknown
  off<E extends keyof TransportEvents>(event: E, listener: TransportEvents[E]): unknown

  /** Where peers reach this transport; undefined until it listens. */
  readonly address?: JsonValue | undefined
  /** Largest payload it carries, in bytes of its JSON text, the transport's own envelope excluded. Absent: no limit. */
  readonly maxMessageBytes?: number | undefined
  /** Starts to accept messages; resolves once `address` is final. */
  listen?(): unknown
  /** Stops accepting and drops what is queued; resolves when every handle is released. May be called twice. */
  close?(): unknown
  /** Called before `listen` and whenever the node's identity changes: what to say in hellos, and what to compare with. */
  introduce?(hello: Hello): void
  /** Sends a payload outside the gossip: a string as it is, anything else as JSON. */
  rpc?(remotePeer: PeerRef, payload: JsonValue): void
}
