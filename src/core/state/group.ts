/** A group: what one deltas message says about one peer's map, as it travels and as it is applied. */

import type { JsonValue } from '../json/index.ts'
import type { Entry } from './entry.ts'

/** `[key, version]` is a tombstone; the fourth place is the rest of a lease in ms as its sender sees it. */
export type WireEntry =
  | readonly [key: string, version: number]
  | readonly [key: string, value: JsonValue, version: number]
  | readonly [key: string, value: JsonValue, version: number, restMs: number]

/** A group on the wire. */
export interface WireGroup {
  readonly id: string
  readonly generation: number
  /** Absent where the sender does not know the address. */
  readonly transport?: JsonValue
  /** The peer runs the first-generation package: whoever learns of it by this group alone must know. */
  readonly old?: true
  /** The version the entries continue from: the receiver's `maxVersionSeen`, or 0 when it must reset. */
  readonly from: number
  readonly gcVersion: number
  /** The last version this group vouches for: nothing between `from` and it is missing. */
  readonly maxVersion: number
  /** The highest version the sender knows to exist for this copy. */
  readonly top: number
  readonly entries: readonly WireEntry[]
}

/** A group whose shape was checked and whose entries are ready to be kept. */
export interface Group {
  readonly id: string
  readonly generation: number
  readonly transport: JsonValue | undefined
  /** The peer runs the first-generation package. */
  readonly isOld?: boolean
  readonly from: number
  readonly gcVersion: number
  readonly maxVersion: number
  readonly top: number
  /** Versions strictly ascending, in (from, maxVersion]. */
  readonly entries: readonly Entry[]
  /** Size of all entries as JSON. */
  readonly bytes: number
}

/** The wire form of an entry. */
export function toWireEntry(entry: Entry, now: number): WireEntry {
  if (entry.isTombstone) return [entry.key, entry.version]
  if (entry.expiresAt === undefined) return [entry.key, entry.value, entry.version]
  return [entry.key, entry.value, entry.version, leaseRestMs(entry.expiresAt, now)]
}

/** What is left of a lease: whole ms, 0 once lapsed. Rounded down, so that no relay ever lengthens a lease. */
export function leaseRestMs(expiresAt: number, now: number): number {
  return Math.max(0, Math.floor(expiresAt - now))
}
