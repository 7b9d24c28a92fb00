/**
 * Every packet that arrives: whose it is, and who takes it. What is no packet, is not sealed as it should be, or cannot
 * be read is counted and told of now and then, and costs its sender the connection; it never throws.
 */

import { GossipError, MalformedMessageError, TransportError } from '../../core/index.ts'
import type { Connection, ConnectionFacts } from './connection.ts'
import type { Connections } from './connections.ts'
import { COOKIE_BYTES } from './cookies.ts'
import type { Dial } from './dial.ts'
import type { Door } from './door.ts'
import type { Endpoint } from './endpoint.ts'
import type { HandshakeSeal, OpenedHandshake } from './handshake-seal.ts'
import { DATA_HEADER_BYTES, type PacketType, packetKindOf, TOKEN_BYTES } from './packet.ts'
import type { Targets } from './targets.ts'
import type { Troubles } from './troubles.ts'

/** What a reception works with. */
export interface ReceptionPorts {
  readonly isSealed: boolean
  readonly seal: HandshakeSeal
  readonly door: Door
  readonly connections: Connections
  readonly targets: Targets
  readonly troubles: Troubles
  /** A dial of ours was answered. */
  onDialled(dial: Dial, facts: ConnectionFacts, nowMs: number): void
  now(): number
}

/** What was refused so far. */
export interface Refusals {
  readonly malformedPackets: number
  /** Sealed with no key of ours, or altered on the way. */
  readonly unreadablePackets: number
  /** Plain where there are keys, or the other way round. */
  readonly unsealedPackets: number
  /** Seen before, or too late to know. */
  readonly replayedPackets: number
}

/** Takes packets. */
export class Reception {
  readonly #ports: ReceptionPorts
  readonly #counts = { malformedPackets: 0, unreadablePackets: 0, unsealedPackets: 0, replayedPackets: 0 }

  constructor(ports: ReceptionPorts) {
    this.#ports = ports
  }

  /** What was refused so far. */
  get refusals(): Refusals {
    return { ...this.#counts }
  }

  /** Takes a packet from an endpoint, which may be anybody's claim. */
  receive(packet: Buffer, endpoint: Endpoint): void {
    const kind = packetKindOf(packet)
    const nowMs = this.#ports.now()
    if (kind === undefined) this.#onMalformed(new MalformedMessageError('no packet of this protocol'), endpoint)
    else if (kind.isSealed !== this.#ports.isSealed) this.#onSealDiffers(endpoint)
    else if (kind.type === 'data') this.#takeData(packet, endpoint, nowMs)
    else this.#takeHandshake(kind.type, packet, endpoint, nowMs)
  }

  #takeHandshake(type: Exclude<PacketType, 'data'>, packet: Buffer, endpoint: Endpoint, nowMs: number): void {
    const opened = this.#ports.seal.open(packet)
    if (opened === undefined) this.#onUnreadable(endpoint)
    else if (opened.body.length < TOKEN_BYTES) {
      this.#onMalformed(new MalformedMessageError('a packet without a token'), endpoint)
    } else this.#orMalformed(endpoint, () => this.#dispatch(type, opened, endpoint, nowMs))
  }

  #dispatch(type: Exclude<PacketType, 'data'>, opened: OpenedHandshake, endpoint: Endpoint, nowMs: number): void {
    const { door, targets, connections } = this.#ports
    const token = opened.body.subarray(0, TOKEN_BYTES)
    switch (type) {
      case 'ask':
        door.onAsk(opened, endpoint, nowMs)
        return
      case 'open':
        door.onOpen(opened, endpoint, nowMs)
        return
      case 'challenge':
        targets.dialOf(token)?.onChallenge(opened.body.subarray(TOKEN_BYTES, TOKEN_BYTES + COOKIE_BYTES), endpoint)
        return
      case 'opened': {
        const dial = targets.dialOf(token)
        const facts = dial?.onOpened(opened, endpoint)
        if (dial !== undefined && facts !== undefined) this.#ports.onDialled(dial, facts, nowMs)
        return
      }
      case 'unknown':
        if (connections.withTheirToken(endpoint.key, token) !== undefined) targets.doubt(endpoint.key, nowMs)
    }
  }

  #takeData(packet: Buffer, endpoint: Endpoint, nowMs: number): void {
    if (packet.length < DATA_HEADER_BYTES) {
      this.#onMalformed(new MalformedMessageError('a packet without a number'), endpoint)
      return
    }
    const token = packet.subarray(1, 1 + TOKEN_BYTES)
    const connection = this.#ports.connections.byToken(token)
    if (connection === undefined) this.#ports.door.onUnknownToken(packet, token, endpoint, nowMs)
    else this.#orMalformed(endpoint, () => this.#give(connection, packet, endpoint, nowMs), connection)
  }

  #give(connection: Connection, packet: Buffer, endpoint: Endpoint, nowMs: number): void {
    const { connections } = this.#ports
    const fate = connection.receive(packet, nowMs, () => this.#onConfirmed(connection, nowMs))
    if (fate === 'taken') connections.touch(connection)
    else if (fate === 'replayed') this.#counts.replayedPackets++
    else this.#onUnreadable(endpoint)
  }

  #onConfirmed(connection: Connection, nowMs: number): void {
    this.#ports.connections.confirm(connection)
    this.#ports.targets.pump(connection.facts.endpoint.key, nowMs)
  }

  #orMalformed(endpoint: Endpoint, take: () => void, connection?: Connection): void {
    try {
      take()
    } catch (error) {
      if (!(error instanceof GossipError)) throw error
      if (connection !== undefined) this.#ports.connections.remove(connection)
      this.#onMalformed(error, endpoint)
    }
  }

  #onMalformed(error: GossipError, endpoint: Endpoint): void {
    this.#counts.malformedPackets++
    this.#ports.troubles.add('malformed', (times) => {
      const peer = peerAt(endpoint)
      const told = new MalformedMessageError(
        `${timesText(times)}, the last from ${endpoint.key}: ${error.message}`,
        peer,
      )
      told.cause = error
      return told
    })
  }

  #onUnreadable(endpoint: Endpoint): void {
    this.#counts.unreadablePackets++
    this.#tell('GOSSIP_KEY_UNKNOWN', endpoint, 'sealed with no key of this node, or altered on the way')
  }

  #onSealDiffers(endpoint: Endpoint): void {
    this.#counts.unsealedPackets++
    const problem = this.#ports.isSealed
      ? 'not encrypted, and this node has keys'
      : 'encrypted, and this node has no keys'
    this.#tell('GOSSIP_ENCRYPTION_DIFFERS', endpoint, problem)
  }

  #tell(code: string, endpoint: Endpoint, problem: string): void {
    this.#ports.troubles.add(code, (times) => {
      const facts = { peer: peerAt(endpoint), direction: 'inbound' } as const
      return new TransportError(code, `${timesText(times)}, the last from ${endpoint.key}: ${problem}`, facts)
    })
  }
}

/** As others address whoever receives there. */
export function peerAt({ key }: Endpoint): { readonly transport: { readonly url: string } } {
  return { transport: { url: `udp://${key}` } }
}

function timesText(times: number): string {
  return times === 1 ? '1 packet' : `${times} packets`
}
