/**
 * Letters as entries of a storage, which outlive the process: the key names peer and id, the value holds the rest. Bytes
 * are base64, since a storage keeps JSON.
 */

import { isName, isPlainObject, type JsonValue, StorageError, type StoredEntry, type System } from '../../core/index.ts'
import { isCode } from '../errors.ts'
import { encodePayload } from '../payload.ts'
import { isLetterNumber } from './delivery.ts'
import { Letter } from './letter.ts'

/** What keys of letters begin with. */
export const LETTER_PREFIX = 'out '

/** What a letter takes in a storage beside its payload at most, bytes. */
const RECORD_BYTES = 16_384
/** Bytes in one piece of base64: a multiple of three, and few enough to be arguments. */
const PIECE_BYTES = 24_576

/** Where a letter is kept. */
export function letterKey(letter: { readonly peer: string; readonly id: string }): string {
  return LETTER_PREFIX + JSON.stringify([letter.peer, letter.id])
}

/** What a letter takes in a storage at most, bytes. */
export function recordBytesOf(letter: Letter): number {
  return Math.ceil((letter.body.length * 4) / 3) + RECORD_BYTES
}

/** What is kept of a letter. */
export function letterRecord(letter: Letter, system: System): StoredEntry {
  const { payload, stream, number, name, attempts, failure, isUndeliverable } = letter
  const restMs = Math.max(0, Math.ceil(letter.expiresAt - system.now()))
  const value: Record<string, JsonValue> = {
    stream,
    number,
    name,
    expiresAtMs: Math.floor(system.wallClockMs()) + restMs,
    restMs,
  }
  if (payload instanceof Uint8Array) value['bytes'] = base64(payload)
  else if (payload !== undefined) value['json'] = payload
  if (attempts > 0) value['attempts'] = attempts
  if (failure !== undefined && (attempts > 0 || isUndeliverable)) value['failure'] = [failure.code, failure.message]
  if (isUndeliverable) value['isUndeliverable'] = true
  return { key: letterKey(letter), value }
}

/**
 * Reads a letter.
 *
 * @throws {StorageError} `GOSSIP_STORAGE_CORRUPT`: it is none
 */
export function letterOf({ key, value }: StoredEntry, system: System): Letter {
  const names = namesOf(key)
  const fields: { readonly [field: string]: unknown } = isPlainObject(value) ? value : {}
  const { stream, number, name, expiresAtMs, restMs, attempts = 0, failure } = fields
  const isWhole =
    names !== undefined &&
    isName(stream) &&
    isLetterNumber(number) &&
    isName(name) &&
    isCount(attempts) &&
    isCount(restMs)
  if (!isWhole || !isCount(expiresAtMs)) throw corrupt(key)
  // No clock that was set back makes it longer than it was.
  const expiresAt = system.now() + Math.min(restMs, expiresAtMs - Math.floor(system.wallClockMs()))
  const letter = new Letter({ ...names, name, stream, number, expiresAt, body: encodePayload(payloadOf(fields, key)) })
  letter.attempts = attempts
  letter.isUndeliverable = fields['isUndeliverable'] === true
  letter.isDurable = true
  letter.durable.resolve()
  if (Array.isArray(failure)) {
    const [code, message] = failure as readonly unknown[]
    if (isCode(code)) letter.failure = { code, message: String(message) }
  }
  return letter
}

function payloadOf({ bytes, json }: { readonly [field: string]: unknown }, key: string): unknown {
  if (bytes === undefined) return json
  if (typeof bytes !== 'string') throw corrupt(key)
  try {
    return Uint8Array.from(atob(bytes), (unit) => unit.charCodeAt(0))
  } catch {
    throw corrupt(key)
  }
}

function namesOf(key: string): { readonly peer: string; readonly id: string } | undefined {
  try {
    const [peer, id] = JSON.parse(key.slice(LETTER_PREFIX.length)) as readonly unknown[]
    return isName(peer) && isName(id) ? { peer, id } : undefined
  } catch {
    return undefined
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function base64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + PIECE_BYTES)))
  }
  return text
}

function corrupt(key: string): StorageError {
  return new StorageError('GOSSIP_STORAGE_CORRUPT', `the entry ${key.slice(0, 100)} is no message of an outbox`)
}
