/** Reads a digest from the network: the whole shape is checked before anything is believed. */

import { MalformedMessageError } from '../errors.ts'
import type { JsonValue } from '../json/index.ts'
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

/** What a digest says of one peer. */
export interface PeerEntry {
  readonly kind: 'peer'
  readonly id: string
  readonly generation: number
  readonly heartbeat: number
  readonly gcVersion: number
  readonly maxVersionSeen: number
  readonly transport: JsonValue | undefined
  readonly silentMs: number | undefined
  readonly isOld: boolean
}

/** The record of a retired peer. */
export interface RemovalEntry {
  readonly kind: 'removal'
  readonly id: string
  readonly generation: number
  readonly heartbeat: number
  readonly ageMs: number
}

/** A newer heartbeat of a peer that the answered digest listed. */
export interface HeartbeatEntry {
  readonly kind: 'heartbeat'
  readonly id: string
  readonly heartbeat: number
}

/** One item about somebody else than the sender. */
export type DigestItem = PeerEntry | RemovalEntry | HeartbeatEntry

/** A digest that has the right shape. */
export interface Digest {
  readonly clusterId: string
  readonly step: 1 | 2
  readonly claim: IdRange | undefined
  readonly answers: number | undefined
  /** The sender's own entry; its address is always there. */
  readonly own: PeerEntry & { readonly transport: JsonValue }
  readonly items: readonly DigestItem[]
}

/** Beats every heartbeat: the form of `left` inside the engine. */
const LEFT: number = Number.MAX_SAFE_INTEGER

/**
 * Checks and copies a digest. O(entries).
 *
 * @param senderId - whose own entry must be in it
 * @throws {MalformedMessageError} any field of the wrong type or out of range, or no own entry
 */
export function parseDigest(json: unknown, senderId: string): Digest {
  let own: Pick<Digest, 'own' | 'clusterId' | 'step' | 'claim' | 'answers'> | undefined
  const items: DigestItem[] = []
  for (const item of parseArray(json, 'the digest')) {
    if (Array.isArray(item)) items.push(parsePair(item))
    else {
      const fields = parseObject(item, 'an item of the digest')
      if (fields['id'] === senderId) own = parseOwn(fields)
      else items.push(fields['ageMs'] === undefined ? parseEntry(fields) : parseRemoval(fields))
    }
  }
  if (own === undefined) throw new MalformedMessageError("the digest lacks its sender's own entry")
  return { ...own, items }
}

function parseOwn(fields: Record<string, unknown>): Pick<Digest, 'own' | 'clusterId' | 'step' | 'claim' | 'answers'> {
  const entry = parseEntry(fields)
  if (entry.transport === undefined) throw new MalformedMessageError('the own entry lacks its transport')
  const step = fields['step']
  if (step !== 1 && step !== 2) throw new MalformedMessageError('the step of the own entry is neither 1 nor 2')
  return {
    own: { ...entry, transport: entry.transport },
    clusterId: parseName(fields['clusterId'], 'clusterId'),
    step,
    claim: fields['claim'] === undefined ? undefined : parseClaim(fields['claim']),
    answers: fields['answers'] === undefined ? undefined : parseCount(fields['answers'], 'answers'),
  }
}

function parseEntry(fields: Record<string, unknown>): PeerEntry {
  const heartbeat = parseCount(fields['heartbeat'], 'heartbeat')
  return {
    kind: 'peer',
    id: parseName(fields['id'], 'an id'),
    generation: parseCount(fields['generation'], 'generation', GENERATION_MAX),
    heartbeat: parseFlag(fields['left'], 'left') ? LEFT : heartbeat,
    gcVersion: parseCount(fields['gcVersion'], 'gcVersion', VERSION_MAX),
    maxVersionSeen: parseCount(fields['maxVersionSeen'], 'maxVersionSeen', VERSION_MAX),
    transport: fields['transport'] === undefined ? undefined : parseTransport(fields['transport'], 'transport'),
    silentMs: fields['silentMs'] === undefined ? undefined : parseCount(fields['silentMs'], 'silentMs'),
    isOld: parseFlag(fields['old'], 'old'),
  }
}

function parseRemoval(fields: Record<string, unknown>): RemovalEntry {
  return {
    kind: 'removal',
    id: parseName(fields['id'], 'an id'),
    generation: parseCount(fields['generation'], 'generation', GENERATION_MAX),
    heartbeat: parseCount(fields['heartbeat'], 'heartbeat'),
    ageMs: parseCount(fields['ageMs'], 'ageMs'),
  }
}

function parsePair(item: readonly unknown[]): HeartbeatEntry {
  if (item.length !== 2) throw new MalformedMessageError('a pair of the digest has not two parts')
  return { kind: 'heartbeat', id: parseName(item[0], 'an id'), heartbeat: parseCount(item[1], 'heartbeat') }
}

function parseClaim(value: unknown): IdRange {
  const fields = parseObject(value, 'the claim')
  return { from: parseBound(fields['from']), to: parseBound(fields['to']) }
}

function parseBound(value: unknown): string | null {
  return value === null ? null : parseName(value, 'a bound of the claim')
}
