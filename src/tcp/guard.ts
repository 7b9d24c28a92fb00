/**
 * Who is let in. Breaking a rule costs points on the IP address; an address with too many is kept out for a growing
 * while, and told of once. Addresses are shared (a machine, a NAT), so nobody pays for his neighbour: while a peer from
 * there that has introduced itself is connected, others are let in who introduce themselves before anything else, and
 * this machine's own address is never kept out.
 */

import {
  isThisMachine,
  offencePoints,
  PeerBannedError,
  Reputation,
  type ReputationLimits,
} from '../transports/index.ts'
import type { Connection } from './connection.ts'

/** What a guard asks of its transport. */
export interface GuardPorts {
  readonly now: () => number
  /** All open connections, dialled ones too. */
  connections(): readonly Connection[]
  tellError(error: Error): void
}

/** How a newcomer is met: let in, let in if it introduces itself first, dropped unread. */
export type Welcome = 'open' | 'probation' | 'closed'

/** The door of one transport. It has a say only in what others open: this node dials whom it likes. */
export class Guard {
  readonly #reputation: Reputation
  readonly #ports: GuardPorts

  /** @param ports - see {@link GuardPorts} */
  constructor(limits: ReputationLimits, ports: GuardPorts) {
    this.#reputation = new Reputation(limits)
    this.#ports = ports
  }

  /** Addresses whose offences are remembered. */
  get offenders(): number {
    return this.#reputation.size
  }

  /** How to meet somebody from an address. O(1), or O(connections) while it is kept out. */
  welcomeFor(group: string): Welcome {
    if (!this.#reputation.isBanned(group, this.#ports.now())) return 'open'
    return this.#ports.connections().some((other) => isGood(other, group)) ? 'probation' : 'closed'
  }

  /** Somebody broke a rule on a connection. What he dialled himself counts on his address. */
  onOffence(connection: Connection, error: Error): void {
    const { group, direction } = connection
    if (direction !== 'inbound' || group === undefined || isThisMachine(group)) return
    const points = offencePoints(error)
    if (points === 0) return
    const ban = this.#reputation.charge(group, points, this.#ports.now())
    if (ban === undefined) return
    for (const other of this.#ports.connections()) {
      const isStranger = other.direction === 'inbound' && !other.isIntroduced
      if (isStranger && other.group === group) other.destroy()
    }
    this.#ports.tellError(new PeerBannedError(group, ban, error))
  }
}

/** A peer that has introduced itself and goes on: whoever breaks a rule is disconnected. */
function isGood(connection: Connection, group: string): boolean {
  return connection.group === group && connection.isReady && connection.mutedMs === undefined
}
