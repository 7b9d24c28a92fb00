/** Checks of single fields of foreign messages; each throws the one error that drops the message. */

import { MalformedMessageError } from '../errors.ts'
import { type Admitted, admitJson, isPlainObject, type JsonValue, sealedJson, stringBytes } from '../json/index.ts'

/** Longest id or key, in bytes of its JSON text without the quotes. */
export const NAME_BYTES_MAX = 256
/** Longest address, in bytes of its JSON text. */
export const TRANSPORT_BYTES_MAX = 1_024
/** Highest generation a peer may have: above it there is no room for takeovers below 2^53. */
export const GENERATION_MAX: number = Number.MAX_SAFE_INTEGER - 2 ** 22
/** Highest version, for the same reason: the old dialect adds a part of the generation. */
export const VERSION_MAX: number = Number.MAX_SAFE_INTEGER - 2 ** 43

/** Whether a string can name a peer or a key: 1 to 256 bytes of Unicode text. */
export function isName(value: unknown): value is string {
  if (typeof value !== 'string' || value.length === 0 || value.length > NAME_BYTES_MAX) return false
  const bytes = stringBytes(value)
  return bytes > 0 && bytes - 2 <= NAME_BYTES_MAX
}

/** The value as an object with fields. */
export function parseObject(value: unknown, what: string): Record<string, unknown> {
  if (!isPlainObject(value)) throw new MalformedMessageError(`${what} is no object`)
  return value
}

/** The value as an array. */
export function parseArray(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new MalformedMessageError(`${what} is no array`)
  return value
}

/** A field as the name of a peer or a key. */
export function parseName(value: unknown, what: string): string {
  if (!isName(value)) throw new MalformedMessageError(`${what} is no text of 1 to ${NAME_BYTES_MAX} bytes`)
  return value
}

/** A field as an integer in [0, max]. */
export function parseCount(value: unknown, what: string, max: number = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > max) {
    throw new MalformedMessageError(`${what} is no integer in [0, ${max}]`)
  }
  return value
}

/** A field that is `true` or absent. */
export function parseFlag(value: unknown, what: string): boolean {
  if (value !== undefined && value !== true) throw new MalformedMessageError(`${what} is neither true nor absent`)
  return value === true
}

/** A field as an address: a frozen copy of at most 1 KiB of JSON. */
export function parseTransport(value: unknown, what: string): JsonValue {
  const admitted = parseJson(value, what)
  if (admitted.bytes > TRANSPORT_BYTES_MAX) {
    throw new MalformedMessageError(`${what} takes over ${TRANSPORT_BYTES_MAX} bytes`)
  }
  return admitted.value
}

/** A field as any JSON value: a frozen copy and its size. What was admitted while it arrived is taken as it is. */
export function parseJson(value: unknown, what: string): Admitted {
  try {
    return sealedJson(value) ?? admitJson(value)
  } catch (cause) {
    throw new MalformedMessageError(
      `${what} is no JSON: ${cause instanceof Error ? cause.message : 'it cannot be read'}`,
    )
  }
}
