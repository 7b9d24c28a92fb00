/** How a group is put together from a map, and what its entries weigh. */

import { numberBytes } from '../json/index.ts'
import { type Entry, leaseRestMs, type WireEntry, type WireGroup } from '../state/index.ts'
import type { Candidate } from './order.ts'

/**
 * The group of a candidate as it travels.
 *
 * @param maxVersion - the last version it vouches for
 */
export function wireGroup(candidate: Candidate, maxVersion: number, entries: readonly WireEntry[]): WireGroup {
  const { map, from, transport, isOld } = candidate
  const { id, generation, gcVersion, top } = map
  // One literal for nearly all groups: objects of one shape are made and read several times faster.
  if (transport === undefined || isOld === true) {
    const head = { id, generation, from, gcVersion, maxVersion, top, entries }
    return { ...head, ...(transport === undefined ? {} : { transport }), ...(isOld === true ? { old: true } : {}) }
  }
  return { id, generation, from, gcVersion, maxVersion, top, entries, transport }
}

/** Bytes of an entry as it travels, the comma behind it not counted. */
export function entryBytes(entry: Entry, now: number): number {
  return entry.expiresAt === undefined ? entry.bytes : entry.bytes + 1 + numberBytes(leaseRestMs(entry.expiresAt, now))
}
