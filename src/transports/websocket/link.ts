/**
 * What waits to be sent to one peer, and how it gets there: on a connection that was dialled to its url, or on one that
 * it opened itself. A peer without a url, such as a browser, has only the latter.
 */

import { type Direction, type Hello, type PeerRef, runtimeSystem } from '../../core/index.ts'
import type { Encoded } from '../codec/index.ts'
import { type ByteBudget, OutboundQueue, type QueuedMessage } from '../wire/index.ts'
import { CLOSE_NORMAL, type Connection } from './connection.ts'
import type { WebSocketLimits } from './options.ts'

/** A message that waits, text or bytes. */
export type WaitingMessage = QueuedMessage<Encoded>

/** What links ask of the pool that holds them. */
export interface LinkPorts {
  readonly now: () => number
  /** Dials the link's url; undefined if there is no room now: `pump` is called when there is. */
  dial(link: Link): Connection | undefined
  /** A ready connection with the peer of this id; with a url, only if it says that it is reached there. */
  connected(id: string | undefined, url: string | undefined, direction?: Direction): Connection | undefined
  /** What this node says of itself. */
  hello(): Hello | undefined
  tellError(error: Error): void
}

/** One remote peer. */
export class Link {
  readonly key: string
  /** Where it can be dialled. */
  readonly url: string | undefined
  /** As whoever sends there names it, for errors. */
  readonly peer: PeerRef
  /** Grows with every use, for finding the least recently used. */
  lastUse = 0

  readonly #ports: LinkPorts
  readonly #limits: WebSocketLimits
  readonly #queue: OutboundQueue<QueuedMessage<Encoded>>
  #dialled: Connection | undefined
  /** The id that answered at the url, the last time it was dialled. */
  #answeredId: string | undefined
  #redialDelayMs: number
  #redialMs = Number.NEGATIVE_INFINITY
  #cancelRedial: (() => void) | undefined

  /** @param budget - shared by the queues of all links */
  constructor(
    facts: { readonly key: string; readonly url: string | undefined; readonly peer: PeerRef },
    ports: LinkPorts,
    limits: WebSocketLimits,
    budget: ByteBudget,
  ) {
    this.key = facts.key
    this.url = facts.url
    this.peer = facts.peer
    this.#ports = ports
    this.#limits = limits
    this.#redialDelayMs = limits.redialDelayMs
    this.#queue = new OutboundQueue({ messagesMax: limits.queueMessagesMax, bytesMax: limits.queueBytesMax }, budget)
  }

  /** Messages that wait. */
  get queued(): number {
    return this.#queue.length
  }

  /** Whether nothing leads there and nothing waits. */
  get isUnused(): boolean {
    return this.#queue.length === 0 && this.#dialled === undefined
  }

  /**
   * Sends a message, or lets it wait for its turn, in place of an older one with its key.
   *
   * @returns false if it was dropped because all queues together are full
   */
  send(message: WaitingMessage): boolean {
    const path = this.#queue.length === 0 ? this.#pathFor(message.id) : undefined
    if (path?.hasRoom === true) {
      path.send(message.text, message.bytes)
      return true
    }
    const isKept = this.#queue.put(message)
    this.pump()
    return isKept
  }

  /** Sends what can be sent, and dials if nothing leads there. */
  pump(): void {
    for (let next = this.#queue.peek(); next !== undefined; next = this.#queue.peek()) {
      const path = this.#pathFor(next.id)
      if (path === undefined) this.#dial()
      if (path === undefined || !path.hasRoom) return
      this.#queue.shift()
      path.send(next.text, next.bytes)
    }
  }

  /** A connection that leads here has become ready. */
  onReady(connection: Connection): void {
    if (connection === this.#dialled) {
      this.#redialDelayMs = this.#limits.redialDelayMs
      this.#answeredId = connection.remote?.id
    }
    this.#settle()
    this.pump()
  }

  /** The connection that was dialled failed. */
  onFailed(connection: Connection, error: Error): void {
    this.#redialDelayMs = Math.min(this.#redialDelayMs * 2, this.#limits.redialDelayMsMax)
    this.#redialMs = this.#ports.now() + this.#redialDelayMs
    if (this.#dialled === connection) this.#dialled = undefined
    // What waits is stale by the time anyone asks again; gossip repeats itself.
    if (this.#pathFor(this.#queue.peek()?.id) === undefined) this.#queue.clear()
    this.#ports.tellError(error)
  }

  /** A connection that led here is gone, or about to go. */
  onClosed(connection: Connection): void {
    if (this.#dialled === connection) this.#dialled = undefined
    this.pump()
  }

  /** Drops what waits. */
  dispose(): void {
    this.#queue.clear()
    this.#cancelRedial?.()
    this.#cancelRedial = undefined
    this.#dialled?.end(CLOSE_NORMAL, '')
  }

  /** What leads to a peer: what was dialled leads to its url for certain, anything else has to name the same id. */
  #pathFor(id: string | undefined): Connection | undefined {
    if (this.#dialled?.isReady === true) return this.#dialled
    return this.#ports.connected(id ?? this.#answeredId, this.url)
  }

  #dial(): void {
    if (this.url === undefined) {
      // It comes back by itself, or not at all.
      this.#queue.clear()
      return
    }
    if (this.#dialled !== undefined && this.#dialled.state !== 'closing') return
    const waitMs = this.#redialMs - this.#ports.now()
    if (waitMs > 0) {
      this.#cancelRedial ??= runtimeSystem.startTimer(() => {
        this.#cancelRedial = undefined
        this.pump()
      }, waitMs)
      return
    }
    this.#redialMs = this.#ports.now() + this.#redialDelayMs
    this.#dialled = this.#ports.dial(this)
  }

  /** Of two connections between one pair, the one dialled by the lower id stays; its dialler ends the other. */
  #settle(): void {
    const [own, theirs] = [this.#ports.hello(), this.#dialled?.hello]
    if (own === undefined || theirs === undefined || this.#dialled?.isReady !== true || own.id === theirs.id) return
    const opened = this.#ports.connected(theirs.id, this.url, 'inbound')
    if (opened?.hello === undefined) return
    // Of two lives of one peer the older has ended, whether or not its connection knows.
    const isOwnKept =
      opened.hello.generation === theirs.generation ? own.id < theirs.id : opened.hello.generation < theirs.generation
    if (isOwnKept) return
    this.#dialled.end(CLOSE_NORMAL, 'another connection stays')
    this.#dialled = undefined
  }
}
