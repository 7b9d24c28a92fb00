/**
 * Keys and values of a node's state in a database. Below the prefix stand `!owner`, which sorts before all others and so
 * is read first, `generation`, `entry!` with each key of the node, and `peer!` with each id; values are JSON.
 */

import {
  GENERATION_MAX,
  isName,
  type JsonValue,
  type StorageChange,
  StorageError,
  type StorageOwner,
  type StoredEntry,
  type StoredPeer,
} from '../../core/index.ts'
import type { LevelOperation } from './level-database.ts'

/** What one key and value say. */
export type LevelRecord =
  | { readonly type: 'owner'; readonly owner: StorageOwner }
  | { readonly type: 'generation'; readonly generation: number }
  | { readonly type: 'set'; readonly entry: StoredEntry }
  | { readonly type: 'peer'; readonly peer: StoredPeer }

/** The format this version writes, and the only one it reads. */
const FORMAT = 1
const OWNER = '!owner'
const GENERATION = 'generation'
const ENTRY = 'entry!'
const PEER = 'peer!'

/** Says whose state it is, and in which format. */
export function headerOperation(prefix: string, owner: StorageOwner): LevelOperation {
  return put(prefix + OWNER, { format: FORMAT, clusterId: owner.clusterId, id: owner.id })
}

/** A change as a write. */
export function operationOf(prefix: string, change: StorageChange): LevelOperation {
  switch (change.type) {
    case 'generation':
      return put(prefix + GENERATION, change.generation)
    case 'set': {
      const { key, value, lease } = change
      const leased = lease === undefined ? [value] : [value, lease.expiresAtMs, lease.ttlMs]
      return put(prefix + ENTRY + key, leased)
    }
    case 'delete':
      return remove(prefix + ENTRY + change.key)
    case 'peer':
      return put(prefix + PEER + change.id, [change.transport, change.seenAtMs])
    case 'forget':
      return remove(prefix + PEER + change.id)
  }
}

/**
 * What a key and its value say.
 *
 * @param name - the key without the prefix
 * @param key - all of it, for messages
 * @throws {StorageError} `GOSSIP_STORAGE_CORRUPT`, `GOSSIP_STORAGE_FORMAT`
 */
export function readRecord(name: string, value: string, key: string): LevelRecord {
  const parsed = parse(value, key)
  if (name === OWNER) return ownerOf(parsed, key)
  if (name === GENERATION) {
    if (isCount(parsed) && parsed <= GENERATION_MAX) return { type: 'generation', generation: parsed }
  } else if (name.startsWith(ENTRY)) {
    const entry = entryOf(name.slice(ENTRY.length), parsed)
    if (entry !== undefined) return { type: 'set', entry }
  } else if (name.startsWith(PEER)) {
    const peer = peerOf(name.slice(PEER.length), parsed)
    if (peer !== undefined) return { type: 'peer', peer }
  }
  throw corrupt(key)
}

function ownerOf(parsed: unknown, key: string): LevelRecord {
  const { format, clusterId, id } = Object(parsed) as Record<string, unknown>
  if (isCount(format) && format > FORMAT) {
    const problem = `${key} is of format ${format}, this version reads format ${FORMAT}: use a later version`
    throw new StorageError('GOSSIP_STORAGE_FORMAT', problem)
  }
  if (format !== FORMAT || !isName(clusterId) || !isName(id)) throw corrupt(key)
  return { type: 'owner', owner: { clusterId, id } }
}

function entryOf(key: string, parsed: unknown): StoredEntry | undefined {
  if (!isName(key) || !Array.isArray(parsed)) return undefined
  const [value, expiresAtMs, ttlMs] = parsed as [JsonValue, unknown, unknown]
  if (parsed.length === 1) return { key, value }
  if (parsed.length !== 3 || !isCount(expiresAtMs) || !isCount(ttlMs)) return undefined
  return { key, value, lease: { expiresAtMs, ttlMs } }
}

function peerOf(id: string, parsed: unknown): StoredPeer | undefined {
  if (!isName(id) || !Array.isArray(parsed) || parsed.length !== 2) return undefined
  const [transport, seenAtMs] = parsed as [JsonValue, unknown]
  return isCount(seenAtMs) ? { id, transport, seenAtMs } : undefined
}

function parse(value: string, key: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    throw corrupt(key)
  }
}

function corrupt(key: string): StorageError {
  return new StorageError('GOSSIP_STORAGE_CORRUPT', `what stands under ${key} is not what was written there`)
}

function put(key: string, value: JsonValue): LevelOperation {
  return { type: 'put', key, value: JSON.stringify(value), keyEncoding: 'utf8', valueEncoding: 'utf8' }
}

function remove(key: string): LevelOperation {
  return { type: 'del', key, keyEncoding: 'utf8' }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
