/**
 * The plainest transport that does everything the contract asks: text between objects of one process, a turn of the
 * event loop later. Its methods are small, so that broken ones can differ in a single step.
 */

import {
  type BulkOffer,
  type BulkSource,
  FrameTooLargeError,
  type Hello,
  type JsonValue,
  jsonBytes,
  MalformedMessageError,
  type PeerRef,
  type SenderRef,
  type Session,
  type Transport,
  TransportError,
  type TransportEvents,
} from '../../../src/core/index.ts'
import type { ConformanceFixture, TransportRequest } from '../../../src/transports/conformance/index.ts'
import {
  GREETING_START,
  helloRefusal,
  type Pipe,
  parseSender,
  passBulk,
  resolveSessionOptions,
  SessionHub,
  type SessionOptions,
  TransportEmitter,
} from '../../../src/transports/index.ts'
import { memoryPipes } from '../../../src/transports/memory/pipe.ts'

/** Most bytes under way per transport. */
export const QUEUE_BYTES_MAX = 1_048_576

/** The kinds of message. */
export type PlainKind = 'digest' | 'deltas' | 'rpc'

/** Who listens where. */
export class PlainNetwork {
  readonly listening: Map<string, PlainTransport> = new Map()
  #count = 0

  newAddress(): string {
    return `plain:${++this.#count}`
  }
}

/** Sends, and hears what comes back; whoever is to be dialled needs a {@link PlainListener}. */
export class PlainTransport extends TransportEmitter implements Transport {
  readonly maxMessageBytes: number = 65_536
  readonly network: PlainNetwork
  address: string | undefined
  isClosed = false
  queuedBytes = 0
  hello: Hello | undefined
  /** Who wrote, by id: whoever cannot be dialled is answered there. */
  readonly routes: Map<string, PlainTransport> = new Map()
  readonly met: Map<PlainTransport, Hello> = new Map()
  hub: SessionHub
  readonly #altered = new WeakMap<Session, Session>()

  constructor(network: PlainNetwork) {
    super()
    this.network = network
    this.hub = this.newHub()
  }

  newHub(options: SessionOptions = {}): SessionHub {
    return new SessionHub(resolveSessionOptions(options), {
      introduction: () =>
        this.hello && { hello: this.hello, sender: { id: this.hello.id, transport: this.address ?? null } },
      dial: (remote) => this.dial(remote),
      addressKey: (address) => (typeof address === 'string' ? address : undefined),
      onSession: (session) => this.tell('session', this.altered(session)),
      tellError: (error) => this.tellError(error),
    })
  }

  async connect(remote: PeerRef, options?: { readonly signal?: AbortSignal | undefined }): Promise<Session> {
    return this.altered(await this.hub.connect(remote, options))
  }

  async dial(remote: PeerRef): Promise<Pipe> {
    const target = this.network.listening.get(remote.transport as string)
    if (target === undefined) throw this.trouble('GOSSIP_CONNECT_FAILED', remote)
    const [ours, theirs] = memoryPipes({
      schedule: (deliver) => this.later(deliver),
      onBytes: () => {},
      way: { from: '', to: '' },
    })
    target.hub.accept(theirs)
    return ours
  }

  /** Bytes from a stranger, where sessions are accepted. */
  acceptGarbage(bytes: Uint8Array): void {
    const [ours, theirs] = memoryPipes({
      schedule: (deliver) => setImmediate(deliver),
      onBytes: () => {},
      way: { from: '', to: '' },
    })
    this.hub.accept(theirs)
    ours.receive({ onBytes: () => {}, onDrain: () => {}, onClosed: () => {} })
    ours.resume()
    ours.write([bytes])
    ours.end()
  }

  bulk(remotePeer: PeerRef, localPeer: SenderRef, source: BulkSource): void {
    passBulk(source, {
      schedule: (step) => setImmediate(step),
      cut: () => {
        const target = this.targetOf(remotePeer)
        const isThere = target !== undefined && !target.isClosed && !this.isClosed
        return isThere ? undefined : this.trouble('GOSSIP_CONNECT_FAILED', remotePeer)
      },
      offer: (offer) => this.targetOf(remotePeer)?.tell('bulk', localPeer, this.alterOffer(offer)),
      tellError: (error) => this.tellError(error),
    })
  }

  /** A transfer as it is told; broken transports put something else in its place. */
  alterOffer(offer: BulkOffer): BulkOffer {
    return offer
  }

  altered(session: Session): Session {
    const altered = this.#altered.get(session) ?? this.alter(session)
    this.#altered.set(session, altered)
    return altered
  }

  /** A session as it is told; broken transports put something else in its place. */
  alter(session: Session): Session {
    return session
  }

  /** Tells an event; broken transports put something else in its place. */
  tell<E extends Exclude<keyof TransportEvents, 'error'>>(event: E, ...facts: Parameters<TransportEvents[E]>): void {
    this.emit(event, ...facts)
  }

  tellError(error: Error): void {
    this.emit('error', error)
  }

  async close(): Promise<void> {
    this.isClosed = true
    await this.hub.close()
  }

  introduce(hello: Hello): void {
    this.hello = hello
  }

  digest(remotePeer: PeerRef, localPeer: SenderRef, digestToSend: JsonValue): void {
    this.send('digest', remotePeer, localPeer, digestToSend)
  }

  deltas(remotePeer: PeerRef, localPeer: SenderRef, deltasToSend: JsonValue): void {
    this.send('deltas', remotePeer, localPeer, deltasToSend)
  }

  rpc(remotePeer: PeerRef, payload: JsonValue): void {
    this.post(remotePeer, this.encode('rpc', { id: 'rpc', transport: null }, payload))
  }

  send(kind: PlainKind, remotePeer: PeerRef, localPeer: SenderRef, payload: JsonValue): void {
    if (this.isClosed) return
    const bytes = this.sizeOf(payload)
    if (bytes > this.maxMessageBytes) {
      const facts = { peer: remotePeer, direction: 'outbound' } as const
      this.tellError(new FrameTooLargeError(bytes, this.maxMessageBytes, facts))
    } else this.post({ ...remotePeer }, this.encode(kind, localPeer, payload))
  }

  sizeOf(payload: JsonValue): number {
    return jsonBytes(payload)
  }

  encode(kind: PlainKind, sender: SenderRef, payload: JsonValue): string {
    return JSON.stringify({ kind, sender, payload })
  }

  post(to: PeerRef, text: string): void {
    const isRouted = to.id !== undefined && this.routes.has(to.id)
    if (!isRouted && (typeof to.transport !== 'string' || to.transport === '')) {
      this.tellError(this.trouble('GOSSIP_ADDRESS_MALFORMED', to))
    } else if (!this.hasRoom(text)) this.tellError(this.trouble('GOSSIP_QUEUE_FULL', to))
    else {
      this.queuedBytes += text.length
      this.later(() => {
        this.queuedBytes -= text.length
        if (!this.isClosed) this.arrive(to, text)
      })
    }
  }

  hasRoom(text: string): boolean {
    return this.queuedBytes + text.length <= QUEUE_BYTES_MAX
  }

  trouble(code: string, peer: PeerRef): Error {
    return new TransportError(code, 'it did not go', { peer, direction: 'outbound' })
  }

  later(deliver: () => void): void {
    setImmediate(deliver)
  }

  targetOf({ id, transport }: PeerRef): PlainTransport | undefined {
    const dialled = typeof transport === 'string' ? this.network.listening.get(transport) : undefined
    return dialled ?? (id === undefined ? undefined : this.routes.get(id))
  }

  arrive(to: PeerRef, text: string): void {
    const target = this.targetOf(to)
    if (target === undefined || target.isClosed) this.tellError(this.trouble('GOSSIP_CONNECT_FAILED', to))
    else if (target.meet(this)) {
      this.meet(target)
      target.receive(text, this)
    }
  }

  /** Hears the other side's hello, unless it has; returns whether it is welcome. */
  meet(other: PlainTransport): boolean {
    const { hello: theirs } = other
    if (this.hello === undefined || theirs === undefined || this.met.get(other) === theirs) return true
    const peer = { id: theirs.id, transport: other.address ?? null }
    const refusal = this.refusalOf(theirs, peer)
    if (refusal !== undefined) {
      this.tellError(refusal)
      return false
    }
    this.met.set(other, theirs)
    this.tell('hello', peer, theirs)
    return true
  }

  refusalOf(hello: Hello, peer: SenderRef): Error | undefined {
    return helloRefusal(this.hello as Hello, hello, peer)
  }

  receive(text: string, from?: PlainTransport): void {
    if (this.isClosed) return
    const message = this.parse(text)
    if (message === undefined) return
    const { kind, sender, payload } = message
    if (from !== undefined) this.routes.set(sender.id, from)
    if (kind === 'rpc') this.tell('rpc', undefined, payload)
    else this.tell(kind, sender, payload)
  }

  parse(text: string): { kind: PlainKind; sender: SenderRef; payload: JsonValue } | undefined {
    try {
      const { kind, sender, payload } = Object(JSON.parse(text)) as Record<string, unknown>
      if (kind === 'digest' || kind === 'deltas' || kind === 'rpc') {
        return { kind, sender: parseSender(sender), payload: payload as JsonValue }
      }
    } catch {
      // It is told below, like everything else that cannot be read.
    }
    this.refuse(text)
    return undefined
  }

  refuse(text: string): void {
    this.tellError(new MalformedMessageError(`${text.length} characters that are no message`))
  }
}

/** One that others can dial. */
export class PlainListener extends PlainTransport {
  readonly wanted: string

  constructor(network: PlainNetwork, address?: JsonValue) {
    super(network)
    this.wanted = typeof address === 'string' ? address : network.newAddress()
  }

  async listen(): Promise<void> {
    if (this.address !== undefined) return
    if (this.isTaken()) throw new TransportError('GOSSIP_ADDRESS_IN_USE', 'it is in use', { direction: 'inbound' })
    if (this.isClosed) this.hub = this.newHub()
    this.isClosed = false
    this.network.listening.set(this.wanted, this)
    this.address = this.wanted
    this.tell('listening')
  }

  isTaken(): boolean {
    return this.network.listening.has(this.wanted)
  }

  override async close(): Promise<void> {
    this.isClosed = true
    if (this.address !== undefined) this.network.listening.delete(this.address)
    this.address = undefined
    await this.hub.close()
  }
}

/** Makes the transports of a fixture. */
export type PlainMaker = (network: PlainNetwork, request: TransportRequest) => Transport

/** A fixture of the plain transport, or of one that differs from it. */
export function plainFixture(
  make: PlainMaker = (network, { address }) => new PlainListener(network, address),
  changes: Partial<ConformanceFixture> = {},
): ConformanceFixture {
  const network = new PlainNetwork()
  return {
    name: 'plain',
    capabilities: {
      listens: true,
      addressable: true,
      canReopen: true,
      diallers: true,
      ordered: true,
      limited: true,
      reportsUnreachable: true,
      rpc: true,
      hello: true,
      sessions: true,
      bulk: true,
    },
    createTransport: (request) => (request.role === 'dialler' ? new PlainTransport(network) : make(network, request)),
    malformedAddresses: [null, 7, {}],
    injectGarbage: (address, bytes) => {
      const text = new TextDecoder().decode(bytes)
      const target = network.listening.get(address as string)
      if (text.startsWith(GREETING_START.slice(0, 12))) target?.acceptGarbage(bytes)
      else target?.receive(text)
    },
    queueBytesMax: QUEUE_BYTES_MAX,
    ...changes,
  }
}
