/**
 * Gossip over TCP: lines of JSON on lasting connections between nodes of this generation, one connection a message to
 * and from nodes of the first. This file is the public face; `link.ts` has the dialects, `receiver.ts` the reading.
 */

import {
  type BulkSource,
  type Hello,
  InvalidOptionError,
  type JsonValue,
  LifecycleError,
  type PeerRef,
  type SenderRef,
  type Session,
  type Transport,
  type TransportEvents,
} from '../core/index.ts'
import { BULK_FEATURE, ENVELOPE_BYTES_MAX, encodeHello, TransportEmitter } from '../transports/index.ts'
import { findAddress } from './address.ts'
import { Buffers } from './buffers.ts'
import { offerBulk } from './bulk-offer.ts'
import type { Connection } from './connection.ts'
import type { ConnectionShared } from './connection-shared.ts'
import { Departures } from './departures.ts'
import { Listener } from './listener.ts'
import { Listening } from './listening.ts'
import {
  type ResolvedTcpOptions,
  resolveListenOptions,
  resolveTcpOptions,
  type TcpListenOptions,
  type TcpOptions,
} from './options.ts'
import { Pool } from './pool.ts'
import { Receiver } from './receiver.ts'
import type { Security } from './security.ts'
import { securityOf } from './security-choice.ts'
import { Sending } from './sending.ts'
import { TcpSessions } from './sessions.ts'
import type { TcpStats } from './stats.ts'
import { Strangers } from './strangers.ts'
import { Sweep } from './sweep.ts'
import { resolveTlsOptions, Tls, type TlsOptions } from './tls/index.ts'

/**
 * The TCP transport. Without {@link introduce} it speaks the dialect of the first generation only, byte for byte; with
 * it, it finds out what each peer speaks. Codes of its errors: `GOSSIP_CONNECT_FAILED`, `GOSSIP_CONNECTION_LOST`,
 * `GOSSIP_CONNECTION_LIMIT`, `GOSSIP_HANDSHAKE_TIMEOUT`, `GOSSIP_FRAME_TIMEOUT`, `GOSSIP_FRAME_TOO_LARGE`,
 * `GOSSIP_MESSAGE_MALFORMED`, `GOSSIP_CLUSTER_FOREIGN`, `GOSSIP_PROTOCOL_UNSUPPORTED`, `GOSSIP_ADDRESS_MALFORMED`,
 * `GOSSIP_ADDRESS_IN_USE`, `GOSSIP_LISTEN_FAILED`, `GOSSIP_ALREADY_LISTENING`, `GOSSIP_ACCEPT_FAILED`,
 * `GOSSIP_BUFFER_FULL`, `GOSSIP_QUEUE_FULL`, `GOSSIP_LISTENER_THREW`, `GOSSIP_PLAIN_TEXT_REFUSED`, `GOSSIP_TLS_EXPECTED`,
 * `GOSSIP_TLS_FAILED`, `GOSSIP_CERTIFICATE_REFUSED`, `GOSSIP_PEER_ID_MISMATCH`, `GOSSIP_CERTIFICATE_EXPIRED`,
 * `GOSSIP_CERTIFICATE_RELOAD_FAILED`, `GOSSIP_RATE_EXCEEDED`, `GOSSIP_PEER_BANNED`, `GOSSIP_REPLY_WITHHELD`, and those of
 * sessions. None of them ends the transport.
 */
export class TcpTransport extends TransportEmitter implements Transport {
  readonly #options: ResolvedTcpOptions
  readonly #security: Security
  readonly #shared: ConnectionShared
  readonly #receiver: Receiver
  readonly #buffers: Buffers
  readonly #strangers: Strangers
  readonly #pool: Pool
  readonly #sending: Sending
  readonly #sweep: Sweep
  readonly #listening: Listening
  readonly #sessions: TcpSessions
  #closing: Promise<void> | undefined
  readonly #departures: Departures = new Departures(() => this.#connections())
  #isClosed = false
  #hello: Hello | undefined
  #helloText = ''

  /**
   * @param options - the advertised address, `{host: 'localhost', port: 9742}` unless given, and limits
   * @throws {InvalidOptionError} an option is unknown, of the wrong type or out of range
   */
  constructor(options?: TcpOptions) {
    super({ throwsUnheardErrors: true })
    this.#options = resolveTcpOptions(options)
    const now = (): number => performance.now()
    const tellError = (error: Error): void => this.#tellOpen(() => this.emit('error', error))
    this.#security = securityOf(this.#options, tellError)
    const view = { now, connections: () => this.#connections(), tellError }
    this.#buffers = new Buffers(this.#options, view)
    this.#strangers = new Strangers(this.#options, view)
    this.#shared = {
      frameBytesMax: this.#options.frameBytesMax,
      inbound: this.#buffers.inbound,
      outbound: this.#buffers.outbound,
      now,
      security: this.#security,
      onInboundFull: () => this.#buffers.dropLargestLine(),
      onRead: (connection, turn) => this.#strangers.pace.onRead(connection, turn),
    }
    this.#receiver = this.#newReceiver()
    this.#pool = this.#newPool()
    this.#sending = new Sending(this.#options, {
      pool: this.#pool,
      buffers: this.#buffers,
      isClosed: () => this.#isClosed,
      tellError: (error) => void this.emit('error', error),
    })
    this.#listening = new Listening(this.#options, {
      createListener: () => this.#newListener(),
      isHeard: (event) => this.listenerCount(event) > 0,
      tellListening: () => void this.emit('listening'),
      tellError: (error) => void this.emit('error', error),
    })
    this.#sessions = this.#newSessions()
    this.#sweep = new Sweep(this.#options, {
      now,
      findsDialects: this.#security.findsDialects,
      connections: () => this.#connections(),
      onTick: () => {
        this.#listening.listener?.poll()
        this.#pool.poll()
        this.#buffers.poll()
        this.#strangers.poll()
      },
    })
  }

  /**
   * Makes a transport that already starts to listen. Trouble with that is told as `error`, or thrown if nobody listens.
   *
   * @param options - see the constructor; may be left out
   * @param callback - called once it listens
   */
  static listen(options?: TcpOptions | (() => void), callback?: () => void): TcpTransport {
    const transport = new TcpTransport(typeof options === 'function' ? undefined : options)
    void transport.listen(typeof options === 'function' ? options : callback)
    return transport
  }

  /** Where peers reach this transport, once it listens: the advertised host, and the advertised or bound port. */
  get address(): JsonValue | undefined {
    const { address } = this.#listening
    return address === undefined ? undefined : { ...address }
  }

  /** Whether a peer has an address of a host and a port. */
  canReach({ transport }: PeerRef): boolean {
    return findAddress(transport) !== undefined
  }

  /** Largest payload of a digest or deltas, in bytes of its JSON text. */
  get maxMessageBytes(): number {
    return this.#options.frameBytesMax - ENVELOPE_BYTES_MAX
  }

  /** What it holds at this moment. O(peers). */
  get stats(): TcpStats {
    return {
      inboundConnections: this.#listening.listener?.connections.size ?? 0,
      outboundConnections: this.#pool.connections.size,
      peers: this.#pool.linkCount,
      queuedMessages: this.#pool.queued,
      outboundBytes: this.#buffers.outbound.used,
      inboundBytes: this.#buffers.inbound.used,
      ...this.#strangers.stats,
    }
  }

  /**
   * Starts to accept connections. Called again without options while it does, it gives the same promise.
   *
   * @param options - the inside address, where it differs from the advertised one; may be left out
   * @param callback - called once it listens
   * @returns settles when `address` is final; trouble rejects it, and is told as `error` where somebody listens
   * @throws {InvalidOptionError} an option is unknown, of the wrong type or out of range
   * @throws {LifecycleError} as a rejection: it was closed; `GOSSIP_ALREADY_LISTENING`: options, but it listens
   */
  listen(options?: TcpListenOptions | (() => void), callback?: () => void): Promise<void> {
    const given = typeof options === 'function' ? undefined : options
    const inside = resolveListenOptions(given, this.#options)
    this.#security.assertMayListenAt(inside.host)
    const onListening = typeof options === 'function' ? options : callback
    if (this.#isClosed) return Promise.reject(new LifecycleError('GOSSIP_NODE_CLOSED', 'the transport was closed'))
    return this.#listening.open(inside, { isAsked: given !== undefined, onListening })
  }

  /**
   * Takes another certificate, key and authorities into use, or reads the files of the present ones again, which happens by
   * itself too. Connections that stand go on; new ones use the new.
   *
   * @param tls - as the constructor's option; left out, the present one
   * @throws {InvalidOptionError} as a rejection: an option is wrong, or this transport was made without `tls`
   * @throws {CertificateError} as a rejection, `GOSSIP_CERTIFICATE_RELOAD_FAILED`: the present ones stay in use
   */
  async reloadTls(tls?: TlsOptions): Promise<void> {
    if (!(this.#security instanceof Tls)) {
      throw new InvalidOptionError('tls', 'given to the constructor, for a transport to have certificates', tls)
    }
    this.#security.reload(tls === undefined ? undefined : resolveTlsOptions(tls))
  }

  /**
   * Stops accepting, lets peers take what was already written for at most `closeTimeoutMs`, and drops the rest. Nothing
   * is told afterwards. May be called at any time, and again.
   *
   * @param callback - called when every handle is released, in any case
   */
  close(callback?: () => void): Promise<void> {
    this.#closing ??= this.#close()
    if (callback !== undefined) void this.#closing.then(callback)
    return this.#closing
  }

  /**
   * What to say of this node in hellos, and what to compare theirs with; until then the old dialect is spoken. Peers
   * that were told another hello are told again.
   *
   * @throws {InvalidOptionError} a hello that no peer could read
   */
  introduce(hello: Hello): void {
    const text = encodeHello(hello)
    if (text === this.#helloText) return
    this.#hello = hello
    this.#helloText = text
    for (const connection of this.#connections()) {
      if (connection.isReady) this.#receiver.sendHello(connection)
    }
  }

  /** The message of the event that is being told broke the protocol: it costs its sender the connection, and points. */
  blame(error: Error): void {
    this.#receiver.blame(error)
  }

  /**
   * Sends a digest. Trouble with the peer is told as `error`.
   *
   * @throws {InvalidValueError} the payload or local peer cannot be said in JSON
   */
  digest(remotePeer: PeerRef, localPeer: SenderRef, digestToSend: JsonValue): void {
    this.#sending.send('digest', remotePeer, localPeer, digestToSend)
  }

  /**
   * Sends deltas. Trouble with the peer is told as `error`.
   *
   * @throws {InvalidValueError} the payload or local peer cannot be said in JSON
   */
  deltas(remotePeer: PeerRef, localPeer: SenderRef, deltasToSend: JsonValue): void {
    this.#sending.send('deltas', remotePeer, localPeer, deltasToSend)
  }

  /**
   * Sends a payload on a connection of its own: a string as it is, anything else as JSON.
   *
   * @throws {InvalidValueError} the payload cannot be said in JSON
   */
  rpc(remotePeer: PeerRef, payload: JsonValue): void {
    this.#sending.rpc(remotePeer, payload)
  }

  /**
   * Offers a transfer on a connection of its own, which is opened at once. Trouble ends the source, with the codes of
   * connections, with the one that the other side refuses it by, or with `GOSSIP_BULK_STOPPED`.
   */
  bulk(remotePeer: PeerRef, localPeer: SenderRef, source: BulkSource): void {
    const own = this.#isClosed ? undefined : this.#introduction()
    const ports = {
      pool: this.#pool,
      replies: this.#strangers.replies,
      tellHello: (...facts: Parameters<TransportEvents['hello']>) => this.#tellOpen(() => this.emit('hello', ...facts)),
    }
    const error = offerBulk({ remotePeer, localPeer, source }, own, ports)
    if (error !== undefined) process.nextTick(() => source.end(error))
  }

  /** Whether the node at a peer's address has said in its hello that it takes transfers. */
  canBulk(remotePeer: PeerRef): boolean {
    const address = findAddress((remotePeer as PeerRef | undefined | null)?.transport)
    return address !== undefined && this.#pool.featuresOf(address).includes(BULK_FEATURE)
  }

  /** The session with a peer, on a connection of its own; see `SessionHub.connect`. */
  connect(remotePeer: PeerRef, options?: { readonly signal?: AbortSignal | undefined }): Promise<Session> {
    return this.#sessions.connect(remotePeer, options)
  }

  async #close(): Promise<void> {
    this.#isClosed = true
    const sessionsClosed = this.#sessions.close()
    const stopped = this.#listening.listener?.close()
    this.#pool.dispose()
    await this.#departures.wait(this.#options.closeTimeoutMs)
    await Promise.all([stopped, sessionsClosed])
    this.#sweep.stop()
    this.#strangers.stop()
    this.#security.close()
  }

  #connections(): Connection[] {
    return [...(this.#listening.listener?.connections ?? []), ...this.#pool.connections]
  }

  #introduction(): { hello: Hello; text: string; sender: SenderRef } | undefined {
    if (this.#hello === undefined) return undefined
    const transport = this.#sending.localTransport ?? this.address ?? null
    return { hello: this.#hello, text: this.#helloText, sender: { id: this.#hello.id, transport } }
  }

  #newReceiver(): Receiver {
    return new Receiver({
      introduction: () => this.#introduction(),
      tell: (event, ...facts) => this.#tellOpen(() => this.emit(event, ...facts)),
      tellError: (error) => this.#tellOpen(() => this.emit('error', error)),
      onIntroduced: (connection) => this.#listening.listener?.onHello(connection),
      onHello: (connection) => this.#pool.onHello(connection),
      onRefused: (connection, refusal) => {
        this.#strangers.guard.onOffence(connection, refusal)
        this.#pool.onRefused(connection)
      },
      onBlamed: (connection, error) => this.#strangers.guard.onOffence(connection, error),
      onSpoken: (connection) => this.#listening.listener?.onSpoken(connection),
      onNamed: (sender, bytes) => {
        // Who says no hello himself can ask nobody for one, so that nobody could prove anything.
        if (this.#hello !== undefined) this.#strangers.replies.received(sender, bytes)
      },
    })
  }

  #newSessions(): TcpSessions {
    return new TcpSessions(this.#options.session, this.#security, {
      introduction: () => this.#introduction(),
      tellSession: (session) => this.#tellOpen(() => this.emit('session', session)),
      tellError: (error) => this.#tellOpen(() => this.emit('error', error)),
    })
  }

  #newPool(): Pool {
    return new Pool(this.#options, this.#shared, this.#strangers.replies, {
      introduction: () => this.#introduction(),
      onLine: (connection, value) => this.#receiver.receive(connection, value),
      tellError: (error) => this.#tellOpen(() => this.emit('error', error)),
      onOpened: () => this.#sweep.start(),
      onClosed: () => this.#departures.onGone(),
    })
  }

  #newListener(): Listener {
    return new Listener(this.#options, this.#shared, {
      onLine: (connection, value) => this.#receiver.receive(connection, value),
      takesSessions: () => this.#hello !== undefined,
      onSession: (socket, head, from) => this.#sessions.accept(socket, head, from),
      onDrain: (connection) => this.#pool.onDrain(connection),
      onClosed: (connection) => this.#pool.onClosed(connection),
      tellError: (error) => this.#tellOpen(() => this.emit('error', error)),
      welcomeFor: (group) => this.#strangers.guard.welcomeFor(group),
      onOpened: (connection) => {
        this.#sweep.start()
        this.#strangers.pace.onAccepted(connection)
      },
      onOffence: (connection, error) => this.#strangers.guard.onOffence(connection, error),
    })
  }

  /** Whoever closed it expects to hear no more. */
  #tellOpen(tell: () => void): void {
    if (!this.#isClosed) tell()
  }
}
