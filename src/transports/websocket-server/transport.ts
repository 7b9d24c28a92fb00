/** The WebSocket transport on Node: it listens, if it is told where, and dials. */

import { type JsonValue, LifecycleError, type PeerRef, type Session, TransportError } from '../../core/index.ts'
import {
  type Connection,
  DiallingTransport,
  type Platform,
  Sessions,
  subprotocolOf,
  type WebSocketStats,
} from '../websocket/index.ts'
import { Listener } from './listener.ts'
import { nodePlatform } from './node-platform.ts'
import { type ResolvedWebSocketOptions, resolveWebSocketOptions, type WebSocketOptions } from './options.ts'

/** What a transport that may listen holds at this moment. */
export interface WebSocketServerStats extends WebSocketStats {
  /** Connections and requests that were not let in, so far. */
  readonly refused: number
  /** Bytes of messages that have begun to arrive. */
  readonly inboundBytes: number
}

/**
 * Gossip over WebSockets: one connection per pair of nodes, for messages both ways. With none of the options `url`,
 * `port` and `server` it only dials, like a browser. Codes of its errors: `GOSSIP_CONNECT_FAILED`,
 * `GOSSIP_CONNECTION_LOST`, `GOSSIP_CONNECTION_LIMIT`, `GOSSIP_HANDSHAKE_TIMEOUT`, `GOSSIP_CODEC_UNSUPPORTED`,
 * `GOSSIP_ORIGIN_REFUSED`, `GOSSIP_PLAIN_TEXT_REFUSED`, `GOSSIP_UPGRADE_MALFORMED`, `GOSSIP_FRAME_TOO_LARGE`, `GOSSIP_MESSAGE_MALFORMED`,
 * `GOSSIP_SENDER_UNKNOWN`, `GOSSIP_CLUSTER_FOREIGN`, `GOSSIP_PROTOCOL_UNSUPPORTED`, `GOSSIP_ADDRESS_MALFORMED`,
 * `GOSSIP_ADDRESS_IN_USE`, `GOSSIP_LISTEN_FAILED`, `GOSSIP_ACCEPT_FAILED`, `GOSSIP_BUFFER_FULL`, `GOSSIP_QUEUE_FULL`,
 * `GOSSIP_LISTENER_THREW`. None of them ends the transport.
 */
export class WebSocketTransport extends DiallingTransport {
  readonly #resolved: ResolvedWebSocketOptions
  readonly #sessions: Sessions
  #listener: Listener | undefined
  #listening: Promise<void> | undefined
  #url: string | undefined
  #inboundBytes = 0

  /**
   * @param options - where to listen, if at all, and limits
   * @param dialling - what dials, in place of this platform's own
   * @throws {InvalidOptionError} an option is unknown, of the wrong type or out of range, or two contradict each other
   */
  constructor(options?: WebSocketOptions, dialling?: Platform) {
    const resolved = resolveWebSocketOptions(options)
    const platform = dialling ?? nodePlatform(resolved)
    super(resolved, platform)
    this.#resolved = resolved
    this.#sessions = new Sessions(resolved.session, {
      platform,
      introduction: () => this.introduction(),
      onSession: (session) => void this.emit('session', session),
      tellError: (error) => this.tellError(error),
    })
  }

  /** Where peers reach this transport, once it listens: the advertised url, or one made of host, port and path. */
  override get address(): JsonValue | undefined {
    return this.#url === undefined ? undefined : { url: this.#url }
  }

  override get stats(): WebSocketServerStats {
    return { ...super.stats, refused: this.#listener?.refused ?? 0, inboundBytes: this.#inboundBytes }
  }

  /**
   * Starts to accept connections, where it was told to; with a `server` of yours it waits until that listens. Called again
   * it gives the same promise.
   *
   * @returns settles when `address` is final
   * @throws {TransportError} as a rejection: `GOSSIP_ADDRESS_IN_USE`, `GOSSIP_LISTEN_FAILED`
   * @throws {InvalidOptionError} as a rejection: your server listens in plain text beyond this machine
   * @throws {LifecycleError} as a rejection: it was closed
   */
  override listen(): Promise<void> {
    if (this.isClosed) return Promise.reject(new LifecycleError('GOSSIP_NODE_CLOSED', 'the transport was closed'))
    if (this.#resolved.listener === undefined) return Promise.resolve()
    this.#listening ??= this.#listen().catch((error: unknown) => {
      this.#listening = undefined
      throw error
    })
    return this.#listening
  }

  /**
   * The session with a peer, on a WebSocket of its own: the one there is, or a new one.
   *
   * @throws {TransportError} as a rejection: the peer cannot be reached, refuses, or is not who it was taken for
   * @throws {LifecycleError} as a rejection: `GOSSIP_ABORTED`; `GOSSIP_NODE_NOT_STARTED`, the transport was not
   *   introduced; `GOSSIP_NODE_CLOSED`
   */
  connect(remotePeer: PeerRef, options?: { readonly signal?: AbortSignal | undefined }): Promise<Session> {
    return this.#sessions.connect(remotePeer, options)
  }

  protected override closeSessions(): Promise<void> {
    return this.#sessions.close()
  }

  protected override onPending(_: Connection, addedBytes: number): void {
    this.#inboundBytes += addedBytes
    if (addedBytes <= 0 || this.#inboundBytes <= this.#resolved.inboundBytesMax) return
    let largest: Connection | undefined
    for (const connection of this.connections()) {
      if (connection.state !== 'closing' && connection.pendingBytes > (largest?.pendingBytes ?? 0)) largest = connection
    }
    const limit = this.#resolved.inboundBytesMax
    const problem = `unfinished messages hold over ${limit} bytes, and this one most of them`
    largest?.drop(new TransportError('GOSSIP_BUFFER_FULL', problem, { peer: largest.peer, direction: 'inbound' }))
  }

  protected override onTick(): void {
    super.onTick()
    this.#listener?.poll()
  }

  protected override onGone(connection: Connection): void {
    this.#listener?.onClosed(connection)
  }

  protected override async stopListening(): Promise<void> {
    await this.#listener?.close()
  }

  async #listen(): Promise<void> {
    const { listener: options, codec, messageBytesMax } = this.#resolved
    if (options === undefined) return
    const listener = new Listener(options, {
      now: this.shared.now,
      subprotocol: subprotocolOf(codec.name),
      messageBytesMax,
      accept: (open, peer) => this.accept({ open, peer }),
      acceptSession: (pipe) => this.#sessions.accept(pipe),
      tellError: (error) => this.tellError(error),
    })
    this.#listener = listener
    this.#url = await listener.listen()
    this.emit('listening')
  }
}
