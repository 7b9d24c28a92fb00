/** Changes as they stand in a journal: the payload of a frame is a JSON array of small arrays, each led by a letter. */

import {
  GENERATION_MAX,
  isName,
  type JsonValue,
  type StorageChange,
  StorageError,
  type StorageOwner,
} from '../../core/index.ts'

/** What stands in a journal beside changes. */
export type Mark =
  /** Whose journal it is; the first of all. */
  | { readonly type: 'owner'; readonly owner: StorageOwner }
  /** Here the snapshot ends; all before it was on the disk before the journal came to its place. */
  | { readonly type: 'snapshot end' }

/** Anything a record says. */
export type Recorded = StorageChange | Mark

const ENCODER = new TextEncoder()
const DECODER = new TextDecoder('utf-8', { fatal: true })

/**
 * Payloads that hold the records, in order, with as many in each as come to about `bytesTarget`.
 *
 * @param bytesMax - longest payload, bytes
 * @throws {StorageError} `GOSSIP_STORAGE_RECORD_TOO_LARGE`: one record alone exceeds it
 */
export function* encodeRecords(
  records: Iterable<Recorded>,
  { bytesTarget, bytesMax }: { readonly bytesTarget: number; readonly bytesMax: number },
): Generator<Uint8Array, undefined> {
  let texts: string[] = []
  let length = 0
  for (const record of records) {
    const text = JSON.stringify(arrayOf(record))
    if (length + text.length > bytesTarget && texts.length > 0) {
      yield payloadOf(texts, bytesMax)
      texts = []
      length = 0
    }
    texts.push(text)
    length += text.length + 1
  }
  if (texts.length > 0) yield payloadOf(texts, bytesMax)
  return undefined
}

/** The records of a payload; undefined when it is not what `encodeRecords` writes. */
export function decodeRecords(payload: Uint8Array): readonly Recorded[] | undefined {
  try {
    const arrays = JSON.parse(DECODER.decode(payload)) as unknown
    if (!Array.isArray(arrays)) return undefined
    const records = arrays.map(recordOf)
    return records.every((record) => record !== undefined) ? records : undefined
  } catch {
    return undefined
  }
}

/** A payload's own limit is above its target, so only a single record can exceed it. */
function payloadOf(texts: readonly string[], bytesMax: number): Uint8Array {
  const payload = ENCODER.encode(`[${texts.join(',')}]`)
  if (payload.length <= bytesMax) return payload
  const problem = `a record of ${payload.length} bytes exceeds recordBytesMax, ${bytesMax}`
  throw new StorageError('GOSSIP_STORAGE_RECORD_TOO_LARGE', problem)
}

function arrayOf(record: Recorded): JsonValue {
  switch (record.type) {
    case 'owner':
      return ['o', record.owner.clusterId, record.owner.id]
    case 'snapshot end':
      return ['e']
    case 'generation':
      return ['g', record.generation]
    case 'set': {
      const { key, value, lease } = record
      return lease === undefined ? ['s', key, value] : ['s', key, value, lease.expiresAtMs, lease.ttlMs]
    }
    case 'delete':
      return ['d', record.key]
    case 'peer':
      return ['p', record.id, record.transport, record.seenAtMs]
    case 'forget':
      return ['f', record.id]
  }
}

function recordOf(array: unknown): Recorded | undefined {
  if (!Array.isArray(array)) return undefined
  const [letter, a, b, c, d] = array as unknown[]
  switch (letter) {
    case 'o':
      return isName(a) && isName(b) ? { type: 'owner', owner: { clusterId: a, id: b } } : undefined
    case 'e':
      return { type: 'snapshot end' }
    case 'g':
      return isCount(a) && a <= GENERATION_MAX ? { type: 'generation', generation: a } : undefined
    case 's':
      return setOf(array.length, a, b, c, d)
    case 'd':
      return isName(a) ? { type: 'delete', key: a } : undefined
    case 'p':
      return isName(a) && isCount(c) && b !== undefined
        ? { type: 'peer', id: a, transport: b as JsonValue, seenAtMs: c }
        : undefined
    case 'f':
      return isName(a) ? { type: 'forget', id: a } : undefined
    default:
      return undefined
  }
}

function setOf(
  length: number,
  key: unknown,
  value: unknown,
  expiresAtMs: unknown,
  ttlMs: unknown,
): Recorded | undefined {
  if (!isName(key) || (length !== 3 && length !== 5)) return undefined
  if (length === 3) return { type: 'set', key, value: value as JsonValue }
  if (!isCount(expiresAtMs) || !isCount(ttlMs)) return undefined
  return { type: 'set', key, value: value as JsonValue, lease: { expiresAtMs, ttlMs } }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
