/**
 * Who is responsible for what, computed by every node for itself from the peers it holds live: no messages, no
 * coordinator, and agreement as soon as the nodes agree on who lives. Nothing is moved here; the ring says whose it is.
 */

import { integerIn, type KnownPeer, SafeEmitter } from '../core/index.ts'
import type { Circle, Member } from './circle.ts'
import { RingEmptyError } from './errors.ts'
import type { RingEvents, RingOwner, RingPeer, RingStatus } from './events.ts'
import {
  nodeOption,
  OWNERS_MAX,
  type ResolvedRingOptions,
  type RingNode,
  type RingOptions,
  resolveRingOptions,
} from './options.ts'
import { placesOfValue } from './places.ts'
import { Roster } from './roster.ts'
import { type Standing, tellDifference } from './standing.ts'

/** Figures of a ring. */
export interface RingStats {
  /** In the ring now, this node included. */
  readonly members: number
  /** `error` events, heard or not. */
  readonly errors: number
}

/** No key begins so that a watcher would be told of, and it watches nobody: it is there to end with the node. */
const WATCH_NOTHING = { prefix: '$gossip/', peers: [] } as const

/**
 * A ring over a node's live peers and the node itself. Lookups see the node as it is at that moment; events follow in a turn
 * of their own. It ends with its node, also when that has stopped because of an id conflict: then everybody is gone, this
 * node too, and that is told. It keeps no process alive.
 *
 * @throws {InvalidOptionError} the constructor, for an unknown, mistyped or out-of-range option
 * @throws {LifecycleError} the constructor: the node is closed
 */
export class Ring {
  /** Where to find peers again: a copy, to be stored, and given as `seeds` to this node's next life or to others. */
  readonly wellKnownPeers: { get(): readonly KnownPeer[] }
  readonly #node: RingNode
  readonly #options: ResolvedRingOptions
  readonly #emitter: SafeEmitter<RingEvents>
  readonly #roster: Roster
  readonly #watching = new AbortController()
  #told: Standing
  #ended: string | undefined
  #errors = 0
  #cancelTell: (() => void) | undefined
  #cancelService: (() => void) | undefined
  readonly #onConflict = (): void => this.#end('another process runs under the id of this node')

  constructor(node: RingNode, options: RingOptions = {}) {
    this.#options = resolveRingOptions(options)
    this.#node = nodeOption(node)
    this.#emitter = new SafeEmitter((error) => this.#fail(error))
    const end = this.#node.watch({ ...WATCH_NOTHING, signal: this.#watching.signal })
    this.wellKnownPeers = { get: () => this.#wellKnown() }
    this.#roster = new Roster(this.#node, this.#options, {
      onStir: () => this.#stir(),
      onError: (error) => this.#fail(error),
    })
    this.#node.on('conflict', this.#onConflict)
    this.#told = this.#standing()
    this.#serveIn(this.#options.serviceIntervalMs)
    void this.#followToTheEnd(end)
  }

  /** Figures at this moment. */
  get stats(): RingStats {
    return { members: this.#circle.size, errors: this.#errors }
  }

  /** Ids of all members in the order of the circle, this node included. O(members). */
  get members(): readonly string[] {
    return this.#circle.members.map(({ id }) => id)
  }

  /** Who comes next on the circle of members; undefined when there is nobody else. */
  get successor(): RingPeer | undefined {
    return this.#neighbours().successor
  }

  /** Who comes before this node on the circle of members; undefined when there is nobody else. */
  get predecessor(): RingPeer | undefined {
    return this.#neighbours().predecessor
  }

  /** How settled this node's view of the ring is. An opinion: either half of a parted cluster can be `joined`. */
  status(): RingStatus {
    return this.#standing().status
  }

  /**
   * Who is responsible for a value. O(log members).
   *
   * @param value - a text, which stands for its UTF-8 bytes, or bytes; at most 1 MiB
   * @throws {InvalidValueError} it is something else
   * @throws {RingEmptyError} nobody is in the ring
   */
  ownerOf(value: string | Uint8Array): RingOwner {
    const owner = this.#circle.ownerOf(placesOfValue(value))
    if (owner === undefined) throw this.#emptyError()
    return this.#ownerOf(owner)
  }

  /**
   * Who is responsible for a value, the owner first: whoever follows is the owner when those before are gone.
   *
   * @param count - how many, 1 to 65,536; fewer come when there are fewer members. Default: `replicas`
   * @throws {InvalidValueError | InvalidOptionError} the value, or the count, is something else
   */
  ownersOf(value: string | Uint8Array, count: number = this.#options.replicas): readonly RingOwner[] {
    const places = placesOfValue(value)
    return this.#circle.ownersOf(places, integerIn('count', count, 1, OWNERS_MAX)).map((owner) => this.#ownerOf(owner))
  }

  /** Whether this node is the owner of a value, the first of `ownersOf`. Throws as `ownersOf` does. */
  isOwner(value: string | Uint8Array): boolean {
    return this.#circle.ownerOf(placesOfValue(value))?.id === this.#node.id
  }

  /** Whether this node is among the `replicas` owners of a value; with one replica the same as `isOwner`. */
  isResponsibleFor(value: string | Uint8Array): boolean {
    const owners = this.#circle.ownersOf(placesOfValue(value), this.#options.replicas)
    return owners.some(({ id }) => id === this.#node.id)
  }

  on<E extends keyof RingEvents>(event: E, listener: RingEvents[E]): this {
    this.#emitter.on(event, listener)
    return this
  }

  once<E extends keyof RingEvents>(event: E, listener: RingEvents[E]): this {
    this.#emitter.once(event, listener)
    return this
  }

  off<E extends keyof RingEvents>(event: E, listener: RingEvents[E]): this {
    this.#emitter.off(event, listener)
    return this
  }

  /** Ends the ring and leaves the node as it is. Nothing is told of it, or from then on; lookups find nobody. */
  close(): void {
    this.#emitter.removeAllListeners()
    this.#end('the ring is closed')
  }

  #emptyError(): RingEmptyError {
    return new RingEmptyError(this.#ended ?? '`isMember` lets nobody in', this.#ended !== undefined)
  }

  get #circle(): Circle {
    return this.#roster.circle
  }

  #ownerOf({ id }: Member): RingOwner {
    const peer = this.#roster.peerOf(id)
    return { peer, metadata: peer.metadata ?? {}, isSelf: id === this.#node.id }
  }

  #neighbours(): Pick<Standing, 'successor' | 'predecessor'> {
    const { successor, predecessor } = this.#circle.neighboursOf(this.#roster.self)
    return {
      successor: successor && this.#roster.peerOf(successor.id),
      predecessor: predecessor && this.#roster.peerOf(predecessor.id),
    }
  }

  #standing(): Standing {
    const circle = this.#circle
    const neighbours = this.#neighbours()
    const isAlone = neighbours.successor === undefined
    const isSettled = !this.#roster.expectsSomebody && this.#unsettledMs() <= 0
    return { circle, ...neighbours, status: isAlone ? 'lonely' : isSettled ? 'joined' : 'unbalanced' }
  }

  /** How long until members will have stayed the same for a service interval, ms; not above 0 when they have. */
  #unsettledMs(): number {
    return this.#roster.changedAt + this.#options.serviceIntervalMs - this.#options.system.now()
  }

  #wellKnown(): readonly KnownPeer[] {
    const { id, address } = this.#node
    return [...(address === undefined ? [] : [{ id, transport: address }]), ...this.#node.knownPeers()]
  }

  /** Something may have changed. Whatever else this turn brings is told along with it. */
  #stir(): void {
    if (this.#ended === undefined) this.#cancelTell ??= this.#options.system.startTimer(() => this.#tell(), 0)
  }

  #tell(): void {
    this.#cancelTell = undefined
    const before = this.#told
    this.#told = this.#standing()
    tellDifference(this.#emitter, before, this.#told)
  }

  #serveIn(delayMs: number): void {
    this.#cancelService = this.#options.system.startTimer(() => this.#serve(), delayMs)
  }

  /** What only time changes: members that have settled, and what `isMember` thinks of them by now. */
  #serve(): void {
    this.#roster.reconsider()
    if (this.#ended !== undefined) return
    const unsettledMs = this.#unsettledMs()
    const { serviceIntervalMs } = this.#options
    this.#serveIn(unsettledMs > 0 ? Math.min(unsettledMs, serviceIntervalMs) : serviceIntervalMs)
    this.#tell()
  }

  async #followToTheEnd(watch: AsyncIterable<unknown>): Promise<void> {
    for await (const _ of watch);
    this.#end('the node is closed')
  }

  #end(reason: string): void {
    if (this.#ended !== undefined) return
    this.#ended = reason
    this.#cancelTell?.()
    this.#cancelService?.()
    this.#watching.abort()
    this.#node.off('conflict', this.#onConflict)
    this.#roster.close()
    this.#tell()
  }

  #fail(error: Error): void {
    this.#errors++
    const isOwnFault = 'event' in error && error.event === 'error'
    if (!isOwnFault) this.#emitter.emit('error', error)
  }
}
