/**
 * What the core asks of the world: a transport to move digests and deltas. The core adapts to what a transport
 * declares and never asks what it is. Writing one takes two methods and three events; the rest is optional.
 */

import type { GossipError } from './errors.ts'
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
  /** Bytes that may be lost, doubled or out of order, and are shared with nobody. */
  datagram: (remotePeer: SenderRef, payload: Uint8Array) => void
  /** A peer has more to say than fits a message. Who wants it accepts it before returning; else it is refused. */
  bulk: (remotePeer: SenderRef, offer: BulkOffer) => void
  /** A peer opened a session. Who takes an interest adds its listeners before returning. */
  session: (session: Session) => void
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
  /**
   * Whether a message to this peer has a way to go: false where the peer cannot be dialled, such as a browser, and is
   * not connected at the moment. The node contacts others instead. Absent: whoever has an address can be reached.
   */
  canReach?(remotePeer: PeerRef): boolean
  /**
   * Called within a `digest` or `deltas` event, where the message breaks the protocol: the transport may hold it against
   * whoever sent it. The error is told elsewhere.
   */
  blame?(error: Error): void
  /**
   * Offers a transfer of groups of deltas, beside the messages and without holding them up. Nothing is asked of the source
   * within the call, and nothing before the other side wants it; then it is asked whenever there is room for more.
   */
  bulk?(remotePeer: PeerRef, localPeer: SenderRef, source: BulkSource): void
  /** Whether the peer is known to understand `bulk`. Absent: everybody does. */
  canBulk?(remotePeer: PeerRef): boolean
  /** Largest payload of `datagram`, bytes. */
  readonly maxDatagramBytes?: number | undefined
  /** Sends bytes that need not arrive, larger ones than `maxDatagramBytes` are an `error` event. */
  datagram?(remotePeer: PeerRef, payload: Uint8Array): void
  /**
   * The session with a peer: the one there is, or a new one. The transport must have been introduced.
   *
   * @throws {TransportError} as a rejection: the peer cannot be reached, refuses, or is not who it was taken for
   * @throws {LifecycleError} as a rejection, `GOSSIP_ABORTED`: the signal was raised first
   */
  connect?(remotePeer: PeerRef, options?: { readonly signal?: AbortSignal | undefined }): Promise<Session>
}

/** What a transport asks while it sends in bulk. */
export interface BulkSource {
  /** Ids of the peers whose maps it is about. */
  readonly about: readonly string[]
  /** The next group, of about 64 KiB or one entry; undefined after the last. Reads the state of that moment. */
  next(): JsonValue | undefined
  /** To be called once: with nothing when the other side has said that all has arrived, else with what went wrong. */
  end(error?: Error): void
}

/** A transfer that a peer offers. */
export interface BulkOffer {
  /** Ids of the peers whose maps it is about; undefined when they are too many to be named. */
  readonly about: readonly string[] | undefined
  /** Takes it; valid only before the listener returns. */
  accept(sink: BulkSink): void
  /** Says why it is not taken, by a code that the other side hears. */
  refuse(code: string): void
}

/** Where a transport puts what arrives in bulk. */
export interface BulkSink {
  /** Largest value of a key, bytes of JSON. What is larger must end the transfer while it still arrives. */
  readonly valueBytesMax: number
  /**
   * Takes a group, plain JSON but for values that were admitted while they arrived.
   *
   * @returns false when it is of no use, so that the transfer is better ended
   */
  take(group: unknown): boolean
  /** To be called once, when nothing more will come. */
  end(): void
}

/** What a session tells. Listeners run synchronously. */
export interface SessionEvents {
  /** A frame arrived: the bytes are the listener's to keep. */
  frame: (frame: Uint8Array) => void
  /** The other side opens a channel. Whoever takes it calls `accept` before returning; else it is refused. */
  channel: (offer: ChannelOffer) => void
  /** There is room for frames again, after `send` returned false. */
  drain: () => void
  /** The session is over, once: everything pending has failed. Without an error it was closed on purpose. */
  close: (error: GossipError | undefined) => void
}

/**
 * An ordered, reliable connection between two nodes that know each other's names. There is at most one per pair. Frames
 * are in order among themselves, and each channel's bytes are; frames and channels are unordered to each other.
 */
export interface Session {
  readonly remote: SenderRef
  /** Who dialled it. */
  readonly direction: 'inbound' | 'outbound'
  /** Whether the other side has proven its name, by a certificate or a key. */
  readonly authenticated: boolean
  readonly isClosed: boolean
  /** Longest frame, bytes. */
  readonly frameBytesMax: number
  /**
   * Sends a frame. The bytes are copied or encoded before it returns.
   *
   * @returns false: it was taken, but wait for `drain` before sending more
   * @throws {FrameTooLargeError} longer than `frameBytesMax`
   * @throws {TransportError} `GOSSIP_SESSION_CLOSED`, or `GOSSIP_QUEUE_FULL` where `drain` was not waited for
   */
  send(frame: Uint8Array): boolean
  /**
   * Opens a channel.
   *
   * @param header - what it is for, at most 16 KiB of JSON
   * @throws {TransportError} as a rejection: `GOSSIP_CHANNEL_REFUSED` or the code the other side gave, `GOSSIP_CHANNEL_LIMIT`,
   *   `GOSSIP_SESSION_CLOSED`
   */
  open(header: JsonValue, options?: { readonly signal?: AbortSignal | undefined }): Promise<Channel>
  /** Ends it. Nothing more is told but `close`. May be called again. */
  close(reason?: string): Promise<void>
  on<E extends keyof SessionEvents>(event: E, listener: SessionEvents[E]): unknown
  off<E extends keyof SessionEvents>(event: E, listener: SessionEvents[E]): unknown
}

/** A channel that the other side wants to open. */
export interface ChannelOffer {
  readonly header: JsonValue
  /** Takes it; valid only before the listener returns. */
  accept(): Channel
  /** Says why it is not taken; the opener's `open` fails with this code. */
  refuse(code: string, message?: string): void
}

/**
 * Two streams of bytes, one each way, with credit: what the reader has not taken keeps the writer waiting. Either way
 * can be ended by itself.
 */
export interface Channel {
  readonly header: JsonValue
  readonly readable: ReadableStream<Uint8Array>
  /** What is written is the channel's: it is sent as it is, so nobody may change it. */
  readonly writable: WritableStream<Uint8Array>
  /** Ends both ways at once; the other side's streams fail with this code. */
  reset(code: string): void
}
