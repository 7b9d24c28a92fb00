/**
 * Messages end to end, over whatever lane leads to a peer: hellos first, envelopes of the codec, one slot for each kind
 * and page so that the newest wins wherever messages have to wait.
 */

import {
  FrameTooLargeError,
  GossipError,
  type Hello,
  type JsonValue,
  MalformedMessageError,
  type PeerRef,
  type SenderRef,
  TransportError,
  type TransportEvents,
} from '../../core/index.ts'
import type { Codec } from '../codec/index.ts'
import { type Envelope, type MessageKind, pageKey } from '../wire/index.ts'
import { assertSender, type Introductions } from './introductions.ts'
import { ASKS_HELLO, type RelayMessage } from './relay-frame.ts'

/** A way to a peer: a link to his relay, or the own relay server. */
export interface Lane {
  /** Largest message, bytes. */
  readonly messageBytesMax: number
  /** @returns false: there was no room, or nobody is there */
  send(message: RelayMessage): boolean
}

/** Where a message goes: on a lane, to the peer whom the other end knows under this name. */
export interface Destination {
  readonly lane: Lane
  /** His id; the empty text: the relay's own node. */
  readonly to: string
  /** Under which he is met: his id, also where `to` is empty. Undefined while the relay's own id is not known. */
  readonly id: string | undefined
}

/** What mail asks of its transport. */
export interface RelayMailPorts {
  readonly codec: Codec
  readonly introductions: Introductions
  /** How this node is addressed. */
  ownAddress(): JsonValue
  emit<E extends 'digest' | 'deltas' | 'rpc' | 'hello' | 'error'>(
    event: E,
    ...facts: Parameters<TransportEvents[E]>
  ): unknown
}

const HELLO_SLOT = 1
const encoder = new TextEncoder()

/** Sends and receives for one node. */
export class RelayMail {
  readonly #ports: RelayMailPorts

  constructor(ports: RelayMailPorts) {
    this.#ports = ports
  }

  /** Sends gossip. */
  send(destination: Destination, remote: PeerRef, kind: MessageKind, sender: SenderRef, payload: JsonValue): void {
    const slot = slotOf(pageKey(kind, payload, sender.id))
    this.#post(destination, remote, { kind, payload, sender, hello: undefined }, slot)
  }

  /** Sends a payload outside the gossip. */
  sendRpc(destination: Destination, remote: PeerRef, payload: JsonValue): void {
    this.#post(destination, remote, { kind: 'rpc', payload, sender: undefined }, 0)
  }

  /**
   * Takes a message from a lane. Nothing is thrown: what cannot be read is told.
   *
   * @param from - who the relay says it is from
   */
  receive({ lane, to }: Destination, from: string, { flags, bytes }: RelayMessage): void {
    try {
      const envelope = this.#ports.codec.decode(bytes)
      if (envelope.kind === 'hello') this.#onHello({ lane, to, id: from }, envelope.sender, envelope.hello, flags)
      else this.#onMessage({ lane, to, id: from }, from, envelope)
    } catch (cause) {
      const error = cause instanceof GossipError ? cause : new MalformedMessageError('it cannot be read', { id: from })
      this.#ports.emit('error', error)
    }
  }

  #post(destination: Destination, remote: PeerRef, envelope: Envelope, slot: number): void {
    const { lane, to, id } = destination
    const bytes = bytesOf(this.#ports.codec.encode(envelope))
    if (bytes.length > lane.messageBytesMax) {
      const facts = { peer: remote, direction: 'outbound' } as const
      this.#ports.emit('error', new FrameTooLargeError(bytes.length, lane.messageBytesMax, facts))
      return
    }
    const peer = id === undefined ? undefined : this.#ports.introductions.note(id, remote.transport)
    if (peer?.isShown !== true) this.#showHello(destination, ASKS_HELLO)
    if (lane.send({ kind: 'message', peer: to, flags: 0, slot, bytes })) return
    const problem = 'there is no room for more messages to this relay'
    this.#ports.emit('error', new TransportError('GOSSIP_QUEUE_FULL', problem, { peer: remote, direction: 'outbound' }))
  }

  #showHello({ lane, to, id }: Destination, flags: number): void {
    const { introductions, codec } = this.#ports
    const hello = introductions.own
    if (hello === undefined) return
    const sender = { id: hello.id, transport: this.#ports.ownAddress() }
    const bytes = bytesOf(codec.encode({ kind: 'hello', sender, hello }))
    lane.send({ kind: 'message', peer: to, flags, slot: HELLO_SLOT, bytes })
    const peer = id === undefined ? undefined : introductions.find(id)
    if (peer !== undefined) peer.isSent = true
  }

  #onHello(from: Destination & { readonly id: string }, sender: SenderRef, hello: Hello, flags: number): void {
    const { introductions } = this.#ports
    const { refusal, isNews } = introductions.meet(from.id, sender, hello)
    // Both sides learn that they have nothing to say to each other.
    if ((flags & ASKS_HELLO) !== 0) this.#showHello(from, 0)
    if (refusal !== undefined) {
      this.#ports.emit('error', refusal)
      return
    }
    const peer = introductions.note(from.id)
    if ((flags & ASKS_HELLO) === 0 && peer.isSent) peer.isShown = true
    if (isNews) this.#ports.emit('hello', sender, hello)
  }

  #onMessage(destination: Destination, from: string, envelope: Exclude<Envelope, { kind: 'hello' }>): void {
    const peer = this.#ports.introductions.note(from)
    if (peer.helloText === undefined) {
      // Perhaps his hello was lost, or we have forgotten him.
      this.#showHello(destination, ASKS_HELLO)
      return
    }
    if (envelope.kind === 'rpc') {
      this.#ports.emit('rpc', { id: from, transport: peer.transport }, envelope.payload)
      return
    }
    assertSender(from, envelope.sender)
    this.#ports.emit(envelope.kind, envelope.sender, envelope.payload)
  }
}

function bytesOf(encoded: string | Uint8Array): Uint8Array {
  return typeof encoded === 'string' ? encoder.encode(encoded) : encoded
}

/** FNV-1a of the page's key, apart from the slots that have a meaning. */
function slotOf(key: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  return ((hash >>> 0) % 0xffff_0000) + 16
}
