/**
 * Reads messages of old peers: which dialect one is in, and whether its shape is right. The whole message is checked
 * before anything of it is believed.
 */

import { MalformedMessageError } from '../errors.ts'
import { admitJson, isPlainObject, type JsonValue } from '../json/index.ts'
import {
  GENERATION_MAX,
  isName,
  parseArray,
  parseCount,
  parseName,
  parseObject,
  parseTransport,
  VERSION_MAX,
} from '../reconcile/index.ts'
import { fromOldVersion } from './old-versions.ts'

/**
 * `engine`: in the engine's dialect. `flat`: written by a node of ours for a reader it took for old. `old`: written by an
 * old peer. `unknown`: its sender's own entry cannot be found.
 */
export type DigestForm = 'engine' | 'flat' | 'old' | 'unknown'

/** What an old peer says of another peer. */
export interface OldItem {
  readonly id: string
  readonly maxVersionSeen: number
  /** Old peers can hold peers without an address. */
  readonly transport: JsonValue | undefined
}

/** A digest of an old peer. */
export interface OldDigest {
  /** The version of its own last write, in the engine's terms. */
  readonly maxVersionSeen: number
  readonly items: readonly OldItem[]
}

/** Who wrote a flat digest. */
export interface FlatDigest {
  readonly generation: number
  readonly clusterId: string
  readonly transport: JsonValue
}

/** One key of an old peer. */
export interface OldEntry {
  readonly key: string
  /** Undefined: a value that this cluster cannot hold. */
  readonly value: JsonValue | undefined
  /** In the engine's terms. */
  readonly version: number
}

/** What a deltas message of an old peer says of that peer itself; versions ascend strictly. */
export interface OldDeltas {
  readonly entries: readonly OldEntry[]
  /** All deltas of the message, those about others too. */
  readonly count: number
}

/** Which dialect a digest is in. O(entries), as a rule O(1). */
export function digestForm(digest: unknown, senderId: string): DigestForm {
  if (!Array.isArray(digest)) return 'unknown'
  let form: DigestForm = 'unknown'
  for (const item of digest as readonly unknown[]) {
    if (!isPlainObject(item) || item['id'] !== senderId) continue
    if (item['flat'] === true) return 'flat'
    if (item['generation'] !== undefined) return 'engine'
    form = 'old'
  }
  return form
}

/** Whether deltas are flat: an array of arrays, where the engine's are objects. */
export function areFlatDeltas(deltas: unknown): boolean {
  return Array.isArray(deltas) && Array.isArray((deltas as readonly unknown[])[0])
}

/**
 * Checks and copies an old peer's digest.
 *
 * @throws {MalformedMessageError} any field of the wrong type or out of range
 */
export function parseOldDigest(json: unknown, senderId: string): OldDigest {
  const items = parseArray(json, 'the digest').map(parseItem)
  // An old peer that was told of itself lists itself twice; its own entry is the last.
  const own = items.findLast((item) => item.id === senderId)
  if (own === undefined) throw new MalformedMessageError("the digest lacks its sender's own entry")
  const maxVersionSeen = fromOldVersion(parseCount(own.maxVersionSeen, 'the own version', VERSION_MAX - 1))
  return { maxVersionSeen, items: items.filter((item) => item.id !== senderId) }
}

/**
 * Checks the own entry of a flat digest; nothing else in it is read.
 *
 * @throws {MalformedMessageError} a field of the wrong type or out of range
 */
export function parseFlatDigest(json: unknown, senderId: string): FlatDigest {
  const items = parseArray(json, 'the digest')
  const own = items.find((item) => isPlainObject(item) && item['id'] === senderId && item['flat'] === true)
  const fields = parseObject(own, 'the own entry')
  return {
    generation: parseCount(fields['generation'], 'generation', GENERATION_MAX),
    clusterId: parseName(fields['clusterId'], 'clusterId'),
    transport: parseTransport(fields['transport'], 'transport'),
  }
}

/**
 * Checks flat deltas and copies those about their sender.
 *
 * @param valueBytesMax - a larger value counts as one that cannot be held
 * @throws {MalformedMessageError} a delta is not `[id, key, value, version]`, or versions do not ascend
 */
export function parseFlatDeltas(json: unknown, senderId: string, valueBytesMax: number): OldDeltas {
  const deltas = parseArray(json, 'the deltas')
  const entries: OldEntry[] = []
  let last = 0
  for (const item of deltas) {
    const [id, key, value, version] = parseDelta(item)
    if (id !== senderId) continue
    if (version <= last) throw new MalformedMessageError('the versions of flat deltas do not ascend')
    last = version
    if (isName(key)) entries.push({ key, value: admitted(value, valueBytesMax), version })
  }
  return { entries, count: deltas.length }
}

function parseItem(json: unknown): OldItem {
  const fields = parseObject(json, 'an item of the digest')
  const transport = fields['transport']
  return {
    id: parseName(fields['id'], 'an id'),
    maxVersionSeen: parseCount(fields['maxVersionSeen'], 'maxVersionSeen'),
    transport: transport === undefined ? undefined : parseTransport(transport, 'transport'),
  }
}

function parseDelta(json: unknown): readonly [id: string, key: string, value: unknown, version: number] {
  const delta = parseArray(json, 'a delta')
  const [id, key, value, version] = delta
  if (delta.length !== 4) throw new MalformedMessageError('a delta has not four parts')
  if (typeof id !== 'string') throw new MalformedMessageError('the id of a delta is no text')
  if (typeof key !== 'string') throw new MalformedMessageError('the key of a delta is no text')
  const count = parseCount(version, 'a version', VERSION_MAX - 1)
  if (count === 0) throw new MalformedMessageError('a delta has version 0')
  return [id, key, value, fromOldVersion(count)]
}

/** An old peer refuses no value, so what is too large or too deep has to be passed over, or all after it would wait. */
function admitted(value: unknown, valueBytesMax: number): JsonValue | undefined {
  try {
    const { value: copy, bytes } = admitJson(value)
    return bytes > valueBytesMax ? undefined : copy
  } catch {
    return undefined
  }
}
