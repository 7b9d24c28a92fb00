/**
 * A node's side of its transport: introduces the node, hands what arrives to the engine, and what the engine leaves
 * behind to the transport, both through the old dialect. Whoever opened the transport closes it.
 */

import type { Announcer } from './announcer.ts'
import { BulkTraffic } from './bulk-traffic.ts'
import type { Engine, OutMessage } from './engine/index.ts'
import { MalformedMessageError, RefusedMessageError } from './errors.ts'
import type { JsonValue } from './json/index.ts'
import type { OldDialect } from './old-dialect/index.ts'
import type { Hello, SenderRef, Transport, TransportEvents } from './ports.ts'

/** Version of the protocol this library speaks, as it stands in hellos. */
export const PROTOCOL_VERSION = 1

/** What an uplink connects. */
export interface UplinkSetup {
  readonly transport: Transport
  readonly engine: Engine
  readonly oldDialect: OldDialect
  readonly announcer: Announcer
  readonly clusterId: string
  readonly valueBytesMax: number
  /** Runs a use of the engine at the present time, and takes care of what it leaves behind. */
  readonly act: <T>(use: (now: number) => T) => T
  /** Time, where nothing is left behind. */
  readonly now: () => number
}

/** One node on one transport. */
export class Uplink {
  readonly #setup: UplinkSetup
  readonly #bulks: BulkTraffic
  #ownsTransport = false
  #isDelivering = false

  constructor(setup: UplinkSetup) {
    this.#setup = setup
    const { engine, transport, valueBytesMax, act, now, announcer } = setup
    const fail = (error: Error): void => announcer.fail(error)
    this.#bulks = new BulkTraffic(engine, { transport, valueBytesMax, act, now, fail })
  }

  /** Where the transport is reached; undefined until it listens. */
  get address(): JsonValue | undefined {
    return this.#setup.transport.address
  }

  /** Whether the transport can listen and does not do so yet. */
  get canListen(): boolean {
    const { transport } = this.#setup
    return transport.listen !== undefined && transport.address === undefined
  }

  /** Tells the transport who this node is at present. */
  introduce(): void {
    const { transport, engine, clusterId, valueBytesMax } = this.#setup
    const { id, generation } = engine
    const hello: Hello = {
      protocolVersion: PROTOCOL_VERSION,
      clusterId,
      id,
      generation,
      features: transport.bulk === undefined ? [] : ['bulk'],
      valueBytesMax,
    }
    transport.introduce?.(hello)
  }

  /** Hears what arrives from now on. */
  attach(): void {
    this.#attach('on')
  }

  /** Makes the transport listen, and takes on to close it. */
  async listen(): Promise<void> {
    this.#ownsTransport = true
    await this.#setup.transport.listen?.()
  }

  /** Releases the transport, and hears nothing more. */
  async close(): Promise<void> {
    if (this.#ownsTransport) await this.#setup.transport.close?.()
    this.#attach('off')
  }

  /** Sends a message of the engine, in the words its reader understands. Trouble becomes an `error` event. */
  send(message: OutMessage, now: number): void {
    const { transport, engine, oldDialect, announcer } = this.#setup
    const local = { id: engine.id, transport: engine.transport }
    for (const { kind, to, payload } of oldDialect.translate(message, now)) {
      announcer.emitter.emit(`${kind} send`, to, payload)
      try {
        transport[kind](to, local, payload)
      } catch (error) {
        announcer.fail(error instanceof Error ? error : new MalformedMessageError(String(error), to))
      }
    }
  }

  /** The transport hears of a message that it should not have brought, while it brings it. */
  blame(error: Error): void {
    if (this.#isDelivering) this.#setup.transport.blame?.(error)
  }

  /**
   * Offers what the engine wants to send in bulk.
   *
   * @param isHeld - whether nothing of this node may be said at present, so that they are given up
   * @returns whether there was anything
   */
  sendBulks(isHeld: boolean): boolean {
    return isHeld ? this.#bulks.giveUp() : this.#bulks.send()
  }

  #deliver(use: (now: number) => void): void {
    this.#isDelivering = true
    try {
      this.#setup.act(use)
    } finally {
      this.#isDelivering = false
    }
  }

  #attach(method: 'on' | 'off'): void {
    const { transport } = this.#setup
    transport[method]('digest', this.#onDigest)
    transport[method]('deltas', this.#onDeltas)
    transport[method]('hello', this.#onHello)
    transport[method]('bulk', this.#bulks.onBulk)
    transport[method]('error', this.#onError)
  }

  readonly #onDigest: TransportEvents['digest'] = (remote, digest) => {
    const { announcer, oldDialect, engine } = this.#setup
    announcer.emitter.emit('digest receive', remote, digest)
    this.#deliver((now) => {
      if (!oldDialect.receiveDigest(remote, digest, now)) engine.receiveDigest(remote, digest, now)
    })
  }

  readonly #onDeltas: TransportEvents['deltas'] = (remote, deltas) => {
    const { announcer, oldDialect, engine } = this.#setup
    announcer.emitter.emit('deltas receive', remote, deltas)
    this.#deliver((now) => {
      if (!oldDialect.receiveDeltas(remote, deltas, now)) engine.receiveDeltas(remote, deltas, now)
    })
  }

  readonly #onHello = (remote: SenderRef, hello: Hello): void => {
    const { engine, announcer, valueBytesMax } = this.#setup
    engine.admitSender(remote.id)
    if (hello.valueBytesMax === valueBytesMax) return
    const problem = `valueBytesMax is ${hello.valueBytesMax} there and ${valueBytesMax} here: values in between will not spread`
    announcer.fail(new RefusedMessageError('GOSSIP_VALUE_LIMIT_DIFFERS', problem, remote))
  }

  readonly #onError = (error: Error): void => this.#setup.announcer.fail(error)
}
