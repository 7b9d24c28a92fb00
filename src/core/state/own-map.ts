/**
 * The map this node owns: the only one it writes. Every write takes the next version; deletions leave tombstones,
 * which are forgotten in steps slow enough that nobody who is catching up is ever sent back to the start.
 */

import { type Admitted, deepEqual } from '../json/index.ts'
import { type Entry, renumbered, tombstone, valueEntry } from './entry.ts'
import { PeerMap } from './peer-map.ts'

/** When tombstones may be forgotten. */
export interface CollectionRules {
  /** Age below which a tombstone is never forgotten, ms. */
  readonly tombstoneGraceMs: number
  /** How long a full copy of this map takes to travel, ms: two collections are never closer than that. */
  readonly snapshotMs: number
}

/** The owner's side of a `PeerMap`. */
export class OwnMap {
  readonly map: PeerMap
  #collectedAt = Number.NEGATIVE_INFINITY

  constructor(id: string, generation: number) {
    this.map = new PeerMap(id, generation)
    this.map.beginLife(generation, [])
  }

  /**
   * Writes a value. Setting what is already there changes nothing, unless a lease begins, is renewed or ends.
   *
   * @returns the new entry, or undefined when nothing changed
   */
  set(key: string, admitted: Admitted, lease: { ttlMs?: number | undefined }, now: number): Entry | undefined {
    const present = this.map.read(key, now)
    const expiresAt = lease.ttlMs === undefined ? undefined : now + lease.ttlMs
    const isLeased = expiresAt !== undefined || present?.expiresAt !== undefined
    if (present !== undefined && !isLeased && deepEqual(present.value, admitted.value)) return undefined
    const { value, bytes: valueBytes } = admitted
    const version = this.map.maxVersionSeen + 1
    const entry = valueEntry({ key, value, valueBytes, version, expiresAt, appliedAt: now })
    this.map.write(entry)
    return entry
  }

  /** Deletes a key that has a value or a lapsed lease; returns the tombstone, or undefined when there was nothing. */
  delete(key: string, now: number): Entry | undefined {
    const present = this.map.shown(key)
    if (present === undefined || present.isTombstone) return undefined
    const entry = tombstone(key, this.map.maxVersionSeen + 1, now)
    this.map.write(entry)
    return entry
  }

  /** Begins another life with what is readable now. */
  beginLife(generation: number, now: number): void {
    const readable = [...this.map.readAll(now)].sort((a, b) => a.version - b.version)
    this.map.beginLife(
      generation,
      readable.map((entry, index) => renumbered(entry, index + 1, now)),
    )
    this.#collectedAt = now
  }

  /**
   * Forgets tombstones that are old enough, at most once per half a grace. A replica whose copy ends below the new
   * `gcVersion` must start over; were this to happen faster than a copy travels, it would start over for ever.
   */
  collect(rules: CollectionRules, now: number): void {
    if (now - this.#collectedAt < Math.max(rules.tombstoneGraceMs / 2, rules.snapshotMs)) return
    this.#collectedAt = now
    const version = this.#collectable(now - rules.tombstoneGraceMs)
    if (version !== undefined) this.map.raiseGcVersion(version)
  }

  /** The highest tombstone below which no tombstone is younger than the grace. */
  #collectable(writtenUntil: number): number | undefined {
    let version: number | undefined
    for (const entry of this.map.entriesAfter(this.map.gcVersion)) {
      if (!entry.isTombstone) continue
      if (entry.appliedAt > writtenUntil) break
      version = entry.version
    }
    return version
  }
}
