/**
 * Cuts the digest into pages that fit a budget. A page says which range of ids it is complete for; outside that range
 * absence means nothing. Successive rounds walk through the ids.
 */

import { stringBytes } from '../json/index.ts'
import { boundaryBetween } from './boundary.ts'
import { type Digest, type DigestEntries, type DigestHead, firstRareFrom, NO_PAIRS, type RareFacts } from './digest.ts'
import type { IdRange } from './wire-digest.ts'
import { entryBytesAt, ownEntryBytes } from './write-digest.ts'

const NULL_BYTES = 'null'.length

/** What a page is made of. */
export interface PageSource {
  readonly head: Omit<DigestHead, 'claim'>
  /** Everybody, ascending by id. */
  readonly entries: DigestEntries
  /** Index of the entry the page starts at. */
  readonly start: number
  /** Bytes of JSON the page may take. */
  readonly bytesMax: number
  /** An upper bound of what everything would take; exact counting is needed only above the budget. */
  readonly bytesBound: number
}

/** One page and where the next one starts: 0 after the last. */
export interface Page {
  readonly digest: Digest
  readonly next: number
}

/**
 * Cuts the next page: as many entries as fit, but at least one, so that every peer's turn comes. The page is a range of
 * the columns it was given. O(entries of the page), O(1) where everything fits for certain.
 *
 * The budget holds whenever it has room for the own entry, one more and the two bounds of the claim: 4 KiB always do.
 */
export function cutPage(source: PageSource): Page {
  const { head, entries } = source
  const { ids } = entries
  const start = source.start < entries.to ? source.start : 0
  if (source.bytesBound <= source.bytesMax) return pageOf(source, { from: null, to: null }, 0, entries.to)
  const from = start === 0 ? null : boundAt(ids, start)
  let bytes = ownEntryBytes({ ...head, claim: { from, to: null } })
  let nextRare = firstRareFrom(entries.rare, start)
  let next = listedFrom(source, start)
  for (let count = 0; next < entries.to; count++) {
    while (nextRare < entries.rare.length && (entries.rare[nextRare] as RareFacts).index < next) nextRare++
    bytes += entryBytesAt(entries, next, entries.rare[nextRare])
    const following = listedFrom(source, next + 1)
    const boundBytes = following < entries.to ? stringBytes(boundAt(ids, following)) - NULL_BYTES : 0
    if (count > 0 && bytes + boundBytes > source.bytesMax) break
    next = following
  }
  return pageOf(source, { from, to: next < entries.to ? boundAt(ids, next) : null }, start, next)
}

/** Whether a range covers an id. */
export function covers(range: IdRange, id: string): boolean {
  return (range.from === null || id >= range.from) && (range.to === null || id < range.to)
}

/** Where the pages meet that end before and begin with the id at an index. */
function boundAt(ids: readonly string[], index: number): string {
  return boundaryBetween(ids[index - 1], ids[index] as string)
}

function pageOf({ head, entries }: PageSource, claim: IdRange, from: number, to: number): Page {
  const digest = { ...head, claim, entries: { ...entries, from, to }, pairs: NO_PAIRS }
  return { digest, next: claim.to === null ? 0 : to }
}

/** The first index from one on that is not the sender's own entry: that is counted apart. */
function listedFrom({ entries, head }: PageSource, index: number): number {
  return entries.ids[index] === head.own.id ? index + 1 : index
}
