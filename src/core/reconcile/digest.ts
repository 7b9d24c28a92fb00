/**
 * A digest as the engine works on it: columns of numbers instead of one object per peer, for a digest names every peer
 * and nearly all of its entries are nothing but numbers. JSON is only its form on the wire. A digest never changes once
 * it is made, so one is shared by all it is sent to, and may share its columns with the table it was taken from.
 */

import type { JsonValue } from '../json/index.ts'
import type { IdRange } from './wire-digest.ts'

/** What every entry of a peer says. */
export interface EntryNumbers {
  readonly generation: number
  readonly heartbeat: number
  readonly gcVersion: number
  readonly maxVersionSeen: number
}

/** What a digest says of one peer. */
export interface PeerEntry extends EntryNumbers {
  readonly kind: 'peer'
  readonly id: string
  readonly transport: JsonValue | undefined
  readonly silentMs: number | undefined
  readonly isOld: boolean
}

/** The sender's entry about itself; its address is always there. */
export type OwnEntry = PeerEntry & { readonly transport: JsonValue }

/** The record of a retired peer. */
export interface RemovalEntry {
  readonly kind: 'removal'
  readonly id: string
  readonly generation: number
  readonly heartbeat: number
  readonly ageMs: number
}

/** A newer heartbeat of a peer that the answered digest listed. */
export interface HeartbeatEntry {
  readonly id: string
  readonly heartbeat: number
}

/** What few entries say beyond their numbers. */
export interface RareFacts {
  /** Where the entry stands in its columns. */
  readonly index: number
  readonly transport: JsonValue | undefined
  readonly silentMs: number | undefined
  readonly isOld: boolean
  /** Time since retirement, ms: the entry is a removal record. Undefined for a peer. */
  readonly ageMs: number | undefined
}

/** The entries about others: those at `from` up to, not including, `to` of columns that may be longer. */
export interface DigestEntries {
  readonly ids: readonly string[]
  readonly from: number
  readonly to: number
  readonly generations: Float64Array
  readonly heartbeats: Float64Array
  readonly maxVersionsSeen: Float64Array
  readonly gcVersions: Float64Array
  /** Ascending by index; may reach beyond the range. */
  readonly rare: readonly RareFacts[]
}

/** Newer heartbeats of peers that the answered digest listed: of `ids[indexes[k]]` it is `heartbeats[k]`. */
export interface DigestPairs {
  readonly ids: readonly string[]
  readonly indexes: readonly number[]
  readonly heartbeats: readonly number[]
}

/** What the sender says of itself and of the digest as a whole. */
export interface DigestHead {
  readonly own: OwnEntry
  readonly clusterId: string
  readonly step: 1 | 2
  readonly claim: IdRange | undefined
  /** Step 2: the own heartbeat of the digest it answers, and the generation of the node that asked. */
  readonly answers: number | undefined
  readonly asker: number | undefined
}

/** A digest that has the right shape. Its columns must not be written to. */
export interface Digest extends DigestHead {
  /** The sender's own id may stand among them; what counts about the sender is `own`. */
  readonly entries: DigestEntries
  readonly pairs: DigestPairs
}

/** Beats every heartbeat of its generation: the form of `left` in columns. */
export const LEFT: number = Number.MAX_SAFE_INTEGER

/** No pairs: a digest of step 1. */
export const NO_PAIRS: DigestPairs = { ids: [], indexes: [], heartbeats: [] }

/** Entries as columns, in the order given. */
export function entriesOf(items: readonly (PeerEntry | RemovalEntry)[]): DigestEntries {
  const columns = new EntryColumns(items.length)
  for (const item of items) columns.push(item)
  return columns.finish()
}

/** Pairs as columns, in the order given. */
export function pairsOf(pairs: readonly HeartbeatEntry[]): DigestPairs {
  if (pairs.length === 0) return NO_PAIRS
  return {
    ids: pairs.map(({ id }) => id),
    indexes: pairs.map((_, index) => index),
    heartbeats: pairs.map(({ heartbeat }) => heartbeat),
  }
}

/** Pairs as objects. */
export function pairItemsOf({ ids, indexes, heartbeats }: DigestPairs): readonly HeartbeatEntry[] {
  return indexes.map((index, k) => ({ id: ids[index] as string, heartbeat: heartbeats[k] as number }))
}

/** One entry as an object. O(log rare entries). */
export function entryAt(entries: DigestEntries, index: number): PeerEntry | RemovalEntry {
  const id = entries.ids[index] as string
  const generation = entries.generations[index] as number
  const heartbeat = entries.heartbeats[index] as number
  const rare = rareAt(entries.rare, index)
  if (rare?.ageMs !== undefined) return { kind: 'removal', id, generation, heartbeat, ageMs: rare.ageMs }
  return {
    kind: 'peer',
    id,
    generation,
    heartbeat,
    gcVersion: entries.gcVersions[index] as number,
    maxVersionSeen: entries.maxVersionsSeen[index] as number,
    transport: rare?.transport,
    silentMs: rare?.silentMs,
    isOld: rare?.isOld ?? false,
  }
}

/** Entries as objects, without the sender's own. */
export function itemsOf({ own, entries }: Digest): readonly (PeerEntry | RemovalEntry)[] {
  const items: (PeerEntry | RemovalEntry)[] = []
  for (let index = entries.from; index < entries.to; index++) {
    if (entries.ids[index] !== own.id) items.push(entryAt(entries, index))
  }
  return items
}

/** Where the facts of the first entry at or after an index stand. */
export function firstRareFrom(rare: readonly RareFacts[], index: number): number {
  let low = 0
  let high = rare.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((rare[middle] as RareFacts).index < index) low = middle + 1
    else high = middle
  }
  return low
}

function rareAt(rare: readonly RareFacts[], index: number): RareFacts | undefined {
  const facts = rare[firstRareFrom(rare, index)]
  return facts?.index === index ? facts : undefined
}

/** Columns in the making. */
export class EntryColumns {
  readonly #ids: string[] = []
  readonly #rare: RareFacts[] = []
  readonly #generations: Float64Array
  readonly #heartbeats: Float64Array
  readonly #maxVersionsSeen: Float64Array
  readonly #gcVersions: Float64Array

  /** @param sizeMax - entries there is room for */
  constructor(sizeMax: number) {
    this.#generations = new Float64Array(sizeMax)
    this.#heartbeats = new Float64Array(sizeMax)
    this.#maxVersionsSeen = new Float64Array(sizeMax)
    this.#gcVersions = new Float64Array(sizeMax)
  }

  /** Adds an entry whose facts are at hand as an object. */
  push(item: PeerEntry | RemovalEntry): void {
    const { id, generation, heartbeat } = item
    if (item.kind === 'removal') {
      this.#pushRare({ transport: undefined, silentMs: undefined, isOld: false, ageMs: item.ageMs })
      this.pushNumbers(id, { generation, heartbeat, maxVersionSeen: 0, gcVersion: 0 })
      return
    }
    const { transport, silentMs, isOld } = item
    if (transport !== undefined || silentMs !== undefined || isOld) {
      this.#pushRare({ transport, silentMs, isOld, ageMs: undefined })
    }
    this.pushNumbers(id, item)
  }

  /** Adds an entry that is nothing but numbers. */
  pushNumbers(id: string, numbers: EntryNumbers): void {
    const index = this.#ids.push(id) - 1
    this.#generations[index] = numbers.generation
    this.#heartbeats[index] = numbers.heartbeat
    this.#maxVersionsSeen[index] = numbers.maxVersionSeen
    this.#gcVersions[index] = numbers.gcVersion
  }

  finish(): DigestEntries {
    return {
      ids: this.#ids,
      from: 0,
      to: this.#ids.length,
      generations: this.#generations,
      heartbeats: this.#heartbeats,
      maxVersionsSeen: this.#maxVersionsSeen,
      gcVersions: this.#gcVersions,
      rare: this.#rare,
    }
  }

  #pushRare(facts: Omit<RareFacts, 'index'>): void {
    this.#rare.push({ index: this.#ids.length, ...facts })
  }
}
