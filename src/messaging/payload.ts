/** What messages carry: JSON, or bytes as they are, or nothing. */

import { admitJson, type JsonValue } from '../core/index.ts'

/** A payload: JSON arrives as JSON and frozen, a `Uint8Array` as a `Uint8Array`, and nothing as `undefined`. */
export type Payload = JsonValue | Uint8Array | undefined

const NOTHING = 0
const JSON_TEXT = 1
const BYTES = 2

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Writes a payload: a byte that says what it is, and the bytes.
 *
 * @param payload - anything; bytes are copied
 * @throws {InvalidValueError} neither JSON nor bytes
 */
export function encodePayload(payload: unknown): Uint8Array {
  if (payload === undefined) return Uint8Array.of(NOTHING)
  if (payload instanceof Uint8Array) return tagged(BYTES, payload)
  return tagged(JSON_TEXT, encoder.encode(JSON.stringify(admitJson(payload).value)))
}

/**
 * Reads a payload.
 *
 * @param bytes - the caller's to give away: a payload of bytes is a part of them
 * @returns the payload, boxed, since undefined is one too; undefined when it is none
 */
export function decodePayload(bytes: Uint8Array): { readonly payload: Payload } | undefined {
  const rest = bytes.subarray(1)
  switch (bytes[0]) {
    case NOTHING:
      return rest.length === 0 ? { payload: undefined } : undefined
    case BYTES:
      return { payload: rest }
    case JSON_TEXT:
      return decodeJson(rest)
    default:
      return undefined
  }
}

function decodeJson(bytes: Uint8Array): { readonly payload: JsonValue } | undefined {
  try {
    // The same gate both ways: nothing arrives that could not have been sent, however deep it is nested.
    return { payload: admitJson(JSON.parse(decoder.decode(bytes))).value }
  } catch {
    return undefined
  }
}

function tagged(tag: number, bytes: Uint8Array): Uint8Array {
  const payload = new Uint8Array(bytes.length + 1)
  payload[0] = tag
  payload.set(bytes, 1)
  return payload
}
