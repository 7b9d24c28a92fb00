/**
 * The answer to a digest: the deltas its sender lacks, and after a step-1 digest also a step-2 digest of what I lack and
 * of newer heartbeats. Three legs bring both sides level.
 */

import { ListenerError, ValueTooLargeError } from '../errors.ts'
import { type Candidate, exceeds, type Order, type Packed, pack } from '../flow/index.ts'
import { isSameAddress, LEFT_HEARTBEAT, type Peer } from '../membership/index.ts'
import type { SenderRef } from '../ports.ts'
import {
  asJson,
  type Digest,
  type DigestPairs,
  entriesOf,
  entryBytes,
  isAhead,
  lackOf,
  ownEntryBytes,
  type PeerEntry,
  pairBytes,
  pairItemsOf,
  type RemovalEntry,
  type Standing,
} from '../reconcile/index.ts'
import type { Context } from './context.ts'
import { DigestMessage, OutDigest } from './digest-message.ts'
import { digestHead, peerEntry, removalEntry } from './entries.ts'
import type { MapSource } from './outgoing-bulk.ts'

/** What a pair takes beside its id, at most, bytes. */
const PAIR_BYTES_MAX = 20

/** Collects what the other side lacks and what I want to tell or ask, while its digest is read. */
export class Answer {
  readonly #context: Context
  readonly #digest: Digest
  readonly #now: number
  readonly #candidates: Candidate[] = []
  /** Peers of which I lack something: these come first. */
  readonly #wanted: PeerEntry[] = []
  readonly #newer: (PeerEntry | RemovalEntry)[] = []
  /** Rows of which I know nothing newer but the heartbeat. */
  readonly #beats: number[] = []

  constructor(context: Context, digest: Digest, now: number) {
    this.#context = context
    this.#digest = digest
    this.#now = now
  }

  /** Answers what the sender says of itself, after it was taken in. */
  toSender(): void {
    const { own } = this.#digest
    const { roster } = this.#context
    const row = roster.table.rowOf(own.id)
    this.to(own, row)
    if (!this.#isToFirstStep) return
    const peer = roster.at(row)
    if (peer === undefined) return
    // Who says goodbye waits to see that it was taken.
    if (own.heartbeat === LEFT_HEARTBEAT && peer.heartbeat === LEFT_HEARTBEAT) this.#want(peer, false)
    // Who speaks under the generation of a peer that is known at another address must hear of that one.
    const { transport } = peer
    if (transport === undefined || peer.generation !== own.generation) return
    if (!isSameAddress(transport, own.transport)) this.#want(peer, true)
  }

  /** Answers one entry, about who has a row, after it was taken in. */
  to(item: PeerEntry | RemovalEntry, row: number): void {
    const { roster, id: ownId } = this.#context
    const theirs = item.kind === 'peer' ? item : undefined
    if (!this.#isToFirstStep && theirs === undefined) return
    if (item.id === ownId) {
      this.#offerOwn(theirs)
      return
    }
    const peer = roster.at(row)
    if (peer !== undefined) this.#offer(peer, theirs)
    if (!this.#isToFirstStep) return
    const record = theirs === undefined ? undefined : roster.removals.get(item.id)
    if (record !== undefined) this.#newer.push(removalEntry(record, this.#now))
    if (peer === undefined) return
    if (theirs === undefined) this.#newer.push(peerEntry(peer, true, this.#now))
    else if (isAhead(theirs, peer)) this.#want(peer, false)
    else if (peer.isNewerThan(theirs.generation, theirs.heartbeat)) this.#tellNewer(peer, theirs)
  }

  /** Answers an entry of which I know a newer heartbeat and nothing else. */
  tellBeat(row: number): void {
    this.#beats.push(row)
  }

  /**
   * Sends what there is to say: after a step-1 digest a step-2 digest, then the deltas.
   *
   * @param rows - of what the digest listed; undefined where every entry stood at the row of its own index
   */
  send(remote: SenderRef, rows: Int32Array | undefined): void {
    if (this.#isToFirstStep) {
      this.#answerAbsent(rows)
      this.introduce(remote)
    }
    sendDeltas(this.#context, remote, this.#candidates, this.#now)
  }

  /**
   * Sends the step-2 digest. It always goes out: my own heartbeat alone is worth saying, since the other side hears it nowhere
   * sooner. It goes before the deltas, for it introduces me. What exceeds the budget waits for another round.
   */
  introduce(remote: SenderRef): void {
    const context = this.#context
    const head = digestHead(context, 2, this.#digest.own)
    const budget = new ByteBudget(context.digestBytesMax - ownEntryBytes(head))
    const entries = [...this.#wanted, ...this.#newer].filter((entry) => budget.take(entryBytes(entry)))
    const body = { ...head, entries: entriesOf(entries), pairs: this.#pairs(budget) }
    context.stats.digestsSent++
    context.outbox.send(new DigestMessage(remote, new OutDigest(body)))
  }

  get #isToFirstStep(): boolean {
    return this.#digest.step === 1
  }

  #offerOwn(theirs: Standing | undefined): void {
    const { own, transport } = this.#context
    const lack = lackOf(own.map, theirs)
    if (lack !== undefined) this.#candidates.push({ map: own.map, transport, ...lack })
  }

  #offer(peer: Peer, theirs: Standing | undefined): void {
    const lack = lackOf(peer, theirs)
    if (lack === undefined) return
    const { map, transport, isOld } = peer
    this.#candidates.push({ map, transport, isOld, ...lack })
  }

  #want(peer: Peer, withTransport: boolean): void {
    this.#wanted.push(peerEntry(peer, withTransport, this.#now))
  }

  /** Of a live peer of the same generation only the heartbeat needs telling. */
  #tellNewer(peer: Peer, theirs: Standing): void {
    const isSameLife = peer.generation === theirs.generation
    if (isSameLife && peer.isHopeful && !peer.isOld) this.#beats.push(peer.row)
    else this.#newer.push(peerEntry(peer, !isSameLife, this.#now))
  }

  /** Inside the claimed range, who is not listed is not known over there. O(peers). */
  #answerAbsent(rows: Int32Array | undefined): void {
    const { claim } = this.#digest
    if (claim === undefined) return
    const { roster } = this.#context
    const { ids, table } = roster
    const first = claim.from === null ? 0 : table.firstFrom(claim.from)
    const end = claim.to === null ? ids.length : table.firstFrom(claim.to)
    const { entries } = this.#digest
    if (rows === undefined && first >= entries.from && end <= entries.to) return
    const isListed = this.#listedRows(rows)
    for (let row = first; row < end; row++) {
      const peer = isListed[row] === 1 ? undefined : roster.at(row)
      if (peer === undefined) continue
      this.#offer(peer, undefined)
      this.#newer.push(peerEntry(peer, true, this.#now))
    }
    const { ownRow } = roster
    if (ownRow >= first && ownRow < end && isListed[ownRow] !== 1) this.#offerOwn(undefined)
  }

  /** By row, 1 where the digest names it. */
  #listedRows(rows: Int32Array | undefined): Uint8Array {
    const { entries, own, pairs } = this.#digest
    const { table } = this.#context.roster
    const isListed = new Uint8Array(table.ids.length)
    if (rows === undefined) isListed.fill(1, entries.from, entries.to)
    else for (const row of rows) isListed[row] = 1
    for (const id of [own.id, ...pairItemsOf(pairs).map((pair) => pair.id)]) isListed[table.rowOf(id)] = 1
    return isListed
  }

  #pairs(budget: ByteBudget): DigestPairs {
    const { table } = this.#context.roster
    const { ids } = table
    const beats = table.heartbeats.values
    const indexes = this.#beats.slice(0, this.#fittingBeats(budget))
    const heartbeats = indexes.map((row) => beats[row] as number)
    return { ids, indexes, heartbeats }
  }

  /** How many pairs there is room for. Sizes are counted one by one only where the whole might not fit. */
  #fittingBeats(budget: ByteBudget): number {
    const { table } = this.#context.roster
    const beats = table.heartbeats.values
    const rows = this.#beats
    if (budget.hasRoom(table.textBytes + rows.length * PAIR_BYTES_MAX)) return rows.length
    const excess = rows.findIndex((row) => !budget.take(pairBytes(table.ids[row] as string, beats[row] as number)))
    return excess < 0 ? rows.length : excess
  }
}

/** Room left in a message. */
class ByteBudget {
  #restBytes: number

  constructor(bytes: number) {
    this.#restBytes = bytes
  }

  hasRoom(bytes: number): boolean {
    return bytes <= this.#restBytes
  }

  /** Takes room; once there was too little of it, nothing more fits. */
  take(bytes: number): boolean {
    this.#restBytes -= bytes
    return this.#restBytes >= 0
  }
}

function sendDeltas(context: Context, remote: SenderRef, candidates: readonly Candidate[], now: number): void {
  const open = context.bulks.withoutCovered(remote.id, candidates, now)
  if (open.length === 0) return
  const packed = packedOf(context, open, now)
  const { groups, oversize } = besideBulk(context, remote, open, packed, now) ?? packed
  if (!context.bulks.reaches(remote)) for (const id of oversize) reportOversize(context, id)
  if (groups.length === 0) return
  context.stats.deltasSent++
  for (const group of groups) context.stats.entriesSent += group.entries.length
  context.outbox.send({ kind: 'deltas', to: remote, payload: asJson(groups) })
}

/**
 * What a message leaves over may be worth a connection of its own; the message then has what is light enough for it.
 *
 * @returns that message; undefined where nothing goes in bulk
 */
function besideBulk(
  context: Context,
  remote: SenderRef,
  open: readonly Candidate[],
  packed: Packed,
  now: number,
): Packed | undefined {
  if (packed.unfinished.length === 0 || !context.bulks.isFree(remote, now)) return undefined
  const isLight = (candidate: Candidate): boolean => !exceeds([candidate], context.deltaBytesMax / 2)
  const [lights, heavy] = parted(open, isLight)
  const light = heavy.length === 0 ? packed : packedOf(context, lights, now)
  const { roster, own } = context
  const mapOf: MapSource = (id) => (id === context.id ? { map: own.map, transport: context.transport } : roster.get(id))
  const bulk = context.bulks.offer(remote, [...heavy, ...light.unfinished], packed.oversize, mapOf)
  if (bulk === undefined) return undefined
  context.stats.bulksOffered++
  return { ...light, groups: light.groups.filter(({ id, from }) => !bulk.covers(id, from)) }
}

function parted<T>(items: readonly T[], isFirst: (item: T) => boolean): readonly [T[], T[]] {
  const parts: readonly [T[], T[]] = [[], []]
  for (const item of items) parts[isFirst(item) ? 0 : 1].push(item)
  return parts
}

function packedOf(context: Context, candidates: readonly Candidate[], now: number): Packed {
  const budget = { bytesMax: context.deltaBytesMax, deltasMax: context.options.deltasMax }
  return inOrderOfTheEmbedder(context, (order) => pack(candidates, budget, order, context.random, now))
}

/** An order is the embedder's code: when it throws, the deltas go out in the order of the default. */
function inOrderOfTheEmbedder(context: Context, packIn: (order: Order) => Packed): Packed {
  const { order } = context.options
  if (typeof order !== 'function') return packIn(order)
  try {
    return packIn(order)
  } catch (cause) {
    context.tellError(new ListenerError('order', cause))
    return packIn('scuttle-depth')
  }
}

function reportOversize(context: Context, id: string): void {
  if (context.oversizeReported.has(id)) return
  context.oversizeReported.add(id)
  context.tellError(new ValueTooLargeError(id, context.deltaBytesMax + 1, context.deltaBytesMax))
}
