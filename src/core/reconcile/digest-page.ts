/**
 * Cuts the digest into pages that fit a budget. A page says which range of ids it is complete for; outside that range
 * absence means nothing. Successive rounds walk through the ids.
 */

import { jsonBytes, stringBytes } from '../json/index.ts'
import { asJson, type IdRange, type WireDigest, type WireDigestItem, type WireOwnEntry } from './wire-digest.ts'

/** What a page is made of. */
export interface PageSource {
  /** All ids but the sender's own, ascending. */
  readonly ids: readonly string[]
  /** Index of the id the page starts at. */
  readonly start: number
  readonly own: WireOwnEntry
  readonly entryOf: (id: string) => WireDigestItem
  /** Bytes of JSON the page may take. */
  readonly bytesMax: number
  /** An upper bound of what everything would take; exact counting is needed only above the budget. */
  readonly bytesBound: number
}

/** One page and where the next one starts: 0 after the last. */
export interface Page {
  readonly digest: WireDigest
  readonly next: number
}

/**
 * Writes the next page: as many entries as fit, but at least one, so that every peer's turn comes.
 *
 * The budget holds whenever it has room for the own entry and one more: 4 KiB always do.
 */
export function writePage(source: PageSource): Page {
  const { ids, own } = source
  const start = source.start < ids.length ? source.start : 0
  if (source.bytesBound <= source.bytesMax) {
    return { digest: [withClaim(own, null, null), ...ids.map(source.entryOf)], next: 0 }
  }
  const from = start === 0 ? null : (ids[start] as string)
  const entries: WireDigestItem[] = []
  let bytes = jsonBytes(asJson([withClaim(own, from, null)]))
  let next = start
  while (next < ids.length) {
    const entry = source.entryOf(ids[next] as string)
    bytes += 1 + jsonBytes(asJson([entry])) - 2
    const following = ids[next + 1]
    const boundBytes = following === undefined ? 0 : stringBytes(following) - 4
    if (entries.length > 0 && bytes + boundBytes > source.bytesMax) break
    entries.push(entry)
    next++
  }
  const to = ids[next] ?? null
  return { digest: [withClaim(own, from, to), ...entries], next: to === null ? 0 : next }
}

/** Whether a range covers an id. */
export function covers(range: IdRange, id: string): boolean {
  return (range.from === null || id >= range.from) && (range.to === null || id < range.to)
}

function withClaim(own: WireOwnEntry, from: string | null, to: string | null): WireOwnEntry {
  return { ...own, claim: { from, to } }
}
