/**
 * An address that messages go to: what waits for it, the dial that is under way, and the connection that there may be.
 * A message goes out at once where there is a connection that knows its sender; else it waits, and gives way to newer ones.
 */

import { type PeerRef, TransportError } from '../../core/index.ts'
import { type ByteBudget, OutboundQueue, type Queued } from '../wire/index.ts'
import { type UdpAddress, udpAddressOf } from './address.ts'
import type { Connection, MessageKind } from './connection.ts'
import type { Connections } from './connections.ts'
import type { Dial } from './dial.ts'
import type { Endpoint } from './endpoint.ts'
import type { Introduction } from './introduction.ts'
import type { Names } from './names.ts'
import type { UdpLimits } from './options.ts'

/** A message that waits. */
export interface OutMessage extends Queued {
  readonly kind: MessageKind
  readonly introduction: Introduction
  readonly payload: Uint8Array
}

/** What a target asks of its transport. */
export interface TargetPorts {
  readonly limits: UdpLimits
  readonly names: Names
  readonly connections: Connections
  /** Bytes that wait for all targets. */
  readonly waiting: ByteBudget
  /** Begins a handshake; undefined where too many are under way. */
  startDial(target: Target, nowMs: number): Dial | undefined
  endDial(dial: Dial): void
  /** Whether plain packets may go there, where they are plain. */
  mayReach(endpoint: Endpoint): boolean
  /** Whether another connection with other keys should take this one's place. */
  isStale(connection: Connection): boolean
  /** Told once per dial that fails. */
  tellError(error: Error): void
  /** A message had no room. */
  onDropped(): void
  now(): number
}

/** A connection is doubted, or found to be stale, at most this often, ms. */
const REDIAL_MS = 1_000
/** A connection that goes on although another could not take its place does so for this long, ms. */
const REST_MS = 10_000

/** One address. */
export class Target {
  readonly address: UdpAddress
  readonly #ports: TargetPorts
  readonly #queue: OutboundQueue<OutMessage>
  #endpoints: readonly Endpoint[]
  #dial: Dial | undefined
  /** Who is meant, as the caller said it last. */
  #peer: PeerRef
  #mayDoubtMs = 0
  #mayRenewMs = 0

  constructor(address: UdpAddress, ports: TargetPorts) {
    this.address = address
    this.#ports = ports
    this.#peer = { transport: { ...udpAddressOf(address) } }
    const { queueMessagesMax, queueBytesMax } = ports.limits
    const limits = { messagesMax: queueMessagesMax, bytesMax: queueBytesMax }
    this.#queue = new OutboundQueue<OutMessage>(limits, ports.waiting)
    this.#endpoints = ports.names.known(address, ports.now()) ?? []
  }

  /** Whether a dial or messages wait. */
  get isBusy(): boolean {
    return this.#dial !== undefined || this.#queue.length > 0
  }

  /** Whether it is dialling. */
  get isDialling(): boolean {
    return this.#dial !== undefined
  }

  /** Messages that wait. */
  get queued(): number {
    return this.#queue.length
  }

  /** Whether an endpoint is one of its own. */
  covers(endpointKey: string): boolean {
    return this.#endpoints.some(({ key }) => key === endpointKey)
  }

  /** Sends a message, now or when there is a way. */
  send(message: OutMessage, peer: PeerRef): void {
    const nowMs = this.#ports.now()
    const connection = this.#connection()
    if (connection !== undefined && this.#queue.length === 0 && isKnown(connection, message)) {
      connection.send(message.kind, message.introduction, message.payload, nowMs)
      if (this.#ports.isStale(connection)) this.#renew(nowMs)
      return
    }
    this.#peer = { id: peer.id, transport: JSON.parse(JSON.stringify(peer.transport)) as PeerRef['transport'] }
    if (!this.#queue.put(message)) this.#ports.onDropped()
    this.pump(nowMs)
  }

  /** Sends what can go. */
  pump(nowMs: number): void {
    const connection = this.#connection()
    if (connection === undefined) {
      if (this.#queue.length > 0) this.#startDial(nowMs)
      return
    }
    for (let next = this.#queue.peek(); next !== undefined; next = this.#queue.peek()) {
      const { kind, introduction, payload } = next
      const state = connection.introductions.stateOf(introduction)
      if (state === 'absent') connection.introductions.say(introduction, nowMs)
      if (state === 'absent' || state === 'pending') return
      this.#queue.shift()
      // The other side has said that it will not listen, and why is told when it introduces itself.
      if (state === 'accepted') connection.send(kind, introduction, payload, nowMs)
    }
  }

  /** Goes on with the dial, or gives it up. */
  poll(nowMs: number): void {
    if (this.#dial === undefined) return
    if (this.#dial.ageMs(nowMs) <= this.#ports.limits.handshakeTimeoutMs) this.#dial.poll(nowMs)
    else this.#fail('nobody answers', undefined, nowMs)
  }

  /** The other side says that it does not know our connection: whether it is true, only a new handshake can tell. */
  doubt(nowMs: number): void {
    if (nowMs < this.#mayDoubtMs) return
    this.#mayDoubtMs = nowMs + REDIAL_MS
    this.#startDial(nowMs)
  }

  /** Its dial has led to a connection. */
  onDialled(nowMs: number): void {
    this.#dial = undefined
    this.pump(nowMs)
  }

  /** Drops what waits. */
  dispose(): void {
    this.#endDial()
    this.#queue.clear()
  }

  #connection(): Connection | undefined {
    for (const { key } of this.#endpoints) {
      const connection = this.#ports.connections.to(key)
      if (connection !== undefined) return connection
    }
    return undefined
  }

  #renew(nowMs: number): void {
    if (nowMs < this.#mayRenewMs) return
    this.#mayRenewMs = nowMs + REDIAL_MS
    this.#startDial(nowMs)
  }

  #startDial(nowMs: number): void {
    if (this.#dial !== undefined) return
    const dial = this.#ports.startDial(this, nowMs)
    if (dial === undefined) {
      this.#queue.clear()
      return
    }
    this.#dial = dial
    const isRenewal = this.#connection() !== undefined
    this.#ports.names.find(this.address, nowMs, (found) => {
      if (this.#dial === dial) this.#onFound(dial, found, isRenewal)
    })
  }

  #onFound(dial: Dial, found: readonly Endpoint[] | Error, isRenewal: boolean): void {
    const nowMs = this.#ports.now()
    if (found instanceof Error) {
      this.#fail(found.message, found, nowMs)
      return
    }
    this.#endpoints = found
    const reachable = found.filter((endpoint) => this.#ports.mayReach(endpoint))
    if (reachable.length === 0) {
      this.#endDial()
      this.#queue.clear()
      const problem =
        'plainText must be true, or keys be given, to reach other machines: packets are readable on the way'
      this.#tell('GOSSIP_PLAIN_TEXT_REFUSED', problem, undefined)
      return
    }
    // Somebody at one of these addresses may have dialled us before.
    if (isRenewal || this.#connection() === undefined) dial.askAt(reachable, nowMs)
    else this.#endDial()
    this.pump(nowMs)
  }

  #fail(problem: string, cause: Error | undefined, nowMs: number): void {
    this.#endDial()
    this.#mayRenewMs = nowMs + REST_MS
    if (this.#connection() !== undefined) return
    this.#queue.clear()
    this.#tell('GOSSIP_CONNECT_FAILED', `${udpAddressOf(this.address).url}: ${problem}`, cause)
  }

  #tell(code: string, problem: string, cause: Error | undefined): void {
    const facts = { peer: this.#peer, direction: 'outbound' } as const
    this.#ports.tellError(new TransportError(code, problem, cause === undefined ? facts : { ...facts, cause }))
  }

  #endDial(): void {
    if (this.#dial !== undefined) this.#ports.endDial(this.#dial)
    this.#dial = undefined
  }
}

function isKnown(connection: Connection, { introduction }: OutMessage): boolean {
  return connection.introductions.stateOf(introduction) === 'accepted'
}
