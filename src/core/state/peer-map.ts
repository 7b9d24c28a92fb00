/**
 * The map of one peer as this node knows it: a prefix of what its owner wrote. `maxVersionSeen` claims that nothing
 * at or below it is missing; everything here serves to keep that claim true under loss, reordering, deletion and resets.
 */

import { assert } from '../assert.ts'
import { deepEqual } from '../json/index.ts'
import { type Entry, isReadable } from './entry.ts'
import type { Group } from './group.ts'
import { StateHash } from './state-hash.ts'
import { VersionLog } from './version-log.ts'

/** A key whose readable state changed; `entry` is undefined when there is nothing to read any more. */
export interface Change {
  readonly key: string
  readonly entry: Entry | undefined
}

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
  readonly changes: readonly Change[]
}

/** State that an owner's own writes and a replica's received groups share. */
export class PeerMap {
  readonly id: string
  #generation: number
  #gcVersion = 0
  #maxVersionSeen = 0
  #top = 0
  #bytes = 0
  #entries = new Map<string, Entry>()
  #log = new VersionLog()
  #hash = new StateHash()
  /** The last complete map, readable while a newer one is on its way. */
  #previous: Map<string, Entry> | undefined

  constructor(id: string, generation: number) {
    this.id = id
    this.#generation = generation
    this.#previous = new Map()
  }

  /** The lifetime of the owner this copy belongs to. */
  get generation(): number {
    return this.#generation
  }
  /** Tombstones at or below it are forgotten. */
  get gcVersion(): number {
    return this.#gcVersion
  }
  /** Nothing at or below it is missing, once it has reached `gcVersion`. */
  get maxVersionSeen(): number {
    return this.#maxVersionSeen
  }
  /** The highest version known to exist for this copy, held or not. */
  get top(): number {
    return Math.max(this.#top, this.#maxVersionSeen)
  }
  /** Size of all entries as JSON, tombstones included. */
  get bytes(): number {
    return this.#bytes
  }
  /** Entries held, tombstones included. */
  get size(): number {
    return this.#entries.size
  }
  /** Fingerprint of all entries, as 16 hexadecimal digits. */
  get hash(): string {
    return this.#hash.toString()
  }
  /** Whether readers still see an earlier complete map. */
  get isStale(): boolean {
    return this.#previous !== undefined
  }
  /** Whether this copy may be passed on: it has something, and no reset is in progress. */
  get isRelayable(): boolean {
    return this.#maxVersionSeen > 0 && this.#maxVersionSeen >= this.#gcVersion
  }

  /** What a reader sees under a key. O(1). */
  read(key: string, now: number): Entry | undefined {
    const entry = this.shown(key)
    return isReadable(entry, now) ? entry : undefined
  }

  /** All a reader sees, in no particular order. */
  *readAll(now: number): Generator<Entry, undefined> {
    for (const entry of (this.#previous ?? this.#entries).values()) if (isReadable(entry, now)) yield entry
    return undefined
  }

  /** What stands under a key where readers look, tombstones and lapsed leases included. */
  shown(key: string): Entry | undefined {
    return (this.#previous ?? this.#entries).get(key)
  }

  /** Entries above a version, ascending, tombstones included. O(log n + as many as are taken). */
  entriesAfter(version: number): Generator<Entry, undefined> {
    return this.#log.after(version)
  }

  /** How many entries are above a version. O(log n + as many). */
  countAfter(version: number): number {
    return this.#log.countAfter(version)
  }

  /** Starts over for a higher generation. Readers keep the last complete map. */
  adoptGeneration(generation: number): void {
    assert(generation > this.#generation, 'generations only rise')
    this.#generation = generation
    this.#clear(0)
    this.#top = 0
  }

  /**
   * Applies a group about this peer, or refuses it. The checks and their order are what keeps the prefix without
   * holes; a group applied twice changes nothing.
   *
   * @param bytesMax - the largest size of this map
   */
  accept(group: Group, now: number, bytesMax: number): Outcome {
    if (group.generation < this.#generation) return refused('outdated')
    if (group.generation > this.#generation) this.adoptGeneration(group.generation)
    if (group.from > this.#maxVersionSeen) return refused('hole')
    const startsOver = group.gcVersion > this.#gcVersion && group.gcVersion > this.#maxVersionSeen
    if (startsOver && group.from > 0) return refused('needs reset')
    const isResetting = this.#maxVersionSeen < this.#gcVersion
    if (isResetting && group.gcVersion < this.#gcVersion && group.maxVersion < this.#gcVersion) {
      return refused('older snapshot')
    }
    if (this.#bytes + group.bytes > bytesMax && this.#bytesWith(group, startsOver) > bytesMax)
      return refused('too large')
    if (startsOver) this.#clear(group.gcVersion)
    this.#top = Math.max(this.#top, group.top)
    return { verdict: 'applied', changes: this.#apply(group, now) }
  }

  /** The owner's own write. Its version becomes `maxVersionSeen`. */
  write(entry: Entry): void {
    assert(entry.version > this.#maxVersionSeen, 'the owner takes the next version')
    this.#put(entry)
    this.#maxVersionSeen = entry.version
  }

  /** Forgets tombstones up to a version. For the owner, and for a replica whose `maxVersionSeen` has reached it. */
  raiseGcVersion(version: number): void {
    assert(version > this.#gcVersion && version <= this.#maxVersionSeen, 'gcVersion rises, up to maxVersionSeen')
    // Found first, dropped later: dropping may squeeze the log under the feet of whoever walks it.
    const forgotten: Entry[] = []
    for (const entry of this.#log.after(this.#gcVersion)) {
      if (entry.version > version) break
      if (entry.isTombstone) forgotten.push(entry)
    }
    for (const entry of forgotten) this.#drop(entry)
    this.#gcVersion = version
  }

  /** A new life of the owner: the given entries, numbered from 1, no tombstones, a first group even when empty. */
  beginLife(generation: number, entries: readonly Entry[]): void {
    this.#generation = generation
    this.#clear(0)
    this.#previous = undefined
    for (const entry of entries) this.write(entry)
    this.#maxVersionSeen = Math.max(1, entries.length)
    this.#gcVersion = this.#maxVersionSeen
    this.#top = this.#maxVersionSeen
  }

  /** Lets go of everything, so that whoever still holds on to this map holds on to little. */
  release(): void {
    this.#clear(0)
    this.#previous = undefined
  }

  #bytesWith(group: Group, startsOver: boolean): number {
    if (startsOver) return group.bytes
    // A key may be named twice, and is replaced once.
    const latest = new Map<string, Entry>()
    for (const entry of group.entries) if (entry.version > this.#maxVersionSeen) latest.set(entry.key, entry)
    let bytes = this.#bytes
    for (const [key, entry] of latest) bytes += entry.bytes - (this.#entries.get(key)?.bytes ?? 0)
    return bytes
  }

  #apply(group: Group, now: number): Change[] {
    const changes: Change[] = []
    for (const entry of group.entries) {
      if (entry.version <= this.#maxVersionSeen) continue
      const wasReadable = isReadable(this.#entries.get(entry.key), now)
      const isForgotten = entry.isTombstone && entry.version <= this.#gcVersion
      if (isForgotten) this.#forget(entry.key)
      else this.#put(entry)
      if (isReadable(entry, now)) changes.push({ key: entry.key, entry })
      else if (wasReadable) changes.push({ key: entry.key, entry: undefined })
    }
    this.#maxVersionSeen = Math.max(this.#maxVersionSeen, group.maxVersion)
    if (group.gcVersion > this.#gcVersion) this.raiseGcVersion(group.gcVersion)
    return this.#previous === undefined ? changes : this.#settle(now)
  }

  /** Shows the new map once it is complete: one batch of everything that differs from the old one. */
  #settle(now: number): Change[] {
    const previous = this.#previous
    const isComplete = this.isRelayable && this.#maxVersionSeen >= this.#top
    if (previous === undefined || !isComplete) return []
    this.#previous = undefined
    const changes: Change[] = []
    for (const [key, old] of previous) {
      if (isReadable(old, now) && !isReadable(this.#entries.get(key), now)) changes.push({ key, entry: undefined })
    }
    for (const entry of this.#log.after(0)) {
      if (!isReadable(entry, now)) continue
      const old = previous.get(entry.key)
      const isSame = old !== undefined && isReadable(old, now) && deepEqual(old.value, entry.value)
      if (!isSame) changes.push({ key: entry.key, entry })
    }
    return changes
  }

  #clear(gcVersion: number): void {
    this.#previous ??= this.#entries
    this.#entries = new Map()
    this.#log = new VersionLog()
    this.#hash = new StateHash()
    this.#bytes = 0
    this.#maxVersionSeen = 0
    this.#gcVersion = gcVersion
  }

  #put(entry: Entry): void {
    this.#forget(entry.key)
    this.#entries.set(entry.key, entry)
    this.#log.append(entry)
    this.#hash.toggle(entry)
    this.#bytes += entry.bytes
  }

  #forget(key: string): void {
    const entry = this.#entries.get(key)
    if (entry !== undefined) this.#drop(entry)
  }

  #drop(entry: Entry): void {
    this.#entries.delete(entry.key)
    this.#log.remove(entry.version)
    this.#hash.toggle(entry)
    this.#bytes -= entry.bytes
  }
}

function refused(verdict: Verdict): Outcome {
  return { verdict, changes: [] }
}
