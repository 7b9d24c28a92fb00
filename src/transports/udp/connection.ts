/**
 * Two transports that have proven to each other where they receive: a token and a seal each way, introductions, and
 * messages under them. It is told of every packet with its token, and says when it has heard nothing for too long.
 */

import { MalformedMessageError, type SenderRef } from '../../core/index.ts'
import { BODY_HEADER_BYTES, type BodyKind, bodyOf, readBody } from './body.ts'
import { COUNTER_SOFT_MAX, DataSeal } from './data-seal.ts'
import type { Endpoint } from './endpoint.ts'
import { IncomingIntroductions } from './incoming-introductions.ts'
import type { Introduction, ReadIntroduction } from './introduction.ts'
import type { RingKey } from './key-ring.ts'
import { FRAGMENT_HEADER_BYTES, OutgoingIntroductions } from './outgoing-introductions.ts'
import { DATA_HEADER_BYTES, TAG_BYTES } from './packet.ts'
import { Retries } from './retries.ts'

/** Messages that the transport tells of. */
export type MessageKind = 'digest' | 'deltas' | 'datagram'

/** What makes a connection: what both sides came to know in the handshake. */
export interface ConnectionFacts {
  /** Where the other side receives. */
  readonly endpoint: Endpoint
  readonly ourToken: Buffer
  readonly theirToken: Buffer
  /** What the dialling side and then the other one added by chance. */
  readonly salt: Buffer
  readonly isDialler: boolean
  readonly key: RingKey | undefined
}

/** What a connection asks of its transport. */
export interface ConnectionPorts {
  readonly packetBytesMax: number
  send(packet: Buffer, endpoint: Endpoint): void
  /** A message under an introduction that was accepted. The bytes are valid during the call only. */
  onMessage(kind: MessageKind, sender: SenderRef, payload: Buffer): void
  /** Somebody introduces himself: whether he is accepted. */
  onIntroduced(connection: Connection, introduction: ReadIntroduction): boolean
  /** One of our introductions was answered, or asked for again. */
  onSettled(connection: Connection): void
}

/** How long a connection may be silent after something was sent before it is asked whether it is there, ms. */
const QUIET_MS = 1_000

/** Bytes of a packet that are not payload. */
export function overheadBytes(isSealed: boolean): number {
  return DATA_HEADER_BYTES + BODY_HEADER_BYTES + (isSealed ? TAG_BYTES : 0)
}

/** One connection. */
export class Connection {
  readonly facts: ConnectionFacts
  readonly introductions: OutgoingIntroductions
  /** Whether the other side has shown that it knows our token. */
  isConfirmed: boolean
  /** When something came last; at first, when it was made. */
  heardMs: number
  readonly #ports: ConnectionPorts
  readonly #seal: DataSeal
  readonly #incoming: IncomingIntroductions
  /** When something was sent that nothing has followed yet. */
  #unansweredMs: number | undefined
  /** Since when it has been asked whether anybody is there, without an answer. */
  #pinging: Retries | undefined

  constructor(facts: ConnectionFacts, ports: ConnectionPorts, nowMs: number) {
    this.facts = facts
    this.isConfirmed = facts.isDialler
    this.heardMs = nowMs
    this.#ports = ports
    this.#seal = new DataSeal(facts)
    this.#incoming = new IncomingIntroductions((introduction) => ports.onIntroduced(this, introduction))
    const room = ports.packetBytesMax - overheadBytes(facts.key !== undefined) - FRAGMENT_HEADER_BYTES
    this.introductions = new OutgoingIntroductions(room, (body) => this.#sendBody(body))
  }

  /** Whether an answer is waited for. */
  get isWaiting(): boolean {
    return this.introductions.isPending || this.#pinging !== undefined
  }

  /** Whether it has carried so many packets that another should take its place. */
  get isWornOut(): boolean {
    return this.#seal.count > COUNTER_SOFT_MAX
  }

  /** Sends a message under an introduction that was accepted. */
  send(kind: MessageKind, introduction: Introduction, payload: Uint8Array, nowMs: number): void {
    this.#unansweredMs ??= nowMs
    this.#sendBody(bodyOf(kind, this.introductions.numberOf(introduction), payload))
  }

  /** Judges the other side's introductions anew: what was believed under our former hello. */
  forgetIntroductions(): void {
    this.#incoming.clear()
  }

  /**
   * Takes a packet that bears our token.
   *
   * @returns `taken`, or that it was not sealed by the other side, or has been here before
   * @throws {MalformedMessageError} the other side sent it, and it cannot be read
   */
  receive(packet: Buffer, nowMs: number, onConfirmed: () => void): 'taken' | 'forged' | 'replayed' {
    const bytes = this.#seal.open(packet)
    if (typeof bytes === 'string') return bytes
    this.heardMs = nowMs
    this.#unansweredMs = undefined
    this.#pinging = undefined
    if (!this.isConfirmed) {
      this.isConfirmed = true
      onConfirmed()
    }
    const body = readBody(bytes)
    if (body === undefined) throw new MalformedMessageError('a packet of an unknown kind', this.#peer)
    this.#take(body.kind, body.number, body.rest)
    return 'taken'
  }

  /** Sends again what is due. Returns false when the other side has said nothing for so long that it must be gone. */
  poll(nowMs: number, timeoutMs: number): boolean {
    if (!this.introductions.poll(nowMs, timeoutMs)) return false
    if (this.#unansweredMs === undefined || nowMs - this.#unansweredMs <= QUIET_MS) return true
    if (this.#pinging === undefined) {
      this.#pinging = new Retries(nowMs)
      this.#sendBody(bodyOf('ping'))
    } else if (this.#pinging.isDue(nowMs)) this.#sendBody(bodyOf('ping'))
    return this.#pinging.ageMs(nowMs) <= timeoutMs
  }

  #take(kind: BodyKind, number: number, rest: Buffer): void {
    switch (kind) {
      case 'digest':
      case 'deltas':
      case 'datagram':
        this.#takeMessage(kind, number, rest)
        return
      case 'introduction': {
        const judged = this.#incoming.take(number, rest)
        if (judged !== undefined) this.#sendBody(bodyOf(judged.isAccepted ? 'accepted' : 'refused', number))
        return
      }
      case 'accepted':
      case 'refused':
        if (this.introductions.settle(number, kind)) this.#ports.onSettled(this)
        return
      case 'wanted':
        this.introductions.forget(number)
        this.#ports.onSettled(this)
        return
      case 'ping':
        this.#sendBody(bodyOf('pong'))
        return
      case 'pong':
    }
  }

  #takeMessage(kind: MessageKind, number: number, payload: Buffer): void {
    const judged = this.#incoming.get(number)
    if (judged === undefined) this.#sendBody(bodyOf('wanted', number))
    else if (judged.isAccepted) this.#ports.onMessage(kind, judged.sender, payload)
  }

  #sendBody(body: Buffer): void {
    this.#ports.send(this.#seal.seal(body), this.facts.endpoint)
  }

  get #peer(): { readonly transport: { readonly url: string } } {
    return { transport: { url: `udp://${this.facts.endpoint.key}` } }
  }
}
