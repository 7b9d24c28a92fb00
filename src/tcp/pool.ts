/**
 * The addresses this node sends to and the connections it opened. Both tables are bounded: the least recently used
 * gives way, and a link that cannot dial waits until another connection has gone.
 */

import { type Hello, type PeerRef, type SenderRef, TransportError } from '../core/index.ts'
import { addressKey, findAddress, type TcpAddress } from './address.ts'
import { Connection, type ConnectionOwner, type Purpose, SOCKET_BYTES_MAX } from './connection.ts'
import type { ConnectionShared } from './connection-shared.ts'
import { Link, type LinkPorts } from './link.ts'
import type { TcpLimits } from './options.ts'
import type { Replies } from './replies.ts'

/** What a pool asks of its transport. */
export interface PoolPorts {
  introduction(): { readonly hello: Hello; readonly text: string; readonly sender: SenderRef } | undefined
  onLine(connection: Connection, value: unknown): void
  tellError(error: Error): void
  /** A connection was opened; deadlines are to be kept from now on. */
  onOpened(): void
  /** A connection, of whoever dialled it, is gone. */
  onClosed(): void
}

/** How long a peer may leave a connection unanswered while others wait for one, ms. */
const PATIENCE_MS = 1_000

/** Links by address, and the connections that lead away from here. */
export class Pool {
  /** Every connection that was dialled and is not gone. */
  readonly connections: Set<Connection> = new Set()

  readonly #limits: TcpLimits
  readonly #shared: ConnectionShared
  readonly #ports: PoolPorts
  readonly #replies: Replies
  readonly #links = new Map<string, Link>()
  readonly #linkPorts: LinkPorts
  /** Links that had to wait for a connection to go, in the order they asked. */
  readonly #waiting = new Set<Link>()
  readonly #dialled = new WeakMap<Connection, Link>()
  /** Which address the other side of a ready connection says it is reached at. */
  readonly #claims = new Map<Connection, Link>()
  #uses = 0

  /** @param replies - how much may be sent to whom */
  constructor(limits: TcpLimits, shared: ConnectionShared, replies: Replies, ports: PoolPorts) {
    this.#limits = limits
    this.#shared = shared
    this.#replies = replies
    this.#ports = ports
    this.#linkPorts = {
      findsDialects: shared.security.findsDialects,
      dial: (link, purpose, id) => this.#dial(link, purpose, id),
      introduction: () => ports.introduction(),
      tellError: (error) => ports.tellError(error),
      now: () => shared.now(),
      affords: ({ address }, id, bytes) => replies.affords(address, id, bytes),
      onSpent: ({ address }, id, bytes) => replies.spend(address, id, bytes),
      onSilentEnd: ({ address }, id) => replies.noteSilentEnd(address, id),
      onWithheld: () => replies.noteWithheld(),
    }
  }

  /** Most connections that are open at once. */
  get connectionsMax(): number {
    return this.#limits.connectionsMax
  }

  /** Addresses that are remembered. */
  get linkCount(): number {
    return this.#links.size
  }

  /** Messages that wait, for all addresses together. O(links). */
  get queued(): number {
    let queued = 0
    for (const link of this.#links.values()) queued += link.queued
    return queued
  }

  /** What the node at an address can do beside the gossip; nothing where that is not known. */
  featuresOf(address: TcpAddress): readonly string[] {
    return this.#links.get(addressKey(address))?.features ?? []
  }

  /**
   * Opens a connection for a transfer in bulk.
   *
   * @returns undefined if there is no room for it
   */
  dialBulk(peer: PeerRef, address: TcpAddress, owner: ConnectionOwner): Connection | undefined {
    if (this.connections.size >= this.#limits.connectionsMax) return undefined
    const onClosed = (connection: Connection): void => {
      owner.onClosed(connection)
      this.onClosed(connection)
    }
    const facts = { purpose: 'bulk', peer } as const
    const connection = new Connection(
      this.#shared.security.dial(address, SOCKET_BYTES_MAX),
      facts,
      relayed(owner, onClosed),
      this.#shared,
    )
    this.connections.add(connection)
    this.#ports.onOpened()
    return connection
  }

  /** The link of an address, made if there is none. */
  link(address: TcpAddress): Link {
    const key = addressKey(address)
    let link = this.#links.get(key)
    if (link === undefined) {
      if (this.#links.size >= this.#limits.peersMax) this.#forgetOldestLink()
      link = new Link(address, this.#linkPorts, this.#limits, this.#shared.outbound)
      this.#links.set(key, link)
    }
    link.lastUse = ++this.#uses
    return link
  }

  /**
   * Makes room for a message where all queues together are full: the address that holds by far the most gives way.
   *
   * @returns whether there is more room now
   */
  makeRoomFor(link: Link, bytes: number): boolean {
    let largest: Link | undefined
    for (const other of this.#links.values()) {
      if (other !== link && other.heldBytes > (largest?.heldBytes ?? 0)) largest = other
    }
    // Among equals nobody gives way: that would only turn one loss into two.
    if (largest === undefined || largest.heldBytes <= 2 * (link.heldBytes + bytes)) return false
    largest.giveWay(fullError(this.#limits.outboundBytesMax, largest))
    return true
  }

  /** A hello was accepted on any connection: it may now be used both ways. */
  onHello(connection: Connection): void {
    const dialled = this.#dialled.get(connection)
    if (dialled !== undefined && connection.remote !== undefined)
      this.#replies.prove(dialled.address, connection.remote.id)
    dialled?.onHello(connection)
    this.#noteFeatures(connection)
    this.#noteClaim(connection)
    this.poll()
  }

  /** A hello was refused on any connection. */
  onRefused(connection: Connection): void {
    this.#dialled.get(connection)?.onRefused()
  }

  /** Any connection has room again. */
  onDrain(connection: Connection): void {
    this.#dialled.get(connection)?.pump()
    this.#claims.get(connection)?.pump()
  }

  /** Any connection is gone. */
  onClosed(connection: Connection): void {
    const claimant = this.#claims.get(connection)
    this.#claims.delete(connection)
    claimant?.onClosed(connection)
    this.connections.delete(connection)
    this.#dialled.get(connection)?.onClosed(connection)
    this.#serveWaiting()
    this.#ports.onClosed()
  }

  /** Looks for room again, if anybody waits for it. Worth calling when a connection changes, and once a second. */
  poll(): void {
    if (this.#waiting.size > 0) this.#makeRoom()
  }

  /** Drops what waits and ends every connection. */
  dispose(): void {
    this.#waiting.clear()
    for (const link of this.#links.values()) link.dispose()
    this.#links.clear()
    for (const connection of this.connections) {
      connection.mute()
      connection.end()
    }
  }

  /** What the node can do is known of its address as soon as it has said so, on whichever connection. */
  #noteFeatures({ hello, remote, socketPeer, purpose }: Connection): void {
    const dialledTo = purpose === 'inbound' ? undefined : socketPeer?.transport
    for (const transport of [remote?.transport, dialledTo]) {
      const address = findAddress(transport)
      if (address !== undefined) this.link(address).features = hello?.features ?? []
    }
  }

  #noteClaim(connection: Connection): void {
    const remote = connection.remote
    const isOwn = remote?.id === this.#ports.introduction()?.hello.id
    const address = connection.isReady && !isOwn ? findAddress(remote?.transport) : undefined
    const [before, link] = [this.#claims.get(connection), address && this.link(address)]
    if (before !== undefined && before !== link) {
      this.#claims.delete(connection)
      before.onClosed(connection)
    }
    if (link === undefined || link === this.#dialled.get(connection)) return
    this.#claims.set(connection, link)
    link.claim(connection)
  }

  #dial(link: Link, purpose: Exclude<Purpose, 'inbound' | 'bulk'>, id: string | undefined): Connection | undefined {
    if (this.connections.size >= this.#limits.connectionsMax) {
      this.#waiting.add(link)
      this.#makeRoom()
      return undefined
    }
    const peer = { id, transport: { ...link.address } }
    const socket = this.#shared.security.dial(link.address, SOCKET_BYTES_MAX)
    const connection = new Connection(socket, { purpose, peer }, this.#ownerFor(link), this.#shared)
    this.connections.add(connection)
    this.#dialled.set(connection, link)
    this.#ports.onOpened()
    return connection
  }

  #ownerFor(link: Link): ConnectionOwner {
    return {
      onLine: (connection, value) => {
        if (connection.purpose !== 'rpc') this.#ports.onLine(connection, value)
      },
      onDrain: (connection) => this.onDrain(connection),
      onRemoteEnd: (connection) => link.onRemoteEnd(connection),
      onFailed: (connection, error) => link.onFailed(connection, error),
      onClosed: (connection) => this.onClosed(connection),
    }
  }

  /**
   * Ends the lasting connection that was silent for longest; where there is none, drops the oldest of the others if its
   * peer had time enough to answer.
   */
  #makeRoom(): void {
    let silent: Connection | undefined
    let oldest: Connection | undefined
    for (const connection of this.connections) {
      oldest ??= connection
      if (connection.purpose !== 'lane' || connection.hello === undefined) continue
      if (connection.hasEnded) {
        // It is about to go, if its peer still runs.
        if (this.#shared.now() - connection.lastProgressMs > PATIENCE_MS) connection.destroy()
        return
      }
      if (silent === undefined || connection.lastProgressMs < silent.lastProgressMs) silent = connection
    }
    if (silent !== undefined) silent.end()
    else if (oldest !== undefined && this.#shared.now() - oldest.openedMs > PATIENCE_MS) {
      oldest.fail(connectionLimit(this.#limits.connectionsMax, oldest.peer))
    }
  }

  #serveWaiting(): void {
    for (const link of this.#waiting) {
      if (this.connections.size >= this.#limits.connectionsMax) break
      this.#waiting.delete(link)
      link.pump()
    }
    this.poll()
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
    this.#links.delete(addressKey(oldest.address))
  }
}

/** Says that there is no room for another connection. */
export function connectionLimit(connectionsMax: number, peer: PeerRef | undefined): TransportError {
  const problem = `it gave way to another: connectionsMax is ${connectionsMax}`
  return new TransportError('GOSSIP_CONNECTION_LIMIT', problem, { peer, direction: 'outbound' })
}

function fullError(outboundBytesMax: number, { address, heldBytes }: Link): TransportError {
  const problem = `${heldBytes} bytes for it were dropped: outboundBytesMax is ${outboundBytesMax}, and it held most of them`
  return new TransportError('GOSSIP_BUFFER_FULL', problem, {
    peer: { transport: { ...address } },
    direction: 'outbound',
  })
}

function relayed(owner: ConnectionOwner, onClosed: ConnectionOwner['onClosed']): ConnectionOwner {
  return {
    onLine: (connection, value) => owner.onLine(connection, value),
    onDrain: (connection) => owner.onDrain(connection),
    onRemoteEnd: (connection) => owner.onRemoteEnd(connection),
    onFailed: (connection, error) => owner.onFailed(connection, error),
    onClosed,
  }
}
