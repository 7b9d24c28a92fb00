/**
 * How a first-generation node answers a digest: it makes a peer of every item it does not know, and picks the deltas
 * to send back. It never asks for what it lacks itself.
 */

import type { JsonValue } from '../../core/index.ts'
import { isSameId } from './loose-equality.ts'
import { type OldDelta, PeerRecord, type RecordFields } from './peer-record.ts'
import type { PeerTable } from './peer-table.ts'

/** Who answers. */
export interface Answerer {
  readonly local: PeerRecord
  readonly table: PeerTable
  /** Most deltas of an answer, an integer >= 1. */
  readonly deltasMax: number
}

/** An item of a digest; the package reads it unchecked, whatever it is. */
type DigestItem = RecordFields & { readonly id: string; maxVersionSeen: number }

/** A delta as it is sent. */
type SentDelta = readonly [id: string, ...delta: OldDelta]

interface Candidate {
  readonly id: string
  readonly deltas: OldDelta[]
}

/**
 * The deltas that answer a digest: the peer with most of them first, each peer's oldest first, cut at `deltasMax`.
 *
 * @param digest - shared with nobody: its items are altered, and become records
 * @throws {TypeError} it is no list, an item is null, or something else the package fails at
 */
export function answerTo(digest: JsonValue, answerer: Answerer): readonly SentDelta[] {
  const candidates: Candidate[] = []
  const items = digest as unknown as DigestItem[]
  // By the method, as the package does: it throws for whatever is no list.
  items.forEach((item) => {
    const candidate = candidateOf(item, answerer)
    if (candidate !== undefined) candidates.push(candidate)
  })
  candidates.sort((a, b) => b.deltas.length - a.deltas.length)
  return candidates
    .flatMap(({ id, deltas }) => inOrder(deltas).map((delta) => [id, ...delta] as const))
    .slice(0, answerer.deltasMax)
}

function candidateOf(item: DigestItem, { local, table }: Answerer): Candidate | undefined {
  if (isSameId(item.id, local.id)) return newsOf(local, item)
  const known = table.get(item.id)
  if (known !== undefined) return newsOf(known, item)
  // The package writes this into the item, and throws where the item is a text or a number.
  item.maxVersionSeen = 0
  const record = new PeerRecord(item.id, item)
  table.put(record)
  return undefined
}

function newsOf(record: PeerRecord, item: DigestItem): Candidate | undefined {
  if (!(record.maxVersionSeen > item.maxVersionSeen)) return undefined
  return { id: record.id, deltas: record.deltasAfter(item.maxVersionSeen) }
}

function inOrder(deltas: OldDelta[]): OldDelta[] {
  return deltas.sort((a, b) => a[2] - b[2])
}
