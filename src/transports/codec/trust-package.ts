/**
 * The package of six fields that trustnote-p2p peers exchange, proto2 message `trust_note_p2p_package.TrustNoteP2p`:
 * what it is to write one and to read one that came from the network.
 */

import { InvalidValueError, type JsonValue, MalformedMessageError, stringBytes } from '../../core/index.ts'
import { isShallow, MESSAGE_DEPTH_MAX } from '../wire/index.ts'
import { packageTag } from './package-tag.ts'
import { bytesFieldHead, protobufFields, varintField } from './protobuf.ts'

/** What a package is for. */
export type TrustPackageKind = 'system' | 'heartbeatPing' | 'heartbeatPong' | 'talk' | 'request' | 'response'

/** A package as it is written. */
export interface TrustPackage {
  /** @defaultValue '1.0' */
  readonly version?: string
  /** @defaultValue '1' */
  readonly alt?: string
  readonly kind: TrustPackageKind
  /** What it is about. */
  readonly event: string
  readonly body: JsonValue
}

/** A package that was read, its tag checked. */
export interface ReadTrustPackage extends Required<TrustPackage> {
  /** Base64 of the SHA-256 over the other fields. */
  readonly tag: string
}

/** Numbers of the kinds on the wire. */
export const TRUST_PACKAGE_TYPES: Readonly<Record<TrustPackageKind, number>> = Object.freeze({
  system: 0,
  heartbeatPing: 10,
  heartbeatPong: 11,
  talk: 20,
  request: 30,
  response: 31,
})

/** Longest package that is written or read, bytes. */
export const PACKAGE_BYTES_MAX = 67_108_864

/** Most bytes that a package takes beyond its event and the text of its body. */
export const PACKAGE_OVERHEAD_BYTES_MAX = 96

const VERSION = { field: 1, value: '1.0' } as const
const ALT = { field: 2, value: '1' } as const
const TYPE_FIELD = 3
const EVENT_FIELD = 4
const BODY_FIELD = 5
const TAG_FIELD = 6

const KINDS: ReadonlyMap<number, TrustPackageKind> = new Map(
  Object.entries(TRUST_PACKAGE_TYPES).map(([kind, type]) => [type, kind as TrustPackageKind]),
)

const encoder = new TextEncoder()
/** A mark at the beginning of a text belongs to it. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Writes a package, its tag included. O(size).
 *
 * @throws {InvalidValueError} a kind that is none, a text that is no Unicode, a body that JSON cannot say or nests over
 *   100 levels, more than 64 MiB: a mistake of the caller
 */
export function encodePackage(message: TrustPackage): Uint8Array {
  const { version = VERSION.value, alt = ALT.value, kind, event } = message
  const type = TRUST_PACKAGE_TYPES[kind] as number | undefined
  if (type === undefined) throw new InvalidValueError('kind', 'is no kind of package')
  const bodyText = jsonText(message.body)
  const tag = packageTag({ version, alt, type, event, bodyText })
  return joined([
    ...textField(VERSION.field, version),
    ...textField(ALT.field, alt),
    Uint8Array.from(varintField(TYPE_FIELD, type)),
    ...textField(EVENT_FIELD, event),
    ...textField(BODY_FIELD, bodyText),
    ...textField(TAG_FIELD, tag),
  ])
}

/**
 * Reads a package from the network. Unknown fields are skipped, of repeated ones the last counts. O(size).
 *
 * @throws {MalformedMessageError} no package, a field missing, a body that is no JSON or nests over 100 levels, a wrong tag
 */
export function decodePackage(bytes: Uint8Array): ReadTrustPackage {
  if (bytes.length > PACKAGE_BYTES_MAX) {
    throw new MalformedMessageError(`the package has ${bytes.length} bytes, over ${PACKAGE_BYTES_MAX}`)
  }
  const fields = knownFields(bytes)
  const type = fields.get(TYPE_FIELD) ?? TRUST_PACKAGE_TYPES.system
  const kind = typeof type === 'number' ? KINDS.get(type) : undefined
  if (typeof type !== 'number' || kind === undefined) throw new MalformedMessageError('the package is of no known type')
  // The first three are optional in proto2, and then empty.
  const version = fields.has(VERSION.field) ? textOf(fields, VERSION.field) : ''
  const alt = fields.has(ALT.field) ? textOf(fields, ALT.field) : ''
  const event = textOf(fields, EVENT_FIELD)
  const bodyText = textOf(fields, BODY_FIELD)
  const tag = textOf(fields, TAG_FIELD)
  if (tag !== packageTag({ version, alt, type, event, bodyText })) {
    throw new MalformedMessageError('the tag of the package belongs to another one')
  }
  return Object.freeze({ version, alt, kind, event, body: parsedBody(bodyText), tag })
}

function knownFields(bytes: Uint8Array): ReadonlyMap<number, number | Uint8Array> {
  const fields = new Map<number, number | Uint8Array>()
  for (const { number, value } of protobufFields(bytes)) if (number <= TAG_FIELD) fields.set(number, value)
  return fields
}

function textOf(fields: ReadonlyMap<number, number | Uint8Array>, number: number): string {
  const value = fields.get(number)
  if (!(value instanceof Uint8Array)) throw new MalformedMessageError(`the package lacks its field ${number}`)
  try {
    return decoder.decode(value)
  } catch (cause) {
    throw withCause(new MalformedMessageError(`field ${number} of the package is no text`), cause)
  }
}

function parsedBody(text: string): JsonValue {
  let body: JsonValue
  try {
    body = JSON.parse(text) as JsonValue
  } catch (cause) {
    throw withCause(new MalformedMessageError('the body of the package is no JSON'), cause)
  }
  if (isShallow(body, MESSAGE_DEPTH_MAX)) return body
  throw new MalformedMessageError(`the body of the package is nested over ${MESSAGE_DEPTH_MAX} levels`)
}

function jsonText(body: JsonValue): string {
  if (!isShallow(body, MESSAGE_DEPTH_MAX)) {
    throw new InvalidValueError('body', `is nested over ${MESSAGE_DEPTH_MAX} levels`)
  }
  let text: string | undefined
  try {
    text = JSON.stringify(body)
  } catch (cause) {
    throw withCause(new InvalidValueError('body', 'cannot be said in JSON'), cause)
  }
  if (text === undefined) throw new InvalidValueError('body', 'cannot be said in JSON')
  return text
}

function textField(number: number, text: string): readonly [Uint8Array, Uint8Array] {
  if (typeof text !== 'string' || stringBytes(text) < 0) throw new InvalidValueError(`field ${number}`, 'is no text')
  const bytes = encoder.encode(text)
  return [Uint8Array.from(bytesFieldHead(number, bytes.length)), bytes]
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  if (length > PACKAGE_BYTES_MAX) throw new InvalidValueError('body', `makes a package over ${PACKAGE_BYTES_MAX} bytes`)
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

function withCause<E extends Error>(error: E, cause: unknown): E {
  error.cause = cause
  return error
}
