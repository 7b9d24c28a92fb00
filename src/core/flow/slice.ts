/**
 * Cuts the next group of a bulk transfer off a map: a few entries, or one that is larger than that. It reads the map as it
 * is at that moment, and holds on to nothing.
 */

import { toWireEntry, type WireEntry, type WireGroup } from '../state/index.ts'
import type { Candidate } from './order.ts'
import { entryBytes, wireGroup } from './wire-group.ts'

/**
 * The group that continues from where the other side stands. It ends before the entry that would take it over the limit,
 * but holds one at least. O(log entries + what it holds).
 *
 * @param bytesMax - bytes of JSON of its entries, unless there is only one
 */
export function slice(candidate: Candidate, bytesMax: number, now: number): WireGroup {
  const entries: WireEntry[] = []
  let maxVersion = candidate.from
  let bytes = 0
  for (const entry of candidate.map.entriesAfter(candidate.from)) {
    bytes += entryBytes(entry, now) + 1
    if (bytes > bytesMax && entries.length > 0) return wireGroup(candidate, maxVersion, entries)
    entries.push(toWireEntry(entry, now))
    maxVersion = entry.version
  }
  return wireGroup(candidate, candidate.map.maxVersionSeen, entries)
}

/** Whether what somebody lacks of these maps takes more than so many bytes. O(entries up to there). */
export function exceeds(candidates: readonly Candidate[], bytesMax: number): boolean {
  let bytes = 0
  for (const { map, from } of candidates) {
    for (const entry of map.entriesAfter(from)) {
      bytes += entry.bytes
      if (bytes > bytesMax) return true
    }
  }
  return false
}
