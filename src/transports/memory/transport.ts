/**
 * One transport of a memory network. It owes its users what a real one does: messages arrive later, as bytes, within
 * a limit, from a bounded queue; an address where nobody listens is an error; strangers are met by a hello first.
 * What it never does is lose, repeat or reorder: that is the business of a decorator.
 */

import {
  type BulkOffer,
  type BulkSource,
  FrameTooLargeError,
  GossipError,
  type Hello,
  type JsonValue,
  jsonBytes,
  MalformedMessageError,
  type PeerRef,
  type SenderRef,
  type Session,
  type Transport,
  TransportError,
} from '../../core/index.ts'
import { BULK_FEATURE, passBulk } from '../bulk/index.ts'
import { type Pipe, SessionHub, type SessionHubPorts } from '../session/index.ts'
import { TransportEmitter } from '../transport-emitter.ts'
import {
  addressesOf,
  type Envelope,
  encodeHello,
  encodeMessage,
  helloAnswerLine,
  helloRefusal,
  LINE_END,
  messageLine,
  parseEnvelope,
  parseHello,
  rpcLine,
} from '../wire/index.ts'
import type { ResolvedMemoryNetworkOptions } from './options.ts'
import { memoryPipes } from './pipe.ts'
import type { PipeTable } from './pipe-table.ts'
import { type Traffic, TrafficMeter } from './traffic.ts'

/** What the transports of one network have in common. */
export interface Medium extends ResolvedMemoryNetworkOptions {
  /** Who listens where. */
  readonly listening: Map<string, MemoryTransport>
  readonly pipes: PipeTable
  readonly total: TrafficMeter
}

/** Somebody whose hello has passed, with its text: another text is another life, and looked at again. */
interface Acquaintance {
  readonly peer: SenderRef
  readonly helloText: string
}

/** How this transport introduces itself. */
interface Introduction {
  readonly hello: Hello
  readonly text: string
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * A transport in memory. Its errors: `GOSSIP_CONNECT_FAILED` (nobody listens there), `GOSSIP_ADDRESS_MALFORMED`,
 * `GOSSIP_ADDRESS_IN_USE` (thrown by `listen`), `GOSSIP_FRAME_TOO_LARGE`, `GOSSIP_QUEUE_FULL`,
 * `GOSSIP_MESSAGE_MALFORMED`, `GOSSIP_CLUSTER_FOREIGN`, `GOSSIP_PROTOCOL_UNSUPPORTED`, `GOSSIP_LISTENER_THREW`, and those
 * of sessions.
 */
export class MemoryTransport extends TransportEmitter implements Transport {
  readonly #address: string
  readonly #medium: Medium
  readonly #meter: TrafficMeter
  #state: 'new' | 'listening' | 'closed' = 'new'
  /** Rises at every close: what was sent in a former life is dropped. */
  #life = 0
  #inFlightBytes = 0
  #introduction: Introduction | undefined
  #met = new WeakMap<MemoryTransport, Acquaintance>()
  #hub: SessionHub

  /** Use `MemoryNetwork.transport`. */
  constructor(address: string, medium: Medium) {
    super()
    this.#address = address
    this.#medium = medium
    this.#meter = new TrafficMeter(medium.total)
    this.#hub = this.#newHub()
  }

  /** Where others reach this transport; undefined unless it listens. */
  get address(): string | undefined {
    return this.#state === 'listening' ? this.#address : undefined
  }

  /** Whether a peer has an address of this form. */
  canReach({ transport }: PeerRef): boolean {
    return findAddress(transport) !== undefined
  }

  /** Largest payload in bytes of its JSON text. */
  get maxMessageBytes(): number {
    return this.#medium.maxMessageBytes
  }

  /** What this transport sent and received so far. */
  get traffic(): Traffic {
    return this.#meter
  }

  /**
   * Starts to accept messages; `listening` is emitted before the promise resolves. Nothing happens if it listens.
   *
   * @throws {TransportError} `GOSSIP_ADDRESS_IN_USE`: another transport listens there
   */
  async listen(): Promise<void> {
    if (this.#state === 'listening') return
    if (this.#medium.listening.has(this.#address)) {
      throw new TransportError('GOSSIP_ADDRESS_IN_USE', `${this.#address} is in use`, { direction: 'inbound' })
    }
    this.#medium.listening.set(this.#address, this)
    if (this.#state === 'closed') this.#hub = this.#newHub()
    this.#state = 'listening'
    this.emit('listening')
  }

  /** Stops accepting, drops what is under way, forgets whom it met and frees the address. It may listen again. */
  async close(): Promise<void> {
    if (this.#state === 'listening') this.#medium.listening.delete(this.#address)
    this.#state = 'closed'
    this.#life++
    this.#met = new WeakMap()
    await this.#hub.close()
  }

  /** Ends at once and without a word, as its process would; see `MemoryNetwork.crash`. */
  crash(isSilent: boolean): void {
    this.#medium.pipes.breakAt(this.#address, isSilent)
    void this.close()
  }

  /**
   * The session with a peer: the one there is, or a new one.
   *
   * @throws {TransportError} as a rejection, see `SessionHub.connect`
   */
  connect(remotePeer: PeerRef, options?: { readonly signal?: AbortSignal | undefined }): Promise<Session> {
    return this.#hub.connect(remotePeer, options)
  }

  /**
   * Says who this is. Everybody is told with the next message, those who were met before too.
   *
   * @throws {InvalidOptionError} a hello that no peer could read
   */
  introduce(hello: Hello): void {
    const text = encodeHello(hello)
    const own = parseHello(JSON.parse(text))
    const former = this.#introduction?.hello
    // Whoever passed the former comparison may not pass this one.
    if (former === undefined || helloRefusal(former, own, { id: own.id, transport: this.#address }) !== undefined) {
      this.#met = new WeakMap()
    }
    this.#introduction = { hello: own, text }
  }

  /** Sends a digest. */
  digest(remotePeer: PeerRef, localPeer: SenderRef, digestToSend: JsonValue): void {
    const line = messageLine(encodeMessage('digest', digestToSend, localPeer))
    this.#send(remotePeer, line, jsonBytes(digestToSend))
  }

  /** Sends deltas. */
  deltas(remotePeer: PeerRef, localPeer: SenderRef, deltasToSend: JsonValue): void {
    const line = messageLine(encodeMessage('deltas', deltasToSend, localPeer))
    this.#send(remotePeer, line, jsonBytes(deltasToSend))
  }

  /** Sends a payload outside the gossip. A string travels as it is, so it should be JSON itself. */
  rpc(remotePeer: PeerRef, payload: JsonValue): void {
    this.#send(remotePeer, rpcLine(payload))
  }

  /** Sends in bulk, a slice each time the network delivers something. */
  bulk(remotePeer: PeerRef, localPeer: SenderRef, source: BulkSource): void {
    const to = findAddress(remotePeer.transport)
    const life = this.#life
    let receiver: MemoryTransport | undefined
    const failed = (code: string, problem: string): TransportError =>
      new TransportError(code, problem, { peer: remotePeer, direction: 'outbound' })
    passBulk(source, {
      schedule: this.#medium.scheduleBulk,
      cut: () => {
        if (to === undefined) return failed('GOSSIP_ADDRESS_MALFORMED', 'a memory address is a string')
        if (life !== this.#life) return failed('GOSSIP_CONNECTION_LOST', 'this transport was closed')
        const present = this.#medium.listening.get(to)
        if (present === undefined) return failed('GOSSIP_CONNECT_FAILED', `nobody listens at ${to}`)
        receiver ??= present
        return receiver === present ? undefined : failed('GOSSIP_CONNECTION_LOST', `another listens at ${to} now`)
      },
      offer: (offer) => {
        if (receiver !== undefined) this.#offerBulk(receiver, localPeer, offer)
      },
      tellError: (error) => void receiver?.emit('error', error),
    })
  }

  /** Whether the node there has said that it takes transfers. */
  canBulk(remotePeer: PeerRef): boolean {
    const to = findAddress(remotePeer.transport)
    const there = to === undefined ? undefined : this.#medium.listening.get(to)
    return there !== undefined && there.#introduction?.hello.features.includes(BULK_FEATURE) === true
  }

  #offerBulk(receiver: MemoryTransport, localPeer: SenderRef, offer: BulkOffer): void {
    const isWelcome = this.#showHello(receiver)
    receiver.#answerHello(this)
    if (isWelcome) receiver.emit('bulk', receiver.#met.get(this)?.peer ?? localPeer, offer)
  }

  #newHub(): SessionHub {
    const ports: SessionHubPorts = {
      introduction: () => {
        const hello = this.#introduction?.hello
        return hello && { hello, sender: { id: hello.id, transport: this.address ?? null } }
      },
      dial: (remote) => this.#dial(remote),
      addressKey: (address) => findAddress(address),
      onSession: (session) => void this.emit('session', session),
      tellError: (error) => void this.emit('error', error),
    }
    return new SessionHub(this.#medium.session, ports, this.#medium.system)
  }

  #dial(remote: PeerRef): Promise<Pipe> {
    const { schedule, listening, pipes, total } = this.#medium
    const [life, to] = [this.#life, findAddress(remote.transport) ?? '']
    const way = { from: this.#address, to }
    return new Promise((resolve, reject) => {
      schedule(() => {
        const receiver = listening.get(to)
        if (receiver === undefined || life !== this.#life) {
          const facts = { peer: remote, direction: 'outbound' } as const
          reject(new TransportError('GOSSIP_CONNECT_FAILED', `nobody listens at ${to}`, facts))
          return
        }
        const [ours, theirs] = memoryPipes({ schedule, way, onBytes: (bytes) => total.countSent(0, bytes) })
        pipes.add(ours, theirs)
        receiver.#hub.accept(theirs)
        resolve(ours)
      }, way)
    })
  }

  #send(remotePeer: PeerRef, line: string, payloadBytes?: number): void {
    const bytes = encoder.encode(line)
    const to = findAddress(remotePeer.transport)
    const size = payloadBytes ?? bytes.length - LINE_END.length
    if (this.#state === 'closed') {
      this.#meter.countDropped() // A node that is closing may still have something to say; nobody waits for an error.
    } else if (to === undefined) {
      this.#drop('GOSSIP_ADDRESS_MALFORMED', 'a memory address is a string', remotePeer)
    } else if (size > this.#medium.maxMessageBytes) {
      this.#dropTooLarge(size, remotePeer)
    } else if (!this.#hasRoom(bytes.length)) {
      this.#drop('GOSSIP_QUEUE_FULL', `${this.#inFlightBytes} bytes are under way already`, remotePeer)
    } else {
      this.#meter.countSent(1, bytes.length)
      this.#launch(bytes.length, to, () => this.#arrive(to, remotePeer, bytes))
    }
  }

  /** A message that is alone always goes: else one that is larger than the queue could never go at all. */
  #hasRoom(bytes: number): boolean {
    return this.#inFlightBytes === 0 || this.#inFlightBytes + bytes <= this.#medium.inFlightBytesMax
  }

  #drop(code: string, problem: string, peer: PeerRef): void {
    this.#meter.countDropped()
    this.emit('error', new TransportError(code, problem, { peer, direction: 'outbound' }))
  }

  #dropTooLarge(bytes: number, peer: PeerRef): void {
    this.#meter.countDropped()
    this.emit('error', new FrameTooLargeError(bytes, this.#medium.maxMessageBytes, { peer, direction: 'outbound' }))
  }

  /** Holds the bytes against the limit until the network delivers them; a close drops them. */
  #launch(bytes: number, to: string, deliver: () => void): void {
    const [life, way] = [this.#life, { from: this.#address, to }]
    let isUnderWay = true
    this.#inFlightBytes += bytes
    this.#medium.schedule(() => {
      if (!isUnderWay) return
      isUnderWay = false
      this.#inFlightBytes -= bytes
      if (life === this.#life) deliver()
      else this.#meter.countDropped()
    }, way)
  }

  #arrive(to: string, remotePeer: PeerRef, bytes: Uint8Array): void {
    const receiver = this.#medium.listening.get(to)
    if (receiver === undefined) {
      this.#drop('GOSSIP_CONNECT_FAILED', `nobody listens at ${to}`, remotePeer)
      return
    }
    // The first message opens the connection: that is when both sides say who they are.
    const isWelcome = this.#showHello(receiver)
    receiver.#answerHello(this)
    if (isWelcome) receiver.#receive(this, bytes, 1)
    else receiver.#meter.countReceived(1, bytes.length)
  }

  #answerHello(other: MemoryTransport): void {
    if (this.#hasShownHello(other)) return
    this.#launch(0, other.#address, () => void this.#showHello(other))
  }

  #hasShownHello(other: MemoryTransport): boolean {
    return this.#introduction === undefined || other.#met.get(this)?.helloText === this.#introduction.text
  }

  /** @returns whether the other side listens to us */
  #showHello(other: MemoryTransport): boolean {
    const { address } = this
    if (this.#introduction === undefined || address === undefined || this.#hasShownHello(other)) return true
    const { hello, text } = this.#introduction
    const bytes = encoder.encode(helloAnswerLine({ id: hello.id, transport: address }, text))
    this.#meter.countSent(0, bytes.length)
    other.#receive(this, bytes, 0)
    return this.#hasShownHello(other)
  }

  #receive(from: MemoryTransport, bytes: Uint8Array, messages: 0 | 1): void {
    if (this.#state === 'closed') return // Closed by a listener, or before the answer to its hello came.
    this.#meter.countReceived(messages, bytes.length)
    const met = this.#met.get(from)?.peer
    const envelope = this.#parse(bytes, met)
    if (envelope === undefined) return
    if (envelope.kind === 'hello') this.#meet(from, envelope.sender, envelope.hello)
    else if (envelope.kind === 'rpc') this.emit('rpc', met, envelope.payload)
    else this.emit(envelope.kind, envelope.sender, envelope.payload)
  }

  #parse(bytes: Uint8Array, peer: SenderRef | undefined): Envelope | undefined {
    try {
      return parseEnvelope(JSON.parse(decoder.decode(bytes)))
    } catch (cause) {
      this.emit('error', cause instanceof GossipError ? cause : new MalformedMessageError('it is no JSON', peer))
      return undefined
    }
  }

  #meet(from: MemoryTransport, peer: SenderRef, hello: Hello): void {
    const own = this.#introduction?.hello
    const refusal = own === undefined ? undefined : helloRefusal(own, hello, peer)
    if (refusal !== undefined) {
      this.emit('error', refusal)
      return
    }
    this.#met.set(from, { peer, helloText: encodeHello(hello) })
    this.emit('hello', peer, hello)
  }
}

/** The first string among all addresses that a peer has. */
function findAddress(transport: JsonValue): string | undefined {
  return addressesOf(transport).find((address) => typeof address === 'string')
}
