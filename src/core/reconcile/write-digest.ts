/** Writes a digest as JSON, and says how many bytes its parts take there without writing them. */

import { type JsonValue, jsonBytes, numberBytes, stringBytes } from '../json/index.ts'
import {
  type Digest,
  type DigestEntries,
  type DigestHead,
  entryAt,
  LEFT,
  type PeerEntry,
  type RareFacts,
  type RemovalEntry,
} from './digest.ts'
import { asJson, type WireDigestItem, type WireOwnEntry } from './wire-digest.ts'

/** What the fields of one entry take beside its id and its address, at most, bytes. */
export const ENTRY_BYTES_MAX = 220

/** The JSON of a digest: the own entry first, then the entries, then the pairs. O(its size). */
export function writeDigest(digest: Digest): JsonValue {
  const items: WireDigestItem[] = [wireOwnEntry(digest)]
  writeEntries(digest.entries, digest.own.id, items)
  const { ids, indexes, heartbeats } = digest.pairs
  for (let k = 0; k < indexes.length; k++) {
    items.push([ids[indexes[k] as number] as string, heartbeats[k] as number])
  }
  return asJson(items)
}

/** Bytes of a whole digest as JSON, without writing it. O(its size). */
export function digestBytes(digest: Digest): number {
  const { entries, pairs, own } = digest
  const { rare } = entries
  let bytes = ownEntryBytes(digest)
  let nextRare = 0
  for (let index = entries.from; index < entries.to; index++) {
    if (entries.ids[index] === own.id) continue
    while (nextRare < rare.length && (rare[nextRare] as RareFacts).index < index) nextRare++
    bytes += entryBytesAt(entries, index, rare[nextRare])
  }
  for (let k = 0; k < pairs.indexes.length; k++) {
    bytes += pairBytes(pairs.ids[pairs.indexes[k] as number] as string, pairs.heartbeats[k] as number)
  }
  return bytes
}

/** Bytes of the sender's entry as JSON, brackets of the digest included. */
export function ownEntryBytes(head: DigestHead): number {
  return jsonBytes(asJson([wireOwnEntry(head)]))
}

/** Bytes of an entry as JSON and of the comma before it. */
export function entryBytes(entry: PeerEntry | RemovalEntry): number {
  return 1 + jsonBytes(asJson([wireEntry(entry)])) - 2
}

const PLAIN_BYTES = ',{"id":,"maxVersionSeen":,"generation":,"heartbeat":,"gcVersion":}'.length

/** Bytes of the entry at an index as JSON and of the comma before it. */
export function entryBytesAt(entries: DigestEntries, index: number, rare: RareFacts | undefined): number {
  const heartbeat = entries.heartbeats[index] as number
  if (rare?.index === index || heartbeat === LEFT) return entryBytes(entryAt(entries, index))
  const numbers =
    numberBytes(entries.maxVersionsSeen[index] as number) +
    numberBytes(entries.generations[index] as number) +
    numberBytes(heartbeat) +
    numberBytes(entries.gcVersions[index] as number)
  return PLAIN_BYTES + stringBytes(entries.ids[index] as string) + numbers
}

/** Bytes of a pair as JSON and of the comma before it. */
export function pairBytes(id: string, heartbeat: number): number {
  return 4 + stringBytes(id) + numberBytes(heartbeat)
}

function writeEntries(entries: DigestEntries, ownId: string, items: WireDigestItem[]): void {
  const { ids, from, to, generations, heartbeats, maxVersionsSeen, gcVersions, rare } = entries
  let nextRare = 0
  for (let index = from; index < to; index++) {
    const id = ids[index] as string
    if (id === ownId) continue
    while (nextRare < rare.length && (rare[nextRare] as RareFacts).index < index) nextRare++
    const heartbeat = heartbeats[index] as number
    if (rare[nextRare]?.index === index || heartbeat === LEFT) {
      items.push(wireEntry(entryAt(entries, index)))
      continue
    }
    const maxVersionSeen = maxVersionsSeen[index] as number
    const generation = generations[index] as number
    const gcVersion = gcVersions[index] as number
    // One literal for nearly all entries: objects of one shape are made and read several times faster.
    items.push({ id, maxVersionSeen, generation, heartbeat, gcVersion })
  }
}

function wireEntry(entry: PeerEntry | RemovalEntry): WireDigestItem {
  const { id, generation, heartbeat } = entry
  if (entry.kind === 'removal') return { id, generation, heartbeat, ageMs: entry.ageMs }
  const { maxVersionSeen, gcVersion, transport, silentMs, isOld } = entry
  return {
    id,
    maxVersionSeen,
    ...(transport === undefined ? {} : { transport }),
    generation,
    heartbeat,
    gcVersion,
    ...(silentMs === undefined ? {} : { silentMs }),
    ...(heartbeat === LEFT ? { left: true } : {}),
    ...(isOld ? { old: true } : {}),
  }
}

function wireOwnEntry({ own, clusterId, step, claim, answers, asker }: DigestHead): WireOwnEntry {
  const { id, maxVersionSeen, transport, generation, heartbeat, gcVersion } = own
  return {
    id,
    maxVersionSeen,
    transport,
    generation,
    heartbeat,
    gcVersion,
    clusterId,
    step,
    ...(answers === undefined ? {} : { answers }),
    ...(asker === undefined ? {} : { asker }),
    ...(heartbeat === LEFT ? { left: true } : {}),
    ...(claim === undefined ? {} : { claim }),
  }
}
