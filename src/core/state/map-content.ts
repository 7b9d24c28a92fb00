/**
 * The entries of a map: by key, in the order of versions, with their size and their fingerprint. Most maps are small, and
 * there are as many of them as peers: up to a few entries are a plain list, which is smaller than a map by key and a log
 * by version, and no slower.
 */

import type { Entry } from './entry.ts'
import { StateHash } from './state-hash.ts'
import { VersionLog } from './version-log.ts'

/** Entries that are kept as a list. */
const LIST_SIZE_MAX = 12

/** Mutable; every change keeps key, version, size and fingerprint together. */
export class MapContent {
  readonly #hash = new StateHash()
  #bytes = 0
  /** Ascending by version; empty once there is an index. */
  #list: Entry[] = []
  #index: { readonly entries: Map<string, Entry>; readonly log: VersionLog } | undefined

  /** Entries held, tombstones included. */
  get size(): number {
    return this.#index?.entries.size ?? this.#list.length
  }

  /** Size of all entries as JSON, tombstones included. */
  get bytes(): number {
    return this.#bytes
  }

  /** Fingerprint of all entries, as 16 hexadecimal digits. */
  get hash(): string {
    return this.#hash.toString()
  }

  /** What stands under a key. O(1). */
  get(key: string): Entry | undefined {
    if (this.#index !== undefined) return this.#index.entries.get(key)
    for (const entry of this.#list) if (entry.key === key) return entry
    return undefined
  }

  /** All entries, in no particular order. */
  values(): Iterable<Entry> {
    return this.#index?.entries.values() ?? this.#list
  }

  /** The entries above a version, ascending. O(log n + as many as are taken). Ends with the next change. */
  after(version: number): Generator<Entry, undefined> {
    return this.#index?.log.after(version) ?? listAfter(this.#list, version)
  }

  /** How many entries have a version above the given one. O(log n + as many). */
  countAfter(version: number): number {
    if (this.#index !== undefined) return this.#index.log.countAfter(version)
    return this.#list.reduce((count, entry) => (entry.version > version ? count + 1 : count), 0)
  }

  /** Adds an entry in the place of the one under its key. Its version must be above all others. */
  put(entry: Entry): void {
    this.forget(entry.key)
    this.#hash.toggle(entry)
    this.#bytes += entry.bytes
    if (this.#index !== undefined) this.#file(entry)
    else if (this.#list.push(entry) > LIST_SIZE_MAX) this.#makeIndex()
  }

  /** Takes out what stands under a key, if anything does. */
  forget(key: string): void {
    const entry = this.get(key)
    if (entry !== undefined) this.drop(entry)
  }

  /** Takes out an entry. */
  drop(entry: Entry): void {
    if (this.#index === undefined) this.#list.splice(this.#list.indexOf(entry), 1)
    else {
      this.#index.entries.delete(entry.key)
      this.#index.log.remove(entry.version)
    }
    this.#hash.toggle(entry)
    this.#bytes -= entry.bytes
  }

  #makeIndex(): void {
    const list = this.#list
    this.#list = []
    this.#index = { entries: new Map(), log: new VersionLog() }
    for (const entry of list) this.#file(entry)
  }

  #file(entry: Entry): void {
    this.#index?.entries.set(entry.key, entry)
    this.#index?.log.append(entry)
  }
}

function* listAfter(list: readonly Entry[], version: number): Generator<Entry, undefined> {
  for (const entry of list) if (entry.version > version) yield entry
  return undefined
}
