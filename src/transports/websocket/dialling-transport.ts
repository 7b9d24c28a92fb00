/**
 * What WebSocket transports have in common, wherever they run: everything but accepting connections. Messages go to a
 * peer on the one connection with it, whoever dialled.
 */

import {
  FrameTooLargeError,
  type Hello,
  type JsonValue,
  jsonBytes,
  LifecycleError,
  type PeerRef,
  runtimeSystem,
  type SenderRef,
  type Transport,
  TransportError,
} from '../../core/index.ts'
import { TransportEmitter } from '../transport-emitter.ts'
import {
  ByteBudget,
  type Envelope,
  encodeHello,
  type MessageKind,
  pageKey,
  parseHello,
  RepeatedReport,
} from '../wire/index.ts'
import { urlsOf } from './address.ts'
import {
  CLOSE_AWAY,
  Connection,
  type ConnectionFacts,
  type ConnectionOwner,
  type ConnectionShared,
} from './connection.ts'
import type { ResolvedWebSocketDialOptions } from './options.ts'
import { Pool } from './pool.ts'
import { encodedBytes, Receiver } from './receiver.ts'
import type { Platform } from './socket.ts'
import { Sweep } from './sweep.ts'

/** What a transport holds at this moment. */
export interface WebSocketStats {
  readonly inboundConnections: number
  readonly outboundConnections: number
  /** Peers for whom messages may wait. */
  readonly peers: number
  readonly queuedMessages: number
  /** Bytes that wait for peers, those in sockets included. */
  readonly outboundBytes: number
  /** Messages that were dropped since `outboundBytesMax` was reached. */
  readonly droppedMessages: number
}

/** Dials, sends, and reads what comes on any connection. */
export class DiallingTransport extends TransportEmitter implements Transport {
  /** Connections that others opened. */
  protected readonly inbound: Set<Connection> = new Set()
  protected readonly shared: ConnectionShared

  readonly #options: ResolvedWebSocketDialOptions
  readonly #receiver: Receiver
  readonly #pool: Pool
  readonly #sweep: Sweep
  readonly #owner: ConnectionOwner
  #isClosed = false
  #closing: Promise<void> | undefined
  /** Called whenever a connection is gone. */
  #onAnyGone: () => void = () => {}
  #introduction: { readonly hello: Hello; readonly text: string } | undefined
  /** What this node last called its own address; its hello says it too. */
  #localTransport: JsonValue | undefined
  #rpcs = 0
  #dropped = 0
  readonly #drops: RepeatedReport

  constructor(options: ResolvedWebSocketDialOptions, platform: Platform) {
    super()
    this.#options = options
    const now = (): number => runtimeSystem.now()
    this.shared = {
      messageBytesMax: options.messageBytesMax,
      outbound: new ByteBudget(options.outboundBytesMax),
      now,
      isIntroduced: () => this.#introduction !== undefined,
      onPending: (connection, addedBytes) => this.onPending(connection, addedBytes),
    }
    this.#drops = new RepeatedReport(now, (times) => this.#tellDrops(times))
    this.#receiver = this.#newReceiver()
    this.#owner = this.#newOwner()
    const subprotocol = subprotocolOf(options.codec.name)
    this.#pool = new Pool(options, this.shared, {
      open: (url) => platform.dial(url, subprotocol, options.messageBytesMax),
      owner: this.#owner,
      hello: () => this.#introduction?.hello,
      tellError: (error) => this.tellError(error),
      onOpened: () => this.#sweep.start(),
    })
    this.#sweep = new Sweep(options, { now, connections: () => this.connections(), onTick: () => this.onTick() })
  }

  /** Where peers reach this transport; undefined, since it only dials. */
  get address(): JsonValue | undefined {
    return undefined
  }

  /** Largest payload of a digest or deltas, in bytes of its JSON text. */
  get maxMessageBytes(): number {
    return this.#options.messageBytesMax - this.#options.codec.overheadBytesMax
  }

  /** What it holds at this moment. O(peers). */
  get stats(): WebSocketStats {
    return {
      inboundConnections: this.inbound.size,
      outboundConnections: this.#pool.connections.size,
      peers: this.#pool.linkCount,
      queuedMessages: this.#pool.queued,
      outboundBytes: this.shared.outbound.used,
      droppedMessages: this.#dropped,
    }
  }

  /**
   * Does nothing where there is nothing to listen at. A node that calls it also closes the transport.
   *
   * @throws {LifecycleError} as a rejection: it was closed
   */
  async listen(): Promise<void> {
    if (this.#isClosed) throw new LifecycleError('GOSSIP_NODE_CLOSED', 'the transport was closed')
  }

  /**
   * Lets peers take what was already sent for at most `closeTimeoutMs`, and drops the rest. Nothing is told afterwards.
   * May be called at any time, and again.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /**
   * What to say of this node on every connection, and what to compare theirs with. Peers that were told another hello
   * are told again. From then on peers that do not say theirs are refused.
   *
   * @throws {InvalidOptionError} a hello that no peer could read
   */
  introduce(hello: Hello): void {
    const text = encodeHello(hello)
    if (text === this.#introduction?.text) return
    this.#introduction = { hello: parseHello(JSON.parse(text)), text }
    for (const connection of this.connections()) this.#receiver.introduceAgain(connection)
  }

  /** Whether a message to this peer has a way to go: it can be dialled, or it is connected now. */
  canReach(remotePeer: PeerRef): boolean {
    const { id, transport } = Object(remotePeer) as Partial<PeerRef>
    return urlsOf(transport).length > 0 || (typeof id === 'string' && this.#pool.isConnected(id))
  }

  /**
   * Sends a digest. Trouble with the peer is told as `error`.
   *
   * @throws {InvalidValueError} the payload or local peer cannot be said
   */
  digest(remotePeer: PeerRef, localPeer: SenderRef, digestToSend: JsonValue): void {
    this.#send('digest', remotePeer, localPeer, digestToSend)
  }

  /**
   * Sends deltas. Trouble with the peer is told as `error`.
   *
   * @throws {InvalidValueError} the payload or local peer cannot be said
   */
  deltas(remotePeer: PeerRef, localPeer: SenderRef, deltasToSend: JsonValue): void {
    this.#send('deltas', remotePeer, localPeer, deltasToSend)
  }

  /**
   * Sends a payload outside the gossip, on the same connection: a string as it is, anything else as JSON.
   *
   * @throws {InvalidValueError} the payload cannot be said
   */
  rpc(remotePeer: PeerRef, payload: JsonValue): void {
    const envelope: Envelope = { kind: 'rpc', payload, sender: undefined }
    this.#dispatch(remotePeer, envelope, { key: `rpc ${this.#rpcs++}`, payloadBytesMax: this.#options.messageBytesMax })
  }

  /** Whether `close` was called. */
  protected get isClosed(): boolean {
    return this.#isClosed
  }

  /** Takes a connection that somebody opened. */
  protected accept(facts: Omit<ConnectionFacts, 'direction'>): Connection {
    const connection = new Connection({ ...facts, direction: 'inbound' }, this.#owner, this.shared)
    this.inbound.add(connection)
    this.#sweep.start()
    this.#receiver.sendHello(connection)
    return connection
  }

  /** Whoever closed it expects to hear no more. */
  protected tellError(error: Error): void {
    if (!this.#isClosed) this.emit('error', error)
  }

  /** A connection holds more or less of a message that is still arriving. */
  protected onPending(_connection: Connection, _addedBytes: number): void {}

  /** A connection is gone. */
  protected onGone(_connection: Connection): void {}

  /** Called about once a second while there are connections. */
  protected onTick(): void {
    this.#pool.poll()
    this.#drops.poll()
  }

  /** Ends all sessions, where there are any. */
  protected async closeSessions(): Promise<void> {}

  /** Stops accepting, where it accepts; resolves when nothing is left of it but connections. */
  protected async stopListening(): Promise<void> {}

  #send(kind: MessageKind, remotePeer: PeerRef, localPeer: SenderRef, payload: JsonValue): void {
    const envelope: Envelope = { kind, payload, sender: localPeer, hello: undefined }
    const key = pageKey(kind, payload, localPeer.id)
    if (localPeer.transport !== this.#localTransport) this.#localTransport = structuredClone(localPeer.transport)
    this.#dispatch(remotePeer, envelope, { key, payloadBytesMax: this.maxMessageBytes })
  }

  #dispatch(
    remotePeer: PeerRef,
    envelope: Exclude<Envelope, { readonly kind: 'hello' }>,
    { key, payloadBytesMax }: { readonly key: string; readonly payloadBytesMax: number },
  ): void {
    // It is encoded at once: whoever sends may change the payload when this call has returned.
    const text = this.#options.codec.encode(envelope)
    if (this.#isClosed) return
    const peer = remotePeer as PeerRef | undefined | null
    const link = peer === undefined || peer === null ? undefined : this.#pool.link(peer)
    if (link === undefined) {
      this.#tellUnknown(remotePeer)
      return
    }
    const bytes = encodedBytes(text)
    if (bytes > payloadBytesMax) {
      // The payload is measured only if it and its envelope together are over the payload's limit.
      const payloadBytes =
        typeof envelope.payload === 'string' && envelope.kind === 'rpc' ? bytes : jsonBytes(envelope.payload)
      if (payloadBytes > payloadBytesMax) {
        this.tellError(
          new FrameTooLargeError(payloadBytes, payloadBytesMax, { peer: remotePeer, direction: 'outbound' }),
        )
        return
      }
    }
    if (link.send({ key, id: peer?.id, text, bytes })) return
    this.#dropped++
    this.#drops.add()
  }

  #tellUnknown(peer: PeerRef): void {
    const { id, transport } = Object(peer) as Partial<PeerRef>
    const isNamed = typeof id === 'string' && transport === null
    const code = isNamed ? 'GOSSIP_CONNECT_FAILED' : 'GOSSIP_ADDRESS_MALFORMED'
    const problem = isNamed
      ? 'the peer is not connected and cannot be dialled'
      : 'malformed remotePeer: no ws: or wss: url'
    this.tellError(new TransportError(code, problem, { peer, direction: 'outbound' }))
  }

  async #close(): Promise<void> {
    this.#isClosed = true
    const stopped = this.stopListening()
    this.#pool.dispose()
    for (const connection of this.connections()) {
      connection.mute()
      connection.end(CLOSE_AWAY, '')
    }
    await Promise.all([this.#connectionsGone(), this.closeSessions(), stopped])
    this.#sweep.stop()
  }

  #connectionsGone(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        for (const connection of this.connections()) connection.destroy()
      }, this.#options.closeTimeoutMs)
      this.#onAnyGone = () => {
        if (this.connections().length > 0) return
        clearTimeout(timer)
        resolve()
      }
      this.#onAnyGone()
    })
  }

  /** What this node says of itself; undefined while it was not introduced. */
  protected introduction(): { readonly hello: Hello; readonly sender: SenderRef } | undefined {
    if (this.#introduction === undefined) return undefined
    const { hello } = this.#introduction
    return { hello, sender: { id: hello.id, transport: this.#localTransport ?? this.address ?? null } }
  }

  /** All connections that are not gone, whoever dialled. */
  protected connections(): readonly Connection[] {
    return [...this.inbound, ...this.#pool.connections]
  }

  #newReceiver(): Receiver {
    return new Receiver(this.#options.codec, {
      introduction: () => this.introduction(),
      tell: (event, ...facts) => {
        if (!this.#isClosed) this.emit(event, ...facts)
      },
      onNamed: (connection) => this.#pool.onNamed(connection),
      onReady: (connection) => this.#pool.onReady(connection),
    })
  }

  #newOwner(): ConnectionOwner {
    return {
      onOpen: (connection) => {
        this.#receiver.sendHello(connection)
        // Where nobody says hello, there is nothing to wait for.
        if (connection.isReady) this.#pool.onReady(connection)
      },
      onMessage: (connection, message) => this.#receiver.receive(connection, message),
      onSent: (connection) => this.#pool.onSent(connection),
      onFailed: (connection, error) => this.#pool.onFailed(connection, error),
      onClosed: (connection) => {
        this.inbound.delete(connection)
        this.#pool.onClosed(connection)
        this.onGone(connection)
        this.#onAnyGone()
      },
    }
  }

  #tellDrops(times: number): void {
    const problem = `${times} messages were dropped: outboundBytesMax is ${this.#options.outboundBytesMax}`
    this.tellError(new TransportError('GOSSIP_QUEUE_FULL', problem, { direction: 'outbound' }))
  }
}

/** What both sides of a connection have to agree on. */
export function subprotocolOf(codecName: string): string {
  return `gossipmonger.${codecName}`
}
