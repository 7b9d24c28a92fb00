/**
 * Which transfers run in bulk, both ways, and which are worth beginning. At most one runs to each peer and at most one from
 * each; what is on its way in bulk goes by no message meanwhile.
 */

import { type Candidate, exceeds } from '../flow/index.ts'
import type { PeerRef, SenderRef } from '../ports.ts'
import { type MapSource, OutgoingBulk } from './outgoing-bulk.ts'

/** A transfer that this node has let in. */
export interface IncomingBulk {
  readonly from: SenderRef
  /** Ids of the peers it is about; undefined: any. */
  readonly about: readonly string[] | undefined
}

/** Says that a transfer is not taken now: too many run, or one about the same peers does. */
export const BULK_BUSY = 'GOSSIP_BULK_BUSY'

/** What a desk needs to know. */
export interface BulkDeskOptions {
  readonly bulkBytesMin: number
  readonly inboundBulksMax: number
  readonly outboundBulksMax: number
  readonly gossipIntervalMs: number
}

/** What the transport, and who tests it, says of bulk. */
export interface BulkAbility {
  /** Whether a peer understands it; undefined where the transport has none. */
  readonly canBulk?: ((peer: PeerRef) => boolean) | undefined
  /** Bytes of the entries of a group, unless a single entry takes more. @defaultValue 61_440 */
  readonly bulkGroupBytesMax?: number | undefined
}

const GROUP_BYTES_MAX = 61_440

/** What holds for a while after a transfer. */
interface Aftermath {
  readonly until: number
  /** Transfers to that peer that have failed in a row. As long as it is not 0, there is no other until then. */
  readonly failures: number
  /** By id, up to where a map has gone there, or goes there from somebody else: who asks for less has not read it yet. */
  readonly reached: ReadonlyMap<string, number>
}

/** Peers whose last transfer is remembered. */
const AFTERMATHS_MAX = 1_024
/** So often in a row a peer is believed to be busy with the same maps; then messages go on. */
const HOLDS_MAX = 3
/** Pauses double up to this many intervals. */
const PAUSE_INTERVALS_MAX = 32

/** Mutable; belongs to one engine. */
export class BulkDesk {
  readonly #options: BulkDeskOptions
  readonly #canBulk: ((peer: PeerRef) => boolean) | undefined
  readonly #groupBytesMax: number
  readonly #running = new Map<string, OutgoingBulk>()
  readonly #aftermaths = new Map<string, Aftermath>()
  readonly #incoming = new Set<IncomingBulk>()
  #offers: OutgoingBulk[] = []

  constructor(options: BulkDeskOptions, ability: BulkAbility) {
    this.#options = options
    this.#canBulk = ability.canBulk
    this.#groupBytesMax = ability.bulkGroupBytesMax ?? GROUP_BYTES_MAX
  }

  /** Whether the transport carries bulk at all. */
  get isAble(): boolean {
    return this.#canBulk !== undefined
  }

  /** Whether bulk can go to this peer. */
  reaches(peer: PeerRef): boolean {
    return this.#canBulk?.(peer) === true
  }

  /** Those of whom a message to this peer may speak. */
  withoutCovered(peerId: string, candidates: readonly Candidate[], now: number): readonly Candidate[] {
    const running = this.#running.get(peerId)
    const aftermath = this.#aftermaths.get(peerId)
    const reached = aftermath !== undefined && now < aftermath.until ? aftermath.reached : undefined
    if (running === undefined && reached === undefined) return candidates
    return candidates.filter(
      ({ map, from }) => running?.covers(map.id, from) !== true && from >= (reached?.get(map.id) ?? 0),
    )
  }

  /** Whether a transfer to this peer may begin: it understands it, none runs there, and there is room. */
  isFree(to: SenderRef, now: number): boolean {
    if (!this.reaches(to) || this.#running.has(to.id) || this.#running.size >= this.#options.outboundBulksMax)
      return false
    const aftermath = this.#aftermaths.get(to.id)
    return aftermath === undefined || aftermath.failures === 0 || now >= aftermath.until
  }

  /**
   * Begins a transfer, if it is worth one. There must be room for it, see {@link isFree}.
   *
   * @param unfinished - of whom something is left to say after a message
   * @param oversize - ids among them of whom no message can ever say it
   */
  offer(
    to: SenderRef,
    unfinished: readonly Candidate[],
    oversize: readonly string[],
    source: MapSource,
  ): OutgoingBulk | undefined {
    // Who is half-way through a newer snapshot can use one group only: all of mine.
    const candidates = unfinished.filter(({ maxVersionMin }) => maxVersionMin === 0)
    const isOversize = candidates.some(({ map }) => oversize.includes(map.id))
    if (!isOversize && !exceeds(candidates, this.#options.bulkBytesMin)) return undefined
    const bulk = new OutgoingBulk(to, candidates, source, this.#groupBytesMax)
    this.#running.set(to.id, bulk)
    this.#offers.push(bulk)
    return bulk
  }

  /** Transfers that were begun and not yet handed to the transport; each is given once. */
  takeOffers(): readonly OutgoingBulk[] {
    const taken = this.#offers
    if (taken.length > 0) this.#offers = []
    return taken
  }

  /**
   * A transfer is over.
   *
   * @param code - of what went wrong; undefined if all has arrived
   */
  end(bulk: OutgoingBulk, code: string | undefined, now: number): void {
    const { id } = bulk.to
    if (this.#running.get(id) !== bulk) return
    this.#running.delete(id)
    const failuresBefore = this.#aftermaths.get(id)?.failures ?? 0
    this.#aftermaths.delete(id)
    this.#aftermaths.set(id, this.#aftermathOf(bulk, code, failuresBefore, now))
    if (this.#aftermaths.size > AFTERMATHS_MAX) this.#aftermaths.delete(this.#aftermaths.keys().next().value as string)
  }

  /** Lets a transfer in, if there is room for it: undefined if there is not. */
  admit(from: SenderRef, about: readonly string[] | undefined): IncomingBulk | undefined {
    if (this.#incoming.size >= this.#options.inboundBulksMax) return undefined
    for (const other of this.#incoming) if (other.from.id === from.id || overlap(other.about, about)) return undefined
    const bulk = { from, about }
    this.#incoming.add(bulk)
    return bulk
  }

  /** A transfer that was let in is over; returns whether it still was there. */
  leave(bulk: IncomingBulk): boolean {
    return this.#incoming.delete(bulk)
  }

  /** Whether a transfer that was let in may go on. */
  isIn(bulk: IncomingBulk): boolean {
    return this.#incoming.has(bulk)
  }

  #aftermathOf(bulk: OutgoingBulk, code: string | undefined, failuresBefore: number, now: number): Aftermath {
    const { gossipIntervalMs } = this.#options
    if (code === undefined) return { until: now + gossipIntervalMs, failures: 0, reached: bulk.reached }
    const failures = failuresBefore + 1
    const isBusy = code === BULK_BUSY && failures <= HOLDS_MAX
    const intervals = isBusy ? 1 : Math.min(2 ** failures, PAUSE_INTERVALS_MAX)
    const reached = new Map(isBusy ? bulk.about.map((mapId) => [mapId, Number.POSITIVE_INFINITY]) : [])
    return { until: now + intervals * gossipIntervalMs, failures, reached }
  }
}

function overlap(some: readonly string[] | undefined, others: readonly string[] | undefined): boolean {
  if (some === undefined || others === undefined) return true
  return some.some((id) => others.includes(id))
}
