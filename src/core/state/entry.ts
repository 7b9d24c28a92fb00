/** One key of a peer's map at one version: a value, or the tombstone that a deletion leaves behind. */

import { type JsonValue, numberBytes, stringBytes } from '../json/index.ts'

/** Immutable; a new version of a key is a new entry. */
export interface Entry {
  readonly key: string
  /** Deeply frozen; null for a tombstone. */
  readonly value: JsonValue
  readonly version: number
  readonly isTombstone: boolean
  /** When the lease lapses, in engine time; undefined without a lease. */
  readonly expiresAt: number | undefined
  /** When this node wrote or applied it, in engine time. */
  readonly appliedAt: number
  /** Size on the wire as JSON, without the rest of a lease. */
  readonly bytes: number
}

/** What distinguishes a new entry; the value's size is passed in because the gate has just measured it. */
export interface EntryFacts {
  readonly key: string
  readonly value: JsonValue
  readonly valueBytes: number
  readonly version: number
  readonly expiresAt?: number | undefined
  readonly appliedAt: number
}

/** An entry with a value. */
export function valueEntry(facts: EntryFacts): Entry {
  return {
    key: facts.key,
    value: facts.value,
    version: facts.version,
    isTombstone: false,
    expiresAt: facts.expiresAt,
    appliedAt: facts.appliedAt,
    bytes: stringBytes(facts.key) + facts.valueBytes + numberBytes(facts.version) + 4,
  }
}

/** The entry of a deleted key. */
export function tombstone(key: string, version: number, appliedAt: number): Entry {
  const bytes = stringBytes(key) + numberBytes(version) + 3
  return { key, value: null, version, isTombstone: true, expiresAt: undefined, appliedAt, bytes }
}

/** The same key and value under another version, as a new life numbers it. */
export function renumbered(entry: Entry, version: number, appliedAt: number): Entry {
  const bytes = entry.bytes - numberBytes(entry.version) + numberBytes(version)
  return { ...entry, version, appliedAt, bytes }
}

/** Whether a reader sees a value here: no tombstone, no lapsed lease. */
export function isReadable(entry: Entry | undefined, now: number): boolean {
  return entry !== undefined && !entry.isTombstone && (entry.expiresAt === undefined || entry.expiresAt > now)
}
