/**
 * All connections of a transport: by the token that stands in packets, and by where the other side receives. Two may
 * join one pair, when both have dialled; the latest is used for sending. Their number is bounded, and those that were
 * opened and not yet used have a bound of their own, so that strangers drive out strangers only.
 */

import { Connection, type ConnectionFacts, type ConnectionPorts } from './connection.ts'

/** What bounds the table. */
export interface ConnectionLimits {
  readonly connectionsMax: number
  readonly strangersMax: number
}

/** The connections to one endpoint. */
interface Pair {
  readonly current: Connection
  readonly former: Connection | undefined
}

/** A table of connections. Every operation but walking is O(1). */
export class Connections {
  readonly #limits: ConnectionLimits
  readonly #ports: ConnectionPorts
  readonly #byToken = new Map<string, Connection>()
  readonly #byEndpoint = new Map<string, Pair>()
  /** Connections that others opened, until they are used; by where from and under which token, oldest first. */
  readonly #strangers = new Map<string, Connection>()

  constructor(limits: ConnectionLimits, ports: ConnectionPorts) {
    this.#limits = limits
    this.#ports = ports
  }

  /** Connections, those that were not used yet included. */
  get size(): number {
    return this.#byToken.size
  }

  /** Those of them that were not used yet. */
  get strangers(): number {
    return this.#strangers.size
  }

  /** Adds one that we dialled; it is used for sending from now on. */
  addDialled(facts: ConnectionFacts, nowMs: number): Connection {
    const connection = new Connection(facts, this.#ports, nowMs)
    this.#byToken.set(tokenKey(facts.ourToken), connection)
    this.#use(connection)
    return connection
  }

  /** Adds one that a stranger opened; it is used for sending once it is confirmed. */
  addStranger(facts: ConnectionFacts, nowMs: number): Connection {
    const connection = new Connection(facts, this.#ports, nowMs)
    this.#byToken.set(tokenKey(facts.ourToken), connection)
    this.#strangers.set(strangerKey(facts), connection)
    const [oldest] = this.#strangers.values()
    if (this.#strangers.size > this.#limits.strangersMax && oldest !== undefined) this.remove(oldest)
    return connection
  }

  /** The connection that was opened from an endpoint under a token and not used yet. */
  stranger(facts: Pick<ConnectionFacts, 'endpoint' | 'theirToken'>): Connection | undefined {
    return this.#strangers.get(strangerKey(facts))
  }

  /** A stranger has shown that he knows our token. */
  confirm(connection: Connection): void {
    this.#strangers.delete(strangerKey(connection.facts))
    this.#use(connection)
  }

  /** The connection that a packet belongs to. */
  byToken(token: Buffer): Connection | undefined {
    return this.#byToken.get(tokenKey(token))
  }

  /** The connection to send on. */
  to(endpointKey: string): Connection | undefined {
    return this.#byEndpoint.get(endpointKey)?.current
  }

  /** The connection to an endpoint, in use or former, whose other side gave us this token. */
  withTheirToken(endpointKey: string, token: Buffer): Connection | undefined {
    const pair = this.#byEndpoint.get(endpointKey)
    return [pair?.current, pair?.former].find((connection) => connection?.facts.theirToken.equals(token) === true)
  }

  /** Notes that a connection was heard, so that others are given up before it. */
  touch(connection: Connection): void {
    const key = tokenKey(connection.facts.ourToken)
    if (this.#byToken.delete(key)) this.#byToken.set(key, connection)
  }

  /** Whether it is still in the table. */
  has(connection: Connection): boolean {
    return this.#byToken.get(tokenKey(connection.facts.ourToken)) === connection
  }

  /** Forgets a connection. */
  remove(connection: Connection): void {
    const { facts } = connection
    this.#byToken.delete(tokenKey(facts.ourToken))
    if (this.#strangers.get(strangerKey(facts)) === connection) this.#strangers.delete(strangerKey(facts))
    const pair = this.#byEndpoint.get(facts.endpoint.key)
    if (pair === undefined) return
    const rest = [pair.current, pair.former].filter((each) => each !== undefined && each !== connection)
    if (rest[0] === undefined) this.#byEndpoint.delete(facts.endpoint.key)
    else this.#byEndpoint.set(facts.endpoint.key, { current: rest[0], former: rest[1] })
  }

  /** All of them, the one silent longest first. A copy: they may be removed meanwhile. */
  all(): readonly Connection[] {
    return [...this.#byToken.values()]
  }

  #use(connection: Connection): void {
    const { key } = connection.facts.endpoint
    const pair = this.#byEndpoint.get(key)
    // A connection that was forgotten may still be confirmed by a packet on its way: then it is none.
    if (!this.has(connection)) return
    this.#byEndpoint.set(key, { current: connection, former: pair?.current })
    if (pair?.former !== undefined) this.remove(pair.former)
    if (this.#byToken.size - this.#strangers.size > this.#limits.connectionsMax) this.#removeSilent(connection)
  }

  #removeSilent(spared: Connection): void {
    for (const connection of this.#byToken.values()) {
      if (!connection.isConfirmed || connection === spared) continue
      this.remove(connection)
      return
    }
  }
}

function tokenKey(token: Buffer): string {
  return token.toString('latin1')
}

function strangerKey({ endpoint, theirToken }: Pick<ConnectionFacts, 'endpoint' | 'theirToken'>): string {
  return `${endpoint.key} ${tokenKey(theirToken)}`
}
