/** Reads deltas from the network: the whole shape is checked, and values copied and frozen, before a map is touched. */

import { MalformedMessageError } from '../errors.ts'
import { type Entry, type Group, tombstone, valueEntry } from '../state/index.ts'
import {
  GENERATION_MAX,
  parseArray,
  parseCount,
  parseFlag,
  parseJson,
  parseName,
  parseObject,
  parseTransport,
  VERSION_MAX,
} from './shape.ts'

/** Leases beyond this are taken for this long, ms: about 285 years, so that times stay exact. */
const REST_MS_MAX = 2 ** 43

/**
 * Checks and copies a deltas message. O(its size).
 *
 * @param now - engine time, from which leases count
 * @param valueBytesMax - largest value, bytes of JSON
 * @throws {MalformedMessageError} any field of the wrong type or out of range, versions not strictly ascending in
 *   (from, maxVersion], a value over the limit
 */
export function parseDeltas(json: unknown, now: number, valueBytesMax: number): readonly Group[] {
  return parseArray(json, 'the deltas').map((item) => parseGroup(parseObject(item, 'a group'), now, valueBytesMax))
}

function parseGroup(fields: Record<string, unknown>, now: number, valueBytesMax: number): Group {
  const from = parseCount(fields['from'], 'from', VERSION_MAX)
  const maxVersion = parseCount(fields['maxVersion'], 'maxVersion', VERSION_MAX)
  const top = parseCount(fields['top'], 'top', VERSION_MAX)
  const gcVersion = parseCount(fields['gcVersion'], 'gcVersion', VERSION_MAX)
  if (maxVersion < from && from > 0) throw new MalformedMessageError('maxVersion is below from')
  if (top < maxVersion || top < gcVersion) throw new MalformedMessageError('top is below maxVersion or gcVersion')
  const entries: Entry[] = []
  let version = from
  let bytes = 0
  for (const item of parseArray(fields['entries'], 'entries')) {
    const entry = parseEntry(parseArray(item, 'an entry'), now, valueBytesMax)
    if (entry.version <= version) throw new MalformedMessageError('versions of a group do not ascend')
    version = entry.version
    bytes += entry.bytes
    entries.push(entry)
  }
  if (version > maxVersion) throw new MalformedMessageError('a version is above maxVersion')
  return {
    id: parseName(fields['id'], 'the id of a group'),
    generation: parseCount(fields['generation'], 'generation', GENERATION_MAX),
    transport: fields['transport'] === undefined ? undefined : parseTransport(fields['transport'], 'transport'),
    isOld: parseFlag(fields['old'], 'old'),
    from,
    gcVersion,
    maxVersion,
    top,
    entries,
    bytes,
  }
}

function parseEntry(item: readonly unknown[], now: number, valueBytesMax: number): Entry {
  const key = parseName(item[0], 'a key')
  if (item.length === 2) return tombstone(key, parseVersion(item[1]), now)
  if (item.length !== 3 && item.length !== 4) throw new MalformedMessageError('an entry has neither 2, 3 nor 4 parts')
  const { value, bytes: valueBytes } = parseJson(item[1], 'a value')
  if (valueBytes > valueBytesMax) throw new MalformedMessageError(`a value takes over ${valueBytesMax} bytes`)
  const version = parseVersion(item[2])
  const expiresAt = item.length === 4 ? now + Math.min(parseCount(item[3], 'restMs'), REST_MS_MAX) : undefined
  return valueEntry({ key, value, valueBytes, version, expiresAt, appliedAt: now })
}

function parseVersion(value: unknown): number {
  return parseCount(value, 'a version', VERSION_MAX)
}
