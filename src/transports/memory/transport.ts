/**
 * One transport of a memory network. It owes its users what a real one does: messages arrive later, as bytes, within
 * a limit, from a bounded queue; an address where nobody listens is an error; strangers are met by a hello first.
 * What it never does is lose, repeat or reorder: that is the business of a decorator.
 */

import { EventEmitter } from 'eventemitter3'
import {
  FrameTooLargeError,
  type Hello,
  type JsonValue,
  type PeerRef,
  RefusedMessageError,
  type SenderRef,
  type Transport,
  TransportError,
  type TransportEvents,
} from '../../core/index.ts'
import { decodeHello, decodeMessage, encodeHello, encodeMessage, type MemoryMessage } from './message.ts'
import type { MemoryNetworkOptions } from './options.ts'
import { type Traffic, TrafficMeter } from './traffic.ts'

/** What the transports of one network have in common. */
export interface Medium extends Readonly<Required<MemoryNetworkOptions>> {
  /** Who listens where. */
  readonly listening: Map<string, MemoryTransport>
  readonly total: TrafficMeter
}

/**
 * A transport in memory. Its errors: `GOSSIP_CONNECT_FAILED` (nobody listens there), `GOSSIP_ADDRESS_MALFORMED`,
 * `GOSSIP_ADDRESS_IN_USE` (thrown by `listen`), `GOSSIP_FRAME_TOO_LARGE`, `GOSSIP_QUEUE_FULL`,
 * `GOSSIP_CLUSTER_FOREIGN`, `GOSSIP_PROTOCOL_UNSUPPORTED`.
 */
export class MemoryTransport extends EventEmitter<TransportEvents> implements Transport {
  readonly #address: string
  readonly #medium: Medium
  readonly #meter: TrafficMeter
  #state: 'new' | 'listening' | 'closed' = 'new'
  /** Rises at every close: what was sent in a former life is dropped. */
  #life = 0
  #inFlightBytes = 0
  #hello: Hello | undefined
  #helloBytes: Uint8Array | undefined
  /** Whose hello has passed, and which one: a new one is looked at again. */
  #met = new WeakMap<MemoryTransport, Uint8Array>()

  constructor(address: string, medium: Medium) {
    super()
    this.#address = address
    this.#medium = medium
    this.#meter = new TrafficMeter(medium.total)
  }

  /** Where others reach this transport; undefined unless it listens. */
  get address(): string | undefined {
    return this.#state === 'listening' ? this.#address : undefined
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
    this.#state = 'listening'
    this.emit('listening')
  }

  /** Stops accepting, drops what is under way, and frees the address. It may listen again later. */
  async close(): Promise<void> {
    if (this.#state === 'listening') this.#medium.listening.delete(this.#address)
    this.#state = 'closed'
    this.#life++
  }

  /** Says who this is; transports met from now on are told, those already met are told again. */
  introduce(hello: Hello): void {
    const isSameCluster =
      this.#hello?.clusterId === hello.clusterId && this.#hello.protocolVersion === hello.protocolVersion
    if (!isSameCluster) this.#met = new WeakMap()
    this.#helloBytes = encodeHello(hello)
    this.#hello = decodeHello(this.#helloBytes)
  }

  /** Sends a digest. */
  digest(remotePeer: PeerRef, localPeer: SenderRef, digestToSend: JsonValue): void {
    this.#send(remotePeer, { kind: 'digest', sender: senderOf(localPeer), payload: digestToSend })
  }

  /** Sends deltas. */
  deltas(remotePeer: PeerRef, localPeer: SenderRef, deltasToSend: JsonValue): void {
    this.#send(remotePeer, { kind: 'deltas', sender: senderOf(localPeer), payload: deltasToSend })
  }

  /** Sends a payload outside the gossip; the other side learns the sender if it was introduced and listens. */
  rpc(remotePeer: PeerRef, payload: JsonValue): void {
    const sender = this.#self()
    this.#send(remotePeer, sender === undefined ? { kind: 'rpc', payload } : { kind: 'rpc', sender, payload })
  }

  #send(remotePeer: PeerRef, message: MemoryMessage): void {
    // A node that is closing may still have something to say; nobody would hear of an error either.
    if (this.#state === 'closed') return this.#meter.countDropped()
    const to = remotePeer.transport
    if (typeof to !== 'string') {
      return this.#drop(outboundError('GOSSIP_ADDRESS_MALFORMED', 'a memory address is a string', remotePeer))
    }
    const { bytes, payloadBytes } = encodeMessage(message)
    const { maxMessageBytes, inFlightBytesMax } = this.#medium
    if (payloadBytes > maxMessageBytes) {
      const facts = { peer: remotePeer, direction: 'outbound' } as const
      return this.#drop(new FrameTooLargeError(payloadBytes, maxMessageBytes, facts))
    }
    if (this.#inFlightBytes > 0 && this.#inFlightBytes + bytes.length > inFlightBytesMax) {
      const problem = `${this.#inFlightBytes} bytes are under way already, the limit is ${inFlightBytesMax}`
      return this.#drop(outboundError('GOSSIP_QUEUE_FULL', problem, remotePeer))
    }
    this.#meter.countSent(1, bytes.length)
    this.#launch(bytes.length, () => this.#arrive(to, remotePeer, bytes))
  }

  #drop(error: Error): void {
    this.#meter.countDropped()
    this.emit('error', error)
  }

  /** Holds the bytes against the limit until the network delivers them, and drops them after a close. */
  #launch(bytes: number, deliver: () => void): void {
    const life = this.#life
    let isUnderWay = true
    this.#inFlightBytes += bytes
    this.#medium.schedule(() => {
      if (!isUnderWay) return
      isUnderWay = false
      this.#inFlightBytes -= bytes
      if (life === this.#life) deliver()
      else this.#meter.countDropped()
    })
  }

  #arrive(to: string, remotePeer: PeerRef, bytes: Uint8Array): void {
    const receiver = this.#medium.listening.get(to)
    if (receiver === undefined) {
      return this.#drop(outboundError('GOSSIP_CONNECT_FAILED', `nobody listens at ${to}`, remotePeer))
    }
    // The first message opens the connection, so this is when both sides say who they are.
    const isWelcome = this.#showHelloTo(receiver)
    if (receiver.#helloBytes !== undefined && this.#met.get(receiver) !== receiver.#helloBytes) {
      receiver.#launch(receiver.#helloBytes.length, () => void receiver.#showHelloTo(this))
    }
    receiver.#receive(bytes, isWelcome)
  }

  /** @returns whether the other side goes on listening */
  #showHelloTo(other: MemoryTransport): boolean {
    const bytes = this.#helloBytes
    const self = this.#self()
    if (bytes === undefined || self === undefined || other.#met.get(this) === bytes) return true
    this.#meter.countSent(0, bytes.length)
    return other.#meet(this, self, bytes)
  }

  #meet(other: MemoryTransport, remotePeer: SenderRef, bytes: Uint8Array): boolean {
    this.#meter.countReceived(0, bytes.length)
    const hello = decodeHello(bytes)
    const refusal = this.#hello === undefined ? undefined : refusalOf(this.#hello, hello, remotePeer)
    if (refusal !== undefined) {
      this.emit('error', refusal)
      return false
    }
    this.#met.set(other, bytes)
    this.emit('hello', remotePeer, hello)
    return true
  }

  #receive(bytes: Uint8Array, isWelcome: boolean): void {
    this.#meter.countReceived(1, bytes.length)
    if (!isWelcome) return
    const message = decodeMessage(bytes)
    if (message.kind === 'rpc') this.emit('rpc', message.sender, message.payload)
    else this.emit(message.kind, message.sender, message.payload)
  }

  #self(): SenderRef | undefined {
    const { address } = this
    return address === undefined || this.#hello === undefined ? undefined : { id: this.#hello.id, transport: address }
  }
}

/** A sender is its id and address; what else the caller's object holds does not travel. */
function senderOf({ id, transport }: SenderRef): SenderRef {
  return { id, transport }
}

function outboundError(code: string, message: string, peer: PeerRef): TransportError {
  return new TransportError(code, message, { peer, direction: 'outbound' })
}

function refusalOf(ours: Hello, theirs: Hello, peer: SenderRef): Error | undefined {
  if (theirs.clusterId !== ours.clusterId) {
    const problem = `cluster ${JSON.stringify(theirs.clusterId)} is not ours, which is ${JSON.stringify(ours.clusterId)}`
    return new RefusedMessageError('GOSSIP_CLUSTER_FOREIGN', problem, peer)
  }
  if (theirs.protocolVersion !== ours.protocolVersion) {
    const problem = `protocol version ${theirs.protocolVersion} is not ours, which is ${ours.protocolVersion}`
    return new TransportError('GOSSIP_PROTOCOL_UNSUPPORTED', problem, { peer, direction: 'inbound' })
  }
  return undefined
}
