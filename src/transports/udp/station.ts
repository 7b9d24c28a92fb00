/**
 * Everything behind the public face: sockets, the door for strangers, connections, targets, and the one timer that keeps
 * them going. It moves messages under introductions and knows nothing of what they say.
 */

import { assert, type PeerRef, type SenderRef, TransportError } from '../../core/index.ts'
import { ByteBudget } from '../wire/index.ts'
import type { UdpAddress } from './address.ts'
import type { Connection, MessageKind } from './connection.ts'
import { Connections } from './connections.ts'
import { Door } from './door.ts'
import type { Endpoint } from './endpoint.ts'
import { HandshakeSeal } from './handshake-seal.ts'
import type { ReadIntroduction } from './introduction.ts'
import type { KeyRing } from './key-ring.ts'
import { Names } from './names.ts'
import type { UdpLimits } from './options.ts'
import { peerAt, Reception, type Refusals } from './reception.ts'
import { type BoundAddress, Sockets } from './sockets.ts'
import type { OutMessage } from './target.ts'
import { Targets } from './targets.ts'
import { Ticker, type Urgency } from './ticker.ts'
import { Troubles } from './troubles.ts'

/** What a UDP transport holds at this moment, and what it has counted since the beginning. */
export interface UdpStats extends Refusals {
  readonly connections: number
  /** Connections that others have opened and not used yet. */
  readonly strangers: number
  /** Addresses that are remembered. */
  readonly peers: number
  /** Handshakes under way. */
  readonly dials: number
  readonly queuedMessages: number
  readonly sentPackets: number
  readonly sentBytes: number
  readonly receivedPackets: number
  readonly receivedBytes: number
}

/** What a station asks of its transport. */
export interface StationPorts {
  /** A message came. The bytes are valid during the call only. @throws {MalformedMessageError} it cannot be read */
  onMessage(kind: MessageKind, sender: SenderRef, payload: Buffer): void
  /** Somebody introduces himself: whether he is accepted. */
  onIntroduced(connection: Connection, introduction: ReadIntroduction): boolean
  tellError(error: Error): void
}

/** The works of one transport. */
export class Station {
  readonly troubles: Troubles
  readonly #limits: UdpLimits
  readonly #ring: KeyRing | undefined
  readonly #sockets: Sockets
  readonly #seal: HandshakeSeal
  readonly #connections: Connections
  readonly #targets: Targets
  readonly #reception: Reception
  readonly #waiting: ByteBudget
  readonly #ticker = new Ticker(() => this.#look())
  readonly #counts = { sentPackets: 0, sentBytes: 0, receivedPackets: 0, receivedBytes: 0 }

  /**
   * @param ring - undefined sends and takes plain packets
   * @param staysHome - nothing goes to other machines
   */
  constructor(limits: UdpLimits, ring: KeyRing | undefined, staysHome: boolean, ports: StationPorts) {
    this.#limits = limits
    this.#ring = ring
    this.#waiting = new ByteBudget(limits.outboundBytesMax)
    this.troubles = new Troubles(now, (error) => ports.tellError(error))
    this.#sockets = new Sockets(staysHome, {
      onPacket: (packet, endpoint) => this.#onPacket(packet, endpoint),
      onTrouble: (error, endpoint) => this.#onSocketTrouble(error, endpoint),
    })
    this.#seal = new HandshakeSeal(ring)
    const send = (packet: Buffer, endpoint: Endpoint): void => this.#sendPacket(packet, endpoint)
    this.#connections = new Connections(limits, {
      packetBytesMax: limits.packetBytesMax,
      send,
      onMessage: (kind, sender, payload) => ports.onMessage(kind, sender, payload),
      onIntroduced: (connection, introduction) => ports.onIntroduced(connection, introduction),
      onSettled: (connection) => this.#targets.pump(connection.facts.endpoint.key, now()),
    })
    this.#targets = this.#newTargets(send, ports)
    this.#reception = this.#newReception(send)
  }

  /** What it holds and has counted. O(peers). */
  get stats(): UdpStats {
    return {
      ...this.#counts,
      ...this.#reception.refusals,
      connections: this.#connections.size,
      strangers: this.#connections.strangers,
      peers: this.#targets.size,
      dials: this.#targets.dials,
      queuedMessages: this.#targets.queued,
    }
  }

  /** Listens at an IP address; see `Sockets.listen`. */
  listen(ip: string, port: number): Promise<BoundAddress> {
    return this.#sockets.listen(ip, port)
  }

  /** Sends a message, now or when there is a way. */
  send(address: UdpAddress, message: OutMessage, peer: PeerRef): void {
    this.#targets.send(address, message, peer)
  }

  /** All connections that are in use. */
  connections(): readonly Connection[] {
    return this.#connections.all().filter((connection) => connection.isConfirmed)
  }

  /** Something was said on a connection that has to be said again until it is answered. */
  expectAnswer(): void {
    this.#ticker.wake('soon')
  }

  /** Gives up every connection whose key is no longer in the ring. The others get the first key as they are used. */
  onKeysChanged(): void {
    this.#seal.forgetKeys()
    for (const connection of this.#connections.all()) {
      const { key } = connection.facts
      if (key !== undefined && this.#ring?.find(key.fingerprint) === undefined) this.#connections.remove(connection)
    }
  }

  /** Drops everything; resolves when the sockets are gone. */
  close(): Promise<void> {
    this.#ticker.stop()
    this.#targets.dispose()
    for (const connection of this.#connections.all()) this.#connections.remove(connection)
    return this.#sockets.close()
  }

  #newTargets(send: (packet: Buffer, endpoint: Endpoint) => void, ports: StationPorts): Targets {
    return new Targets({
      limits: this.#limits,
      names: new Names(),
      connections: this.#connections,
      waiting: this.#waiting,
      dial: { seal: this.#seal, send },
      firstKey: () => this.#ring?.first,
      mayReach: (endpoint) => this.#sockets.mayReach(endpoint),
      isStale: (connection) =>
        connection.isWornOut || connection.facts.key?.fingerprint !== this.#ring?.first.fingerprint,
      tellError: (error) => ports.tellError(error),
      onDropped: () => this.#onDropped(),
      onBusy: () => this.#ticker.wake('soon'),
      now,
    })
  }

  #newReception(send: (packet: Buffer, endpoint: Endpoint) => void): Reception {
    const door = new Door({
      seal: this.#seal,
      send,
      opened: (theirs) => this.#connections.stranger(theirs)?.facts,
      onOpened: (facts) => void this.#connections.addStranger(facts, now()),
    })
    return new Reception({
      isSealed: this.#ring !== undefined,
      seal: this.#seal,
      door,
      connections: this.#connections,
      targets: this.#targets,
      troubles: this.troubles,
      onDialled: (dial, facts, nowMs) => {
        this.#connections.addDialled(facts, nowMs)
        this.#targets.onDialled(dial, nowMs)
        this.#targets.pump(facts.endpoint.key, nowMs)
      },
      now,
    })
  }

  #onPacket(packet: Buffer, endpoint: Endpoint): void {
    this.#counts.receivedPackets++
    this.#counts.receivedBytes += packet.length
    this.#reception.receive(packet, endpoint)
    this.#ticker.wake('later')
  }

  #sendPacket(packet: Buffer, endpoint: Endpoint): void {
    assert(packet.length <= this.#limits.packetBytesMax, 'no packet is larger than packetBytesMax')
    if (this.#sockets.queuedBytes + packet.length > this.#limits.outboundBytesMax) {
      this.#onDropped()
      return
    }
    this.#counts.sentPackets++
    this.#counts.sentBytes += packet.length
    this.#sockets.send(packet, endpoint)
  }

  #look(): Urgency {
    const nowMs = now()
    const { handshakeTimeoutMs } = this.#limits
    let isPending = false
    for (const connection of this.#connections.all()) {
      if (!connection.poll(nowMs, handshakeTimeoutMs)) this.#onLost(connection)
      else if (this.#isIdle(connection, nowMs)) this.#connections.remove(connection)
      else isPending ||= connection.isWaiting
    }
    this.troubles.poll()
    const isBusy = this.#targets.poll(nowMs)
    if (isPending || isBusy) return 'soon'
    return this.#connections.size > 0 || this.troubles.isPending ? 'later' : 'never'
  }

  #isIdle({ isConfirmed, heardMs }: Connection, nowMs: number): boolean {
    const { idleTimeoutMs, handshakeTimeoutMs } = this.#limits
    return nowMs - heardMs > (isConfirmed ? idleTimeoutMs : handshakeTimeoutMs)
  }

  #onLost(connection: Connection): void {
    this.#connections.remove(connection)
    const { endpoint } = connection.facts
    this.troubles.add('GOSSIP_CONNECTION_LOST', (times) => {
      const peer = peerAt(endpoint)
      const problem = `${times} connections are silent, the last to ${endpoint.key}`
      return new TransportError('GOSSIP_CONNECTION_LOST', problem, { peer, direction: 'outbound' })
    })
  }

  #onDropped(): void {
    const { outboundBytesMax, dialsMax, queueBytesMax } = this.#limits
    this.troubles.add('GOSSIP_QUEUE_FULL', (times) => {
      const limits = `outboundBytesMax is ${outboundBytesMax}, queueBytesMax ${queueBytesMax}, dialsMax ${dialsMax}`
      const problem = `${times} messages or packets were dropped: ${limits}`
      return new TransportError('GOSSIP_QUEUE_FULL', problem, { direction: 'outbound' })
    })
    this.#ticker.wake('later')
  }

  #onSocketTrouble(cause: Error, endpoint: Endpoint | undefined): void {
    this.troubles.add('GOSSIP_SEND_FAILED', (times) => {
      const to = endpoint === undefined ? '' : ` to ${endpoint.key}`
      const peer = endpoint === undefined ? undefined : peerAt(endpoint)
      const problem = `${times} packets could not be sent, the last${to}: ${cause.message}`
      return new TransportError('GOSSIP_SEND_FAILED', problem, { peer, direction: 'outbound', cause })
    })
    this.#ticker.wake('later')
  }
}

function now(): number {
  return performance.now()
}
