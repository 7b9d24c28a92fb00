/**
 * Gossip and sessions through relays, for nodes that cannot be dialled, and with them. It wraps the transport that
 * reaches the relay, and is all that the node needs: whoever can be dialled is dialled, everybody else is reached through
 * the relay that stands in his address.
 */

import {
  type BulkSource,
  FrameTooLargeError,
  type Hello,
  InvalidOptionError,
  type JsonValue,
  jsonBytes,
  LifecycleError,
  type PeerRef,
  runtimeSystem,
  type SenderRef,
  type Session,
  type System,
  type Transport,
  TransportError,
} from '../../core/index.ts'
import { SessionHub } from '../session/index.ts'
import { TransportEmitter } from '../transport-emitter.ts'
import type { MessageKind } from '../wire/index.ts'
import { DirectSessions } from './direct-sessions.ts'
import { Introductions } from './introductions.ts'
import { RelayLanes } from './lanes.ts'
import {
  type RelayTransportOptions,
  type ResolvedRelayTransportOptions,
  resolveRelayTransportOptions,
} from './options.ts'
import { addressKey } from './relay-address.ts'
import type { RelayClientFacts } from './relay-frame.ts'
import { type Destination, RelayMail } from './relay-mail.ts'
import type { RelayServer } from './server.ts'

/**
 * A transport through relays. Beside the carrier's own errors and those of sessions it tells `GOSSIP_RELAY_LOST` (the
 * registration; it comes back by itself), `GOSSIP_RELAY_CLIENT_UNKNOWN` and `GOSSIP_RELAY_CLIENT_GONE` (a peer is not, or
 * not any more, registered), `GOSSIP_RELAY_MALFORMED`, `GOSSIP_RELAY_LIMIT`, `GOSSIP_QUEUE_FULL`, and the refusals of
 * relays: `GOSSIP_RELAY_REFUSED`, `GOSSIP_RELAY_TOKEN_WRONG`, `GOSSIP_RELAY_DUPLICATE`, `GOSSIP_RELAY_FULL`,
 * `GOSSIP_RELAY_REPLACED`.
 */
export class RelayTransport extends TransportEmitter implements Transport {
  /** Sends in bulk, where the carrier can; relays pass on messages only. */
  readonly bulk?: (remotePeer: PeerRef, localPeer: SenderRef, source: BulkSource) => void
  /** Whether a peer is reached by the carrier and understands `bulk`. */
  readonly canBulk?: (remotePeer: PeerRef) => boolean

  readonly #options: ResolvedRelayTransportOptions
  readonly #introductions: Introductions
  readonly #lanes: RelayLanes
  readonly #mail: RelayMail
  readonly #hub: SessionHub
  readonly #direct = new DirectSessions()
  #state: 'new' | 'listening' | 'closed' = 'new'
  #opening: Promise<void> | undefined
  #closing: Promise<void> | undefined

  /**
   * @param system - time, timers and chance
   * @throws {InvalidOptionError} an option is unknown, missing or out of range
   */
  constructor(options: RelayTransportOptions, system: System = runtimeSystem) {
    super()
    this.#options = resolveRelayTransportOptions(options)
    this.#introductions = new Introductions(this.#options.peersMax)
    this.#lanes = new RelayLanes({
      options: this.#options,
      system,
      identity: () => this.#identity(),
      onMail: (back, from, message) => this.#mail.receive(back, from, message),
      onGone: (id) =>
        this.#tellPeer(id, 'GOSSIP_RELAY_CLIENT_GONE', 'the peer is not registered with its relay any more'),
      onLinkEnd: () => this.#introductions.showAgain(),
      onUndelivered: (id, code) => this.#tellPeer(id, code, 'nobody is registered with the relay under this id'),
      onPipe: (pipe) => this.#hub.accept(pipe),
      onSession: (session) => this.#tellSession(session),
      tellError: (error) => this.#tell(error),
    })
    this.#mail = new RelayMail({
      codec: this.#options.codec,
      introductions: this.#introductions,
      ownAddress: () => this.address ?? null,
      emit: (event, ...facts) => this.#state !== 'closed' && this.emit(event, ...facts),
    })
    this.#hub = new SessionHub(
      this.#options.session,
      {
        introduction: () => {
          const hello = this.#introductions.own
          return hello && { hello, sender: { id: hello.id, transport: this.address ?? null } }
        },
        dial: (remote, signal) => this.#lanes.dial(remote, signal),
        addressKey: (address) => addressKey(address),
        onSession: (session) => void this.emit('session', session),
        tellError: (error) => this.#tell(error),
      },
      system,
    )
    const { carrier } = this.#options
    if (carrier.bulk !== undefined) {
      this.bulk = (peer, local, source) => carrier.bulk?.(peer, local, source)
      this.canBulk = (peer) => this.#lanes.wayTo(peer).kind === 'carrier' && carrier.canBulk?.(peer) !== false
    }
    this.#forward(carrier)
  }

  /**
   * Where peers reach this node; undefined until it listens. Behind a relay: `{relay, id}`, with the carrier's own address
   * in `also` if it listens too.
   */
  get address(): JsonValue | undefined {
    if (this.#state !== 'listening') return undefined
    const { carrier, home } = this.#options
    const direct = carrier.address ?? undefined
    const id = this.#introductions.own?.id
    if (home === undefined || id === undefined) return direct
    return direct === undefined ? { relay: home, id } : { relay: home, id, also: [direct] }
  }

  /** Largest payload in bytes of its JSON text, whichever way it takes. */
  get maxMessageBytes(): number {
    const { carrier, messageBytesMax, codec } = this.#options
    return Math.min(messageBytesMax - codec.overheadBytesMax, carrier.maxMessageBytes ?? messageBytesMax)
  }

  /** Whether this node is registered with its own relay at the moment. */
  get isRegistered(): boolean {
    return this.#lanes.homeLink?.isOpen === true
  }

  /** The relay that this node is, where it is one. */
  get server(): RelayServer | undefined {
    return this.#lanes.server
  }

  /** Whether there is a way to a peer at the moment. */
  canReach(peer: PeerRef): boolean {
    const way = this.#lanes.wayTo(peer)
    if (way.kind === 'carrier') return this.#options.carrier.canReach?.(peer) ?? true
    return way.kind !== 'none'
  }

  /**
   * Says who this is, to the carrier and end to end. Needed before `listen`.
   *
   * @throws {InvalidOptionError} a hello that no peer could read
   */
  introduce(hello: Hello): void {
    const former = this.#introductions.own
    this.#introductions.introduce(hello)
    this.#options.carrier.introduce?.(hello)
    if (former !== undefined && former.generation !== hello.generation) this.#lanes.introduce()
  }

  /**
   * Opens the carrier where it is to listen, and registers with the own relay. Where that cannot be reached it resolves
   * all the same: the error is told, and it is tried again for ever. Nothing happens if it listens.
   *
   * @throws {TransportError} the relay refuses the registration, or the carrier cannot listen
   * @throws {LifecycleError} it was not introduced, or was closed
   */
  listen(): Promise<void> {
    this.#opening ??= this.#open()
    return this.#opening
  }

  /** Ends registrations, sessions and the carrier. May be called at any time, and again. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** Sends a digest. */
  digest(remotePeer: PeerRef, localPeer: SenderRef, digestToSend: JsonValue): void {
    this.#send(remotePeer, 'digest', localPeer, digestToSend)
  }

  /** Sends deltas. */
  deltas(remotePeer: PeerRef, localPeer: SenderRef, deltasToSend: JsonValue): void {
    this.#send(remotePeer, 'deltas', localPeer, deltasToSend)
  }

  /** Sends a payload outside the gossip. A string travels as it is, so it should be JSON itself. */
  rpc(remotePeer: PeerRef, payload: JsonValue): void {
    const destination = this.#destinationOf(remotePeer)
    if (destination === 'carrier') this.#options.carrier.rpc?.(remotePeer, payload)
    else if (destination !== undefined) this.#mail.sendRpc(destination, remotePeer, payload)
  }

  /**
   * The session with a peer: the one there is, or a new one, direct where he can be dialled. A relayed session is never
   * `authenticated`: that the relay vouches for the id is no proof of the peer's.
   *
   * @throws {GossipError} as a rejection, see `SessionHub.connect`
   */
  async connect(remotePeer: PeerRef, options?: { readonly signal?: AbortSignal | undefined }): Promise<Session> {
    if (this.#state === 'closed') throw new LifecycleError('GOSSIP_NODE_CLOSED', 'the transport was closed')
    if (options?.signal?.aborted === true) throw aborted()
    const way = this.#lanes.wayTo(remotePeer)
    const peer = { ...remotePeer, id: remotePeer.id ?? ('id' in way ? way.id : undefined) }
    const present = this.#direct.find(peer.id)
    const isRelayed = way.kind === 'link' || way.kind === 'visit' || (peer.id !== undefined && this.#hub.has(peer))
    if (present === undefined && isRelayed) return this.#hub.connect(peer, options)
    if (present === undefined && way.kind === 'none') {
      throw new TransportError(way.code, way.problem, { peer: remotePeer, direction: 'outbound' })
    }
    const session = present ?? (await this.#options.carrier.connect?.(remotePeer, options))
    if (session === undefined)
      throw new InvalidOptionError('carrier', 'a transport with sessions', this.#options.carrier)
    this.#direct.add(session)
    this.#lanes.share(session)
    return session
  }

  /**
   * Who is registered with the own relay; where this node is a relay, with it.
   *
   * @throws {TransportError} as a rejection: `GOSSIP_RELAY_LOST`, `GOSSIP_RELAY_LIST_REFUSED`
   */
  async listClients(): Promise<readonly RelayClientFacts[]> {
    const { server } = this
    if (server !== undefined) return server.list()
    const link = this.#lanes.homeLink
    if (link !== undefined) return link.listClients()
    throw new TransportError('GOSSIP_RELAY_LOST', 'there is no registration with a relay', { direction: 'outbound' })
  }

  async #open(): Promise<void> {
    const { carrier, listens } = this.#options
    if (this.#state === 'closed') throw new LifecycleError('GOSSIP_NODE_CLOSED', 'the transport was closed')
    if (this.#introductions.own === undefined) {
      throw new LifecycleError('GOSSIP_NODE_NOT_STARTED', 'a relay transport has to be introduced before it listens')
    }
    if (listens && carrier.address === undefined) await carrier.listen?.()
    const refusal = this.#isClosed() ? undefined : await this.#lanes.start()
    if (refusal !== undefined) {
      await this.close()
      throw refusal
    }
    if (this.#isClosed()) throw new LifecycleError('GOSSIP_ABORTED', 'the transport was closed')
    this.#state = 'listening'
    this.emit('listening')
  }

  async #close(): Promise<void> {
    this.#state = 'closed'
    const sessions = this.#hub.close()
    this.#lanes.close()
    await sessions
    await this.#options.carrier.close?.()
  }

  /** Asked again after a wait. */
  #isClosed(): boolean {
    return this.#state === 'closed'
  }

  #identity(): { id: string; generation: number } {
    const own = this.#introductions.own
    if (own === undefined) throw new LifecycleError('GOSSIP_NODE_NOT_STARTED', 'the transport was not introduced')
    return own
  }

  #send(remote: PeerRef, kind: MessageKind, local: SenderRef, payload: JsonValue): void {
    const [bytes, bytesMax] = [jsonBytes(payload), this.maxMessageBytes]
    // What only one of the ways could carry would arrive by luck.
    if (bytes > bytesMax) {
      this.#tell(new FrameTooLargeError(bytes, bytesMax, { peer: remote, direction: 'outbound' }))
      return
    }
    const destination = this.#destinationOf(remote)
    if (destination === 'carrier') this.#options.carrier[kind](remote, local, payload)
    else if (destination !== undefined) this.#mail.send(destination, remote, kind, local, payload)
  }

  #destinationOf(remote: PeerRef): Destination | 'carrier' | undefined {
    // A node that is closing may still have something to say; nobody waits for an error.
    if (this.#state === 'closed') return undefined
    if (this.#introductions.own === undefined) return 'carrier'
    try {
      return this.#lanes.destinationOf(remote) ?? 'carrier'
    } catch (error) {
      this.#tell(error as Error)
      return undefined
    }
  }

  #tellPeer(id: string, code: string, problem: string): void {
    const transport = this.#introductions.find(id)?.transport ?? null
    if (code === 'GOSSIP_RELAY_CLIENT_GONE') this.#introductions.forget(id)
    this.#tell(new TransportError(code, problem, { peer: { id, transport }, direction: 'outbound' }))
  }

  #tellSession(session: Session): void {
    if (this.#state === 'closed') return
    this.#direct.add(session)
    this.emit('session', session)
  }

  #tell(error: Error): void {
    if (this.#state !== 'closed') this.emit('error', error)
  }

  #forward(carrier: Transport): void {
    carrier.on('digest', (peer, digest) => void this.emit('digest', peer, digest))
    carrier.on('deltas', (peer, deltas) => void this.emit('deltas', peer, deltas))
    carrier.on('hello', (peer, hello) => void this.emit('hello', peer, hello))
    carrier.on('rpc', (peer, payload) => void this.emit('rpc', peer, payload))
    carrier.on('bulk', (peer, offer) => void this.emit('bulk', peer, offer))
    carrier.on('session', (session) => this.#tellSession(session))
    carrier.on('error', (error) => this.#tell(error))
  }
}

function aborted(): LifecycleError {
  return new LifecycleError('GOSSIP_ABORTED', 'the signal was raised before the session was open')
}
