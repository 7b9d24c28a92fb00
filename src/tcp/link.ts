/**
 * All that is known of one remote address, and what waits to be sent there: which dialect is spoken, the connections
 * that lead there, the queue. First generation peers parse all they get on a connection as one message, so until a
 * peer has answered a hello every message is a connection of its own, ended at once.
 */

import type { Hello, SenderRef, TransportError } from '../core/index.ts'
import {
  Backoff,
  type ByteBudget,
  messageLine,
  OutboundQueue,
  offencePoints,
  type QueuedMessage,
} from '../transports/index.ts'
import type { TcpAddress } from './address.ts'
import { type Connection, DIAL_BYTES, type Purpose } from './connection.ts'
import { connectionError } from './connection-error.ts'
import { type Dialect, type Opening, openingOf } from './opening.ts'
import type { TcpLimits } from './options.ts'

/** What links ask of the pool that holds them. */
export interface LinkPorts {
  /** Whether first generation peers may be met; if not, a connection begins with a hello, and it is answered or fails. */
  readonly findsDialects: boolean
  /** Opens a connection to the link's address; undefined if there is no room now: `pump` is called when there is. */
  dial(link: Link, purpose: Exclude<Purpose, 'inbound' | 'bulk'>, id: string | undefined): Connection | undefined
  /** What this node says of itself; undefined while it was not introduced, so that it speaks the old dialect only. */
  introduction(): { readonly hello: Hello; readonly text: string; readonly sender: SenderRef } | undefined
  tellError(error: Error): void
  /** Monotonic time, ms. */
  now(): number
  /** Whether a peer said to be here may be sent so many bytes now. */
  affords(link: Link, id: string | undefined, bytes: number): boolean
  /** So many bytes are sent to it. */
  onSpent(link: Link, id: string | undefined, bytes: number): void
  /** A peer said to be here took what it was sent, and ended without a word as the first generation does. */
  onSilentEnd(link: Link, id: string | undefined): void
  /** A message was dropped, since its receiver has not shown that it is here. */
  onWithheld(link: Link, id: string | undefined): void
}

/** One remote address. */
export class Link {
  readonly address: TcpAddress
  dialect: Dialect
  /** What the node there can do beside the gossip, as its last hello says. */
  features: readonly string[] = []
  /** Grows with every use, for finding the least recently used. */
  lastUse = 0

  readonly #ports: LinkPorts
  readonly #queue: OutboundQueue
  readonly #rpcs: OutboundQueue
  /** The lasting connection that was opened to this address. */
  #lane: Connection | undefined
  /** A connection whose other side says that it is reached at this address. */
  #claimed: Connection | undefined
  #oneShot: Connection | undefined
  #rpcConnection: Connection | undefined
  #rpcsSent = 0
  /** A single hello that was sent to find out who is here. */
  #probe: Connection | undefined
  readonly #backoff = new Backoff()
  /** The id that answered here, the last time this node dialled. */
  #answeredId: string | undefined

  /** @param budget - shared by the queues of all links */
  constructor(address: TcpAddress, ports: LinkPorts, limits: TcpLimits, budget: ByteBudget) {
    const queueLimits = { messagesMax: limits.queueMessagesMax, bytesMax: limits.queueBytesMax }
    this.address = address
    this.dialect = firstDialect(ports)
    this.#ports = ports
    this.#queue = new OutboundQueue(queueLimits, budget)
    this.#rpcs = new OutboundQueue(queueLimits, budget)
  }

  /** Messages that wait. */
  get queued(): number {
    return this.#queue.length + this.#rpcs.length
  }

  /** Bytes that wait, in queues and in connections that lead there. */
  get heldBytes(): number {
    const paths = new Set([this.#lane, this.#claimed, this.#oneShot, this.#rpcConnection])
    let bytes = this.#queue.bytes + this.#rpcs.bytes
    for (const path of paths) bytes += path?.outboundBytes ?? 0
    return bytes
  }

  /** Whether nothing leads there and nothing waits. */
  get isUnused(): boolean {
    return this.queued === 0 && !(this.#lane ?? this.#oneShot ?? this.#rpcConnection ?? this.#claimed)
  }

  /**
   * Sends a message at once if there is a ready connection with room and nothing waits before it.
   *
   * @param open - from `encodeMessage`
   * @returns whether it was sent; if not, it has to wait
   */
  trySend(id: string | undefined, open: string, bytes: number): boolean {
    if (this.#queue.length > 0) return false
    const path = this.#pathFor(id)
    if (path === undefined || !path.hasRoom || !this.#spends(path, id, bytes)) return false
    sendMessage(path, open, bytes)
    return true
  }

  /**
   * Lets a message wait for its turn, in place of an older one with its key.
   *
   * @returns false if it was dropped because all queues together are full
   */
  enqueue(message: QueuedMessage): boolean {
    const isKept = this.#queue.put(message)
    this.pump()
    return isKept
  }

  /** Lets a payload wait for a connection of its own. */
  enqueueRpc(text: string, bytes: number): boolean {
    const isKept = this.#rpcs.put({ key: String(this.#rpcsSent++), id: undefined, text, bytes })
    this.pump()
    return isKept
  }

  /** Sends what can be sent, and dials if nothing leads there. */
  pump(): void {
    this.#pumpRpcs()
    for (let next = this.#queue.peek(); next !== undefined; next = this.#queue.peek()) {
      const path = this.#pathFor(next.id)
      if (path === undefined) this.#dial()
      if (path === undefined || !path.hasRoom) return
      this.#queue.shift()
      if (this.#spends(path, next.id, next.bytes)) sendMessage(path, next.text, next.bytes)
      else this.#ports.onWithheld(this, next.id)
    }
  }

  /** A connection whose other side says that it is reached here became ready; of several, the newest is used. */
  claim(connection: Connection): void {
    if (this.dialect === 'unknown') this.dialect = 'new'
    if (connection !== this.#lane) this.#claimed = connection
    this.#settle()
    this.pump()
  }

  /** A connection that was opened to this address was answered by a hello. */
  onHello(connection: Connection): void {
    this.dialect = 'new'
    this.#answeredId = connection.remote?.id
    this.#backoff.succeed()
    if (connection === this.#probe) this.#withholdFor(connection)
    if (connection.purpose === 'lane') connection.unref() // It may wait for long; that is no reason to stay alive.
    if (connection === this.#oneShot) this.#oneShot = undefined // It has served; what waits need not wait for its end.
    this.#settle()
    this.pump()
  }

  /** The node here was refused, or refuses us. */
  onRefused(): void {
    this.dialect = firstDialect(this.#ports)
    this.features = []
    this.#backoff.fail(this.#ports.now())
    this.#queue.clear()
  }

  /** A connection that was opened to this address was ended by the other side. */
  onRemoteEnd(connection: Connection): void {
    if (connection.hasEnded && connection.hasFlushed && connection.bytesRead === 0) {
      // Only the first generation ends without a word, and not before it was sent the end.
      if (connection.saidHello && this.#ports.findsDialects) this.#onSilentEnd(connection)
    } else if (connection.hello === undefined && connection.purpose !== 'rpc' && connection.mutedMs === undefined) {
      connection.fail(new Error('the peer ended the connection before it answered'))
    }
    connection.end()
  }

  /** A connection that was opened to this address failed. */
  onFailed(connection: Connection, error: Error): void {
    if (connection.purpose === 'one-shot' && connection.hello !== undefined) return // It has served.
    this.dialect = firstDialect(this.#ports)
    if (offencePoints(error) > 0) this.#backoff.fail(this.#ports.now())
    this.#forget(connection)
    if (connection.purpose === 'rpc') this.#rpcs.clear()
    // What waits is stale by the time anyone asks again; gossip repeats itself.
    else if (this.#pathFor(this.#queue.peek()?.id) === undefined) this.#queue.clear()
    this.#ports.tellError(connectionError(connection, error))
  }

  /** A connection that leads here is gone. */
  onClosed(connection: Connection): void {
    this.#forget(connection)
    this.pump()
  }

  /** Drops what waits, and the connections that hold more: their peers take too little. */
  giveWay(error: TransportError): void {
    this.#queue.clear()
    this.#rpcs.clear()
    for (const path of [this.#lane, this.#claimed, this.#oneShot, this.#rpcConnection]) {
      if (path?.blockedSinceMs !== undefined) path.destroy()
    }
    this.#ports.tellError(error)
  }

  /** Drops what waits, and ends the connections that were opened to this address. */
  dispose(): void {
    this.#queue.clear()
    this.#rpcs.clear()
    for (const connection of [this.#lane, this.#oneShot, this.#rpcConnection]) connection?.end()
  }

  /** What leads to a peer: an opened connection leads to its address for certain; a claim has to name the same id. */
  #pathFor(id: string | undefined): Connection | undefined {
    if (this.#lane?.isReady === true) return this.#lane
    const claimed = this.#claimed
    return claimed?.isReady === true && claimed.remote?.id === (id ?? this.#answeredId) ? claimed : undefined
  }

  #onSilentEnd(connection: Connection): void {
    this.dialect = 'old'
    this.features = []
    this.#ports.onSilentEnd(this, connection.socketPeer?.id)
  }

  #dial(): void {
    if (this.#oneShot !== undefined || this.#isLaneAwaited()) return
    // Who answers wrongly is left alone for a while; what waits is stale by then.
    if (this.#backoff.isWaiting(this.#ports.now())) this.#queue.clear()
    const message = this.#nextToOpenWith()
    if (message === undefined) return
    const opening = this.#openingFor(message)
    if (opening === undefined) return
    const { purpose, line, isProbe } = opening
    const connection = this.#ports.dial(this, purpose, message.id)
    if (connection === undefined) return
    if (!isProbe) this.#queue.shift()
    const bytes = Buffer.byteLength(line)
    this.#ports.onSpent(this, message.id, bytes + DIAL_BYTES)
    connection.saidHello = this.#ports.introduction() !== undefined
    connection.send(line, bytes)
    this.#probe = isProbe ? connection : undefined
    if (purpose === 'lane') this.#lane = connection
    else {
      this.#oneShot = connection
      connection.end()
    }
  }

  /** The first message that a connection may be opened for; those before it are dropped. */
  #nextToOpenWith(): QueuedMessage | undefined {
    for (let next = this.#queue.peek(); next !== undefined; next = this.#queue.peek()) {
      if (this.#openingFor(next) !== undefined) return next
      this.#queue.shift()
      this.#ports.onWithheld(this, next.id)
    }
    return undefined
  }

  #openingFor(message: QueuedMessage): Opening | undefined {
    const affords = (bytes: number): boolean => this.#ports.affords(this, message.id, bytes)
    const { findsDialects } = this.#ports
    return openingOf(message, { dialect: this.dialect, findsDialects }, this.#ports.introduction(), affords)
  }

  /** Somebody else answered a hello than it was meant for; its receiver is not here. */
  #withholdFor(probe: Connection): void {
    const id = probe.socketPeer?.id
    if (id === undefined || id === probe.remote?.id) return
    for (let next = this.#queue.peek(); next?.id === id; next = this.#queue.peek()) {
      this.#queue.shift()
      this.#ports.onWithheld(this, id)
    }
  }

  /** What goes back on a connection that the peer opened itself is sent to nobody else. */
  #spends(path: Connection, id: string | undefined, bytes: number): boolean {
    if (path.purpose === 'inbound') return true
    if (!this.#ports.affords(this, id, bytes)) return false
    this.#ports.onSpent(this, id, bytes)
    return true
  }

  /** An unanswered lane is waited for even when it was ended: only then it is known what is spoken there. */
  #isLaneAwaited(): boolean {
    return this.#lane !== undefined && (!this.#lane.hasEnded || this.#lane.hello === undefined)
  }

  #pumpRpcs(): void {
    if (this.#rpcConnection !== undefined || this.#rpcs.length === 0) return
    const connection = this.#ports.dial(this, 'rpc', undefined)
    const payload = connection === undefined ? undefined : this.#rpcs.shift()
    if (connection === undefined || payload === undefined) return
    this.#rpcConnection = connection
    connection.send(payload.text, payload.bytes)
    connection.end()
  }

  /** Of two lasting connections between one pair, the one dialled by the lower id stays; its dialler ends the other. */
  #settle(): void {
    const [lane, claimed] = [this.#lane, this.#claimed]
    if (lane?.isReady !== true || claimed?.isReady !== true) return
    const ownId = this.#ports.introduction()?.hello.id
    const [theirs, claims] = [lane.hello, claimed.hello]
    if (ownId === undefined || theirs === undefined || claims === undefined || theirs.id !== claims.id) return
    // Of two lives of one peer the older has ended, whether or not its connection knows.
    const isOwnKept =
      theirs.generation === claims.generation ? ownId < theirs.id : theirs.generation > claims.generation
    if (isOwnKept || claimed.purpose !== 'inbound') return
    this.#lane = undefined
    lane.end()
  }

  #forget(connection: Connection): void {
    if (this.#lane === connection) this.#lane = undefined
    if (this.#claimed === connection) this.#claimed = undefined
    if (this.#oneShot === connection) this.#oneShot = undefined
    if (this.#probe === connection) this.#probe = undefined
    if (this.#rpcConnection === connection) this.#rpcConnection = undefined
  }
}

/** What an address is taken to speak as long as nobody there has answered. */
function firstDialect({ findsDialects }: LinkPorts): Dialect {
  return findsDialects ? 'unknown' : 'new'
}

/** Beyond the gossip itself, two bytes of line end and a brace. */
function sendMessage(path: Connection, open: string, bytes: number): void {
  path.send(messageLine(open), bytes + 3)
}
