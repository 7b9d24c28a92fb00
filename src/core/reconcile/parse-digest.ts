/** Reads a digest from the network: the whole shape is checked before anything is believed. */

import { MalformedMessageError } from '../errors.ts'
import {
  type Digest,
  type DigestHead,
  EntryColumns,
  type EntryNumbers,
  type HeartbeatEntry,
  LEFT,
  type PeerEntry,
  pairsOf,
  type RemovalEntry,
} from './digest.ts'
import { KnownNames } from './known-names.ts'
import {
  GENERATION_MAX,
  parseArray,
  parseCount,
  parseFlag,
  parseName,
  parseObject,
  parseTransport,
  VERSION_MAX,
} from './shape.ts'
import type { IdRange } from './wire-digest.ts'

/**
 * Checks and copies a digest. O(entries).
 *
 * @param senderId - whose own entry must be in it
 * @param knownIds - ids that need no check, ascending: where the digest names one of them, this very string is kept
 * @throws {MalformedMessageError} any field of the wrong type or out of range, or no own entry
 */
export function parseDigest(json: unknown, senderId: string, knownIds: readonly string[] = []): Digest {
  const list = parseArray(json, 'the digest')
  const names = new KnownNames(knownIds)
  const columns = new EntryColumns(list.length)
  const pairs: HeartbeatEntry[] = []
  let head: DigestHead | undefined
  for (const item of list) {
    if (Array.isArray(item)) {
      pairs.push(parsePair(item, names))
      continue
    }
    const fields = parseObject(item, 'an item of the digest')
    if (fields['id'] === senderId) head = parseOwn(fields)
    else if (fields['ageMs'] === undefined) parseEntryInto(columns, fields, names)
    else columns.push(parseRemoval(fields, names))
  }
  if (head === undefined) throw new MalformedMessageError("the digest lacks its sender's own entry")
  return { ...head, entries: columns.finish(), pairs: pairsOf(pairs) }
}

function parseOwn(fields: Record<string, unknown>): DigestHead {
  const entry = parseEntry(fields, parseName(fields['id'], 'an id'))
  if (entry.transport === undefined) throw new MalformedMessageError('the own entry lacks its transport')
  const step = fields['step']
  if (step !== 1 && step !== 2) throw new MalformedMessageError('the step of the own entry is neither 1 nor 2')
  return {
    own: { ...entry, transport: entry.transport },
    clusterId: parseName(fields['clusterId'], 'clusterId'),
    step,
    claim: fields['claim'] === undefined ? undefined : parseClaim(fields['claim']),
    answers: fields['answers'] === undefined ? undefined : parseCount(fields['answers'], 'answers'),
    asker: fields['asker'] === undefined ? undefined : parseCount(fields['asker'], 'asker', GENERATION_MAX),
  }
}

function parseEntryInto(columns: EntryColumns, fields: Record<string, unknown>, names: KnownNames): void {
  const id = names.parse(fields['id'], 'an id')
  const { transport, silentMs, left, old } = fields
  const isRare = transport !== undefined || silentMs !== undefined || left !== undefined || old !== undefined
  if (isRare) columns.push(parseEntry(fields, id))
  else columns.pushNumbers(id, parseNumbers(fields))
}

function parseEntry(fields: Record<string, unknown>, id: string): PeerEntry {
  const { heartbeat, ...numbers } = parseNumbers(fields)
  return {
    kind: 'peer',
    id,
    ...numbers,
    heartbeat: parseFlag(fields['left'], 'left') ? LEFT : heartbeat,
    transport: fields['transport'] === undefined ? undefined : parseTransport(fields['transport'], 'transport'),
    silentMs: fields['silentMs'] === undefined ? undefined : parseCount(fields['silentMs'], 'silentMs'),
    isOld: parseFlag(fields['old'], 'old'),
  }
}

function parseNumbers(fields: Record<string, unknown>): EntryNumbers {
  return {
    generation: parseCount(fields['generation'], 'generation', GENERATION_MAX),
    heartbeat: parseCount(fields['heartbeat'], 'heartbeat'),
    gcVersion: parseCount(fields['gcVersion'], 'gcVersion', VERSION_MAX),
    maxVersionSeen: parseCount(fields['maxVersionSeen'], 'maxVersionSeen', VERSION_MAX),
  }
}

function parseRemoval(fields: Record<string, unknown>, names: KnownNames): RemovalEntry {
  return {
    kind: 'removal',
    id: names.parse(fields['id'], 'an id'),
    generation: parseCount(fields['generation'], 'generation', GENERATION_MAX),
    heartbeat: parseCount(fields['heartbeat'], 'heartbeat'),
    ageMs: parseCount(fields['ageMs'], 'ageMs'),
  }
}

function parsePair(item: readonly unknown[], names: KnownNames): HeartbeatEntry {
  if (item.length !== 2) throw new MalformedMessageError('a pair of the digest has not two parts')
  return { id: names.parse(item[0], 'an id'), heartbeat: parseCount(item[1], 'heartbeat') }
}

function parseClaim(value: unknown): IdRange {
  const fields = parseObject(value, 'the claim')
  return { from: parseBound(fields['from']), to: parseBound(fields['to']) }
}

function parseBound(value: unknown): string | null {
  return value === null ? null : parseName(value, 'a bound of the claim')
}
