/**
 * The map of one peer as this node knows it: a prefix of what its owner wrote. `maxVersionSeen` claims that nothing
 * at or below it is missing; everything here serves to keep that claim true under loss, reordering, deletion and resets.
 */

import { assert } from '../assert.ts'
import { deepEqual } from '../json/index.ts'
import { type Entry, isReadable } from './entry.ts'
import type { Group } from './group.ts'
import { MapContent } from './map-content.ts'
import { type MapNumbers, startingNumbers } from './map-numbers.ts'

/** A key that has nothing to read any more. */
export interface Deletion {
  readonly key: string
  readonly isDeletion: true
}

/** A key whose readable state changed: what is there now, or that nothing is. */
export type Change = Entry | Deletion

/** What became of a group. Only `applied` may have changed the map. */
export type Verdict =
  | 'applied'
  /** It is about an earlier life. */
  | 'outdated'
  /** It continues from above my `maxVersionSeen`, so it would leave a hole. */
  | 'hole'
  /** Tombstones between my `maxVersionSeen` and its start may be forgotten already, and it is no full snapshot. */
  | 'needs reset'
  /** I am half-way through a newer snapshot, and it does not reach the end of mine. */
  | 'older snapshot'
  /** The map would exceed its limit. */
  | 'too large'

/** The verdict and what readers must be told. */
export interface Outcome {
  readonly verdict: Verdict
  /** Of a first copy they are read off the map itself: to be walked before it changes again. */
  readonly changes: Iterable<Change>
}

/** Never written to. */
const NOTHING = new MapContent()

/**
 * State that an owner's own writes and a replica's received groups share. What it holds beyond numbers is made when the
 * first entry comes.
 */
export class PeerMap {
  readonly id: string
  #numbers: MapNumbers
  #content: MapContent | undefined
  /** The last complete map, readable while a newer one is on its way; undefined when it is empty. */
  #previous: MapContent | undefined
  #previousGeneration = 0

  /** @param numbers - a map that begins in the midst of its life goes on from these, and keeps its numbers there */
  constructor(id: string, generation: number, numbers: MapNumbers = startingNumbers(generation)) {
    this.id = id
    this.#numbers = numbers
  }

  /** The lifetime of the owner this copy belongs to. */
  get generation(): number {
    return this.#numbers.generation
  }
  /** Tombstones at or below it are forgotten. */
  get gcVersion(): number {
    return this.#numbers.gcVersion
  }
  /** Nothing at or below it is missing, once it has reached `gcVersion`. */
  get maxVersionSeen(): number {
    return this.#numbers.maxVersionSeen
  }
  /** The highest version known to exist for this copy, held or not. */
  get top(): number {
    return Math.max(this.#numbers.topBeyond, this.#numbers.maxVersionSeen)
  }
  /** Size of all entries as JSON, tombstones included. */
  get bytes(): number {
    return this.#content?.bytes ?? 0
  }
  /** Entries held, tombstones included. */
  get size(): number {
    return this.#content?.size ?? 0
  }
  /** Fingerprint of all entries, as 16 hexadecimal digits. */
  get hash(): string {
    return this.#content?.hash ?? NOTHING.hash
  }
  /** Whether readers still see an earlier complete map. */
  get isStale(): boolean {
    return this.#numbers.isStale
  }
  /** Whether there is anything to be seen or held, so that the numbers alone do not say all. */
  get hasContent(): boolean {
    return this.#content !== undefined || this.#previous !== undefined
  }
  /** Whether this copy may be passed on: it has something, and no reset is in progress. */
  get isRelayable(): boolean {
    const { maxVersionSeen, gcVersion } = this.#numbers
    return maxVersionSeen > 0 && maxVersionSeen >= gcVersion
  }

  /** What a reader sees under a key. O(1). */
  read(key: string, now: number): Entry | undefined {
    const entry = this.shown(key)
    return isReadable(entry, now) ? entry : undefined
  }

  /** All a reader sees, in no particular order. */
  *readAll(now: number): Generator<Entry, undefined> {
    for (const entry of this.#visible?.values() ?? []) if (isReadable(entry, now)) yield entry
    return undefined
  }

  /** All entries held that are readable, ascending by version. Ends with the next change. */
  *readableByVersion(now: number): Generator<Entry, undefined> {
    for (const entry of this.entriesAfter(0)) if (isReadable(entry, now)) yield entry
    return undefined
  }

  /** What stands under a key where readers look, tombstones and lapsed leases included. */
  shown(key: string): Entry | undefined {
    return this.#visible?.get(key)
  }

  /** Entries above a version, ascending, tombstones included. O(log n + as many as are taken). */
  entriesAfter(version: number): Generator<Entry, undefined> {
    return (this.#content ?? NOTHING).after(version)
  }

  /** How many entries are above a version. O(log n + as many). */
  countAfter(version: number): number {
    return this.#content?.countAfter(version) ?? 0
  }

  /** Starts over for a higher generation. Readers keep the last complete map. */
  adoptGeneration(generation: number): void {
    assert(generation > this.generation, 'generations only rise')
    this.#clear(0)
    this.#numbers.generation = generation
    this.#numbers.topBeyond = 0
  }

  /**
   * The group as it is to be applied: a reset renews no lease, so that the same version of a key lapses when readers of
   * the map before were to see it lapse. O(entries of the group).
   */
  withFormerLapses(group: Group): Group {
    const generation = this.isStale ? this.#previousGeneration : this.generation
    if (generation !== group.generation) return group
    const entries = group.entries.map((entry) => {
      const former = entry.expiresAt === undefined ? undefined : this.shown(entry.key)
      if (entry.expiresAt === undefined || former?.version !== entry.version) return entry
      return { ...entry, expiresAt: Math.min(entry.expiresAt, former.expiresAt ?? entry.expiresAt) }
    })
    return { ...group, entries }
  }

  /**
   * Applies a group about this peer, or refuses it. The checks and their order are what keeps the prefix without
   * holes; a group applied twice changes nothing.
   *
   * @param bytesMax - the largest size of this map
   */
  accept(group: Group, now: number, bytesMax: number): Outcome {
    const numbers = this.#numbers
    if (group.generation < numbers.generation) return refused('outdated')
    if (group.generation > numbers.generation) this.adoptGeneration(group.generation)
    if (group.from > numbers.maxVersionSeen) return refused('hole')
    const startsOver = group.gcVersion > numbers.gcVersion && group.gcVersion > numbers.maxVersionSeen
    if (startsOver && group.from > 0) return refused('needs reset')
    const isResetting = numbers.maxVersionSeen < numbers.gcVersion
    if (isResetting && group.gcVersion < numbers.gcVersion && group.maxVersion < numbers.gcVersion) {
      return refused('older snapshot')
    }
    if (this.bytes + group.bytes > bytesMax && this.#bytesWith(group, startsOver) > bytesMax)
      return refused('too large')
    if (startsOver) this.#clear(group.gcVersion)
    return { verdict: 'applied', changes: this.#apply(group, now) }
  }

  /** The owner's own write. Its version becomes `maxVersionSeen`. */
  write(entry: Entry): void {
    assert(entry.version > this.maxVersionSeen, 'the owner takes the next version')
    this.#put(entry)
    this.#numbers.maxVersionSeen = entry.version
  }

  /** Forgets tombstones up to a version. For the owner, and for a replica whose `maxVersionSeen` has reached it. */
  raiseGcVersion(version: number): void {
    assert(version > this.gcVersion && version <= this.maxVersionSeen, 'gcVersion rises, up to maxVersionSeen')
    // Found first, dropped later: dropping may squeeze the log under the feet of whoever walks it.
    const forgotten: Entry[] = []
    for (const entry of this.entriesAfter(this.gcVersion)) {
      if (entry.version > version) break
      if (entry.isTombstone) forgotten.push(entry)
    }
    for (const entry of forgotten) this.#content?.drop(entry)
    this.#numbers.gcVersion = version
  }

  /** A new life of the owner: the given entries, numbered from 1, no tombstones, a first group even when empty. */
  beginLife(generation: number, entries: readonly Entry[]): void {
    this.#clear(0)
    this.#show()
    for (const entry of entries) this.write(entry)
    const maxVersionSeen = Math.max(1, entries.length)
    Object.assign(this.#numbers, { generation, maxVersionSeen, gcVersion: maxVersionSeen, topBeyond: 0 })
  }

  /** Lets go of everything, so that whoever still holds on to this map holds on to little. */
  release(): void {
    this.#numbers = startingNumbers(0)
    this.#content = undefined
    this.#show()
  }

  /** What readers see. */
  get #visible(): MapContent | undefined {
    return this.isStale ? this.#previous : this.#content
  }

  #bytesWith(group: Group, startsOver: boolean): number {
    if (startsOver) return group.bytes
    // A key may be named twice, and is replaced once.
    const latest = new Map<string, Entry>()
    for (const entry of group.entries) if (entry.version > this.maxVersionSeen) latest.set(entry.key, entry)
    let { bytes } = this
    for (const [key, entry] of latest) bytes += entry.bytes - (this.#content?.get(key)?.bytes ?? 0)
    return bytes
  }

  #apply(group: Group, now: number): Iterable<Change> {
    const numbers = this.#numbers
    const { maxVersionSeen, gcVersion, isStale } = numbers
    const changes: Change[] = []
    for (const entry of group.entries) {
      if (entry.version <= maxVersionSeen) continue
      const isSeen = isReadable(entry, now)
      const wasSeen = !isSeen && isReadable(this.#content?.get(entry.key), now)
      const isForgotten = entry.isTombstone && entry.version <= gcVersion
      if (isForgotten) this.#content?.forget(entry.key)
      else this.#put(entry)
      if (isSeen) changes.push(entry)
      else if (wasSeen) changes.push({ key: entry.key, isDeletion: true })
    }
    const top = Math.max(this.top, group.top)
    const reached = Math.max(maxVersionSeen, group.maxVersion)
    numbers.maxVersionSeen = reached
    numbers.topBeyond = top > reached ? top : 0
    if (group.gcVersion > gcVersion) this.raiseGcVersion(group.gcVersion)
    return isStale ? this.#settle(now) : changes
  }

  /** Shows the new map once it is complete: one batch of everything that differs from the old one. */
  #settle(now: number): Iterable<Change> {
    const isComplete = this.isRelayable && this.#numbers.topBeyond === 0
    if (!isComplete) return []
    const previous = this.#previous ?? NOTHING
    this.#show()
    // A list of a million keys would be hoarded for nothing.
    if (previous.size === 0) return { [Symbol.iterator]: () => this.readableByVersion(now) }
    const changes: Change[] = []
    for (const old of previous.values()) {
      const { key } = old
      if (isReadable(old, now) && !isReadable(this.shown(key), now)) changes.push({ key, isDeletion: true })
    }
    for (const entry of this.entriesAfter(0)) {
      if (!isReadable(entry, now)) continue
      const old = previous.get(entry.key)
      const isSame = old !== undefined && isReadable(old, now) && deepEqual(old.value, entry.value)
      if (!isSame) changes.push(entry)
    }
    return changes
  }

  /** From now on readers see what is held. */
  #show(): void {
    this.#previous = undefined
    this.#numbers.isStale = false
  }

  /** Starts over. What is known to exist still has to be reached before anything new is shown. */
  #clear(gcVersion: number): void {
    const numbers = this.#numbers
    if (!numbers.isStale) {
      this.#previous = this.size === 0 ? undefined : this.#content
      this.#previousGeneration = numbers.generation
      numbers.isStale = true
    }
    this.#content = undefined
    numbers.topBeyond = this.top
    numbers.maxVersionSeen = 0
    numbers.gcVersion = gcVersion
  }

  #put(entry: Entry): void {
    this.#content ??= new MapContent()
    this.#content.put(entry)
  }
}

function refused(verdict: Verdict): Outcome {
  return { verdict, changes: [] }
}
