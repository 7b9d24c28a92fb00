/**
 * Several transports in one node. Its address is the first one's with `also`, the addresses of the others, so that
 * everybody finds one that he understands; what the transports hear, the bridge tells as its own.
 */

import {
  type BulkSource,
  FrameTooLargeError,
  type Hello,
  InvalidOptionError,
  isPlainObject,
  type JsonValue,
  jsonBytes,
  LifecycleError,
  type PeerRef,
  type SenderRef,
  type Session,
  type Transport,
  TransportError,
} from '../../core/index.ts'
import { TransportEmitter } from '../transport-emitter.ts'
import { ALSO_MAX } from '../wire/index.ts'
import { Routes } from './routes.ts'

/** Most transports of one bridge. */
export const BRIDGED_MAX: number = ALSO_MAX

type Capability = 'listen' | 'introduce' | 'rpc' | 'datagram' | 'connect' | 'bulk'

/**
 * Joins transports. They belong to the bridge from then on: it opens and closes them. It has those optional
 * capabilities that at least one of them has. Beside their errors it tells `GOSSIP_ADDRESS_MALFORMED` where none of
 * them knows a way.
 */
export class BridgeTransport extends TransportEmitter implements Transport {
  /** Opens all that can be opened; if one cannot, all are closed and it fails as that one did. */
  readonly listen?: () => Promise<void>
  /** Says who this is, on all of them. */
  readonly introduce?: (hello: Hello) => void
  /** Sends a payload outside the gossip, by a transport that can. */
  readonly rpc?: (remotePeer: PeerRef, payload: JsonValue) => void
  /** Sends bytes that need not arrive, by a transport that can. */
  readonly datagram?: (remotePeer: PeerRef, payload: Uint8Array) => void
  /** The session with a peer, by a transport that can. */
  readonly connect?: (remotePeer: PeerRef, options?: { readonly signal?: AbortSignal | undefined }) => Promise<Session>

  /** Sends in bulk, by a transport that can. */
  readonly bulk?: (remotePeer: PeerRef, localPeer: SenderRef, source: BulkSource) => void
  /** Whether one of those that can send in bulk knows a way to a peer that understands it. */
  readonly canBulk?: (remotePeer: PeerRef) => boolean

  readonly #transports: readonly Transport[]
  readonly #routes: Routes
  #opening: Promise<void> | undefined
  #closing: Promise<void> | undefined
  #isListening = false

  /**
   * @param transports - 1 to 9, in the order of preference
   * @throws {InvalidOptionError} no list of transports
   */
  constructor(transports: readonly Transport[]) {
    super()
    this.#transports = checked(transports)
    this.#routes = new Routes(this.#transports)
    const has = (name: Capability): boolean => this.#transports.some((each) => each[name] !== undefined)
    if (has('listen')) this.listen = () => this.#open()
    if (has('introduce')) this.introduce = (hello) => this.#introduce(hello)
    if (has('rpc')) this.rpc = (peer, payload) => this.#route(peer, 'rpc')?.rpc?.(peer, payload)
    if (has('datagram')) this.datagram = (peer, payload) => this.#route(peer, 'datagram')?.datagram?.(peer, payload)
    if (has('connect')) this.connect = (peer, options) => this.#connect(peer, options)
    if (has('bulk')) {
      this.canBulk = (peer) => this.#routes.find(peer, (each) => canBulk(each, peer)) !== undefined
      this.bulk = (peer, local, source) => this.#sendBulk(peer, local, source)
    }
    for (const transport of this.#transports) this.#forward(transport)
  }

  /** The first transport's address, with the others' as `also`; undefined until all listen. */
  get address(): JsonValue | undefined {
    if (!this.#isListening) return undefined
    const [first, ...also] = this.#transports.flatMap(({ address }) => (address == null ? [] : [address]))
    if (first === undefined || also.length === 0) return first
    return isPlainObject(first) ? { ...first, also } : { also: [first, ...also] }
  }

  /** The smallest limit of all: which of them a message will take is not known when it is made. */
  get maxMessageBytes(): number | undefined {
    return smallest(this.#transports.map((each) => each.maxMessageBytes))
  }

  /** The smallest limit of those that have datagrams. */
  get maxDatagramBytes(): number | undefined {
    return smallest(this.#transports.map((each) => each.maxDatagramBytes))
  }

  /** The one that is bringing the message knows that it is meant. */
  blame(error: Error): void {
    for (const transport of this.#transports) transport.blame?.(error)
  }

  /** Whether one of them knows a way. */
  canReach(remotePeer: PeerRef): boolean {
    return this.#routes.find(remotePeer) !== undefined
  }

  /** Sends a digest by the first transport that knows a way. */
  digest(remotePeer: PeerRef, localPeer: SenderRef, digestToSend: JsonValue): void {
    this.#routeFor(remotePeer, digestToSend)?.digest(remotePeer, localPeer, digestToSend)
  }

  /** Sends deltas by the first transport that knows a way. */
  deltas(remotePeer: PeerRef, localPeer: SenderRef, deltasToSend: JsonValue): void {
    this.#routeFor(remotePeer, deltasToSend)?.deltas(remotePeer, localPeer, deltasToSend)
  }

  /** Closes all. May be called at any time, and again. */
  close(): Promise<void> {
    this.#isListening = false
    this.#closing ??= this.#closeAll()
    return this.#closing
  }

  /** What one of them could carry and another not would arrive by luck, so it goes by none. */
  #routeFor(peer: PeerRef, payload: JsonValue): Transport | undefined {
    const [route, bytesMax] = [this.#route(peer), this.maxMessageBytes]
    if (route === undefined || bytesMax === undefined || route.maxMessageBytes === bytesMax) return route
    const bytes = jsonBytes(payload)
    if (bytes <= bytesMax) return route
    this.emit('error', new FrameTooLargeError(bytes, bytesMax, { peer, direction: 'outbound' }))
    return undefined
  }

  #route(peer: PeerRef, capability?: Capability): Transport | undefined {
    if (this.#closing !== undefined) return undefined
    const route = this.#routes.find(peer, (each) => capability === undefined || each[capability] !== undefined)
    if (route === undefined) this.emit('error', noWay(peer))
    return route
  }

  #connect(peer: PeerRef, options?: { readonly signal?: AbortSignal | undefined }): Promise<Session> {
    const route = this.#routes.find(peer, (each) => each.connect !== undefined)
    return route?.connect?.(peer, options) ?? Promise.reject(noWay(peer))
  }

  #sendBulk(peer: PeerRef, local: SenderRef, source: BulkSource): void {
    const route = this.#routes.find(peer, (each) => canBulk(each, peer))
    if (this.#closing !== undefined || route?.bulk === undefined) source.end(noWay(peer))
    else route.bulk(peer, local, source)
  }

  #introduce(hello: Hello): void {
    for (const transport of this.#transports) transport.introduce?.(hello)
  }

  #open(): Promise<void> {
    if (this.#closing !== undefined) {
      return Promise.reject(new LifecycleError('GOSSIP_NODE_CLOSED', 'the bridge was closed'))
    }
    this.#opening ??= this.#openAll().catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  async #openAll(): Promise<void> {
    const opened = await Promise.allSettled(
      this.#transports.map(async (each) => (each.address === undefined ? await each.listen?.() : undefined)),
    )
    const failure = opened.find((result) => result.status === 'rejected')
    if (failure !== undefined) {
      await this.close()
      throw failure.reason
    }
    if (this.#closing !== undefined) throw new LifecycleError('GOSSIP_ABORTED', 'the bridge was closed')
    this.#isListening = true
    this.emit('listening')
  }

  async #closeAll(): Promise<void> {
    await Promise.all(this.#transports.map((transport) => transport.close?.()))
  }

  #forward(transport: Transport): void {
    transport.on('digest', (peer, digest) => void this.emit('digest', peer, digest))
    transport.on('deltas', (peer, deltas) => void this.emit('deltas', peer, deltas))
    transport.on('hello', (peer, hello) => void this.emit('hello', peer, hello))
    transport.on('rpc', (peer, payload) => void this.emit('rpc', peer, payload))
    transport.on('datagram', (peer, payload) => void this.emit('datagram', peer, payload))
    transport.on('bulk', (peer, offer) => void this.emit('bulk', peer, offer))
    transport.on('session', (session) => void this.emit('session', session))
    transport.on('error', (error) => {
      if (error instanceof TransportError && error.direction === 'outbound' && isPeer(error.peer)) {
        this.#routes.noteTrouble(error.peer, transport)
      }
      this.emit('error', error)
    })
  }
}

function checked(transports: readonly Transport[]): readonly Transport[] {
  const isList = Array.isArray(transports) && transports.length > 0 && transports.length <= BRIDGED_MAX
  const isTransport = (value: unknown): boolean =>
    ['digest', 'deltas', 'on', 'off'].every(
      (name) => typeof (Object(value) as Record<string, unknown>)[name] === 'function',
    )
  if (isList && transports.every(isTransport)) return Object.freeze([...transports])
  throw new InvalidOptionError('transports', `a list of 1 to ${BRIDGED_MAX} transports`, transports)
}

function canBulk(transport: Transport, peer: PeerRef): boolean {
  return transport.bulk !== undefined && transport.canBulk?.(peer) !== false
}

function isPeer(value: unknown): value is PeerRef {
  return isPlainObject(value) && value['transport'] !== undefined
}

function smallest(limits: readonly (number | undefined)[]): number | undefined {
  const given = limits.filter((limit) => limit !== undefined)
  return given.length === 0 ? undefined : Math.min(...given)
}

function noWay(peer: PeerRef): TransportError {
  const problem = 'none of the bridged transports knows a way to this address'
  return new TransportError('GOSSIP_ADDRESS_MALFORMED', problem, { peer, direction: 'outbound' })
}
