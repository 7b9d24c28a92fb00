/**
 * The peers this node sends to, the connections it dialled, and who opened which connection to it. The tables are
 * bounded: the least recently used gives way, and a link that cannot dial waits until another connection has gone.
 */

import type { Direction, Hello, JsonValue, PeerRef } from '../../core/index.ts'
import { urlsOf } from './address.ts'
import { CLOSE_NORMAL, Connection, type ConnectionOwner, type ConnectionShared } from './connection.ts'
import { Link, type LinkPorts } from './link.ts'
import type { WebSocketLimits } from './options.ts'
import type { SocketOpener } from './socket.ts'

/** What a pool asks of its transport. */
export interface PoolPorts {
  /** How to open a socket to a url. */
  open(url: string): SocketOpener
  /** What is told of the connections that are dialled. */
  readonly owner: ConnectionOwner
  hello(): Hello | undefined
  tellError(error: Error): void
  /** A connection was dialled; deadlines are to be kept from now on. */
  onOpened(): void
}

/** Links by url or id, and connections. */
export class Pool {
  /** Every connection that was dialled and is not gone. */
  readonly connections: Set<Connection> = new Set()

  readonly #limits: WebSocketLimits
  readonly #shared: ConnectionShared
  readonly #ports: PoolPorts
  readonly #links = new Map<string, Link>()
  readonly #linkPorts: LinkPorts
  /** Links that had to wait for a connection to go, in the order they asked. */
  readonly #waiting = new Set<Link>()
  readonly #dialled = new WeakMap<Connection, Link>()
  /** Connections by the id of their other side, whoever dialled. */
  readonly #byId = new Map<string, Set<Connection>>()
  readonly #idOf = new WeakMap<Connection, string>()
  #uses = 0
  #isDisposed = false

  constructor(limits: WebSocketLimits, shared: ConnectionShared, ports: PoolPorts) {
    this.#limits = limits
    this.#shared = shared
    this.#ports = ports
    this.#linkPorts = {
      now: shared.now,
      dial: (link) => this.#dial(link),
      connected: (id, url, direction) => this.#connected(id, url, direction),
      hello: () => ports.hello(),
      tellError: (error) => ports.tellError(error),
    }
  }

  /** Peers that are remembered. */
  get linkCount(): number {
    return this.#links.size
  }

  /** Messages that wait, for all peers together. O(links). */
  get queued(): number {
    let queued = 0
    for (const link of this.#links.values()) queued += link.queued
    return queued
  }

  /**
   * The link to a peer, made if there is none.
   *
   * @returns undefined if it has no url, and no name by which it could be found among those who are connected
   */
  link(peer: PeerRef): Link | undefined {
    const [url] = urlsOf(peer.transport)
    const { id } = peer
    if (url === undefined && (id === undefined || !this.isConnected(id))) return undefined
    const key = url ?? `id:${id}`
    let link = this.#links.get(key)
    if (link === undefined) {
      if (this.#links.size >= this.#limits.peersMax) this.#forgetOldestLink()
      link = new Link({ key, url, peer: copyOf(peer) }, this.#linkPorts, this.#limits, this.#shared.outbound)
      this.#links.set(key, link)
    }
    link.lastUse = ++this.#uses
    return link
  }

  /** Whether a peer of this id is connected now. */
  isConnected(id: string): boolean {
    return this.#connected(id, undefined) !== undefined
  }

  /** The other side of a connection has a name now, or another one. */
  onNamed(connection: Connection): void {
    const id = connection.remote?.id
    const before = this.#idOf.get(connection)
    if (id === undefined || id === before) return
    this.#forgetName(connection)
    const named = this.#byId.get(id) ?? new Set()
    this.#byId.set(id, named.add(connection))
    this.#idOf.set(connection, id)
  }

  /** Messages may now go both ways on any connection. */
  onReady(connection: Connection): void {
    this.#dialled.get(connection)?.onReady(connection)
    for (const link of this.#linksTo(connection)) link.onReady(connection)
  }

  /** Any connection has room again. */
  onSent(connection: Connection): void {
    this.#dialled.get(connection)?.pump()
    for (const link of this.#linksTo(connection)) link.pump()
  }

  /** Any connection failed. */
  onFailed(connection: Connection, error: Error): void {
    const link = this.#dialled.get(connection)
    if (link === undefined) this.#ports.tellError(error)
    else link.onFailed(connection, error)
  }

  /** Any connection is gone. */
  onClosed(connection: Connection): void {
    this.connections.delete(connection)
    const links = this.#linksTo(connection)
    this.#forgetName(connection)
    this.#dialled.get(connection)?.onClosed(connection)
    for (const link of links) link.onClosed(connection)
    for (const link of this.#waiting) {
      if (this.connections.size >= this.#limits.connectionsMax) break
      this.#waiting.delete(link)
      link.pump()
    }
  }

  /** Looks again whether anything can be sent. Worth calling once a second. */
  poll(): void {
    for (const link of this.#links.values()) if (link.queued > 0) link.pump()
  }

  /** Drops what waits. */
  dispose(): void {
    this.#isDisposed = true
    this.#waiting.clear()
    for (const link of this.#links.values()) link.dispose()
    this.#links.clear()
  }

  /** Of several, the latest life's latest connection: an older one may be dead and not know it yet. */
  #connected(id: string | undefined, url: string | undefined, direction?: Direction): Connection | undefined {
    let found: Connection | undefined
    for (const connection of (id === undefined ? undefined : this.#byId.get(id)) ?? []) {
      if (!connection.isReady || (direction ?? connection.direction) !== connection.direction) continue
      if (url !== undefined && !urlsOf(connection.remote?.transport).includes(url)) continue
      if ((connection.hello?.generation ?? 0) >= (found?.hello?.generation ?? 0)) found = connection
    }
    return found
  }

  /** Links whose peer the other side of a connection says to be. */
  #linksTo(connection: Connection): Link[] {
    const { remote } = connection
    if (remote === undefined) return []
    return [...urlsOf(remote.transport), `id:${remote.id}`].flatMap((key) => {
      const link = this.#links.get(key)
      return link === undefined || link === this.#dialled.get(connection) ? [] : [link]
    })
  }

  #dial(link: Link): Connection | undefined {
    if (this.#isDisposed || link.url === undefined) return undefined
    if (this.connections.size >= this.#limits.connectionsMax) {
      this.#waiting.add(link)
      this.#makeRoom()
      return undefined
    }
    const facts = { direction: 'outbound', peer: link.peer, open: this.#ports.open(link.url) } as const
    const connection = new Connection(facts, this.#ports.owner, this.#shared)
    this.connections.add(connection)
    this.#dialled.set(connection, link)
    this.#ports.onOpened()
    return connection
  }

  /** Ends the connection that carried no message for longest, unless one is about to go anyway. */
  #makeRoom(): void {
    let silent: Connection | undefined
    for (const connection of this.connections) {
      if (connection.state === 'closing') return
      if (connection.isReady && connection.lastMessageMs < (silent?.lastMessageMs ?? Infinity)) silent = connection
    }
    silent?.end(CLOSE_NORMAL, 'it gives way to another')
  }

  #forgetName(connection: Connection): void {
    const id = this.#idOf.get(connection)
    if (id === undefined) return
    this.#idOf.delete(connection)
    const named = this.#byId.get(id)
    named?.delete(connection)
    if (named?.size === 0) this.#byId.delete(id)
  }

  #forgetOldestLink(): void {
    let oldest: Link | undefined
    for (const link of this.#links.values()) {
      // One that leads nowhere can be forgotten without harm.
      const isBetter = oldest === undefined || (link.isUnused && !oldest.isUnused)
      if (isBetter || (link.isUnused === oldest?.isUnused && link.lastUse < oldest.lastUse)) oldest = link
    }
    if (oldest === undefined) return
    oldest.dispose()
    this.#waiting.delete(oldest)
    this.#links.delete(oldest.key)
  }
}

/** Whoever sends may change what it handed over. */
function copyOf({ id, transport }: PeerRef): PeerRef {
  return { id, transport: JSON.parse(JSON.stringify(transport)) as JsonValue }
}
