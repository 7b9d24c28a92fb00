/**
 * What travels inside a message of the library between two forwarders: the key and the name beside the payload, and an
 * answer that is a refusal or not. A refusal is no failure, so that no handler's failure can be taken for one.
 */

import { isName } from '../../core/index.ts'

/** A key, as rings take them. */
export type Key = string | Uint8Array

/** What is asked of an owner. */
export interface Question {
  readonly key: Key
  readonly name: string
  /** Any of the replicas may answer, not only the first. */
  readonly isForAny: boolean
  /** As the messenger's area encodes it. */
  readonly body: Uint8Array
}

/** What comes back, when nothing failed. */
export type Reply =
  | { readonly kind: 'done'; readonly body: Uint8Array }
  /** The one who was asked does not own the key; `owner` does, as it sees the ring. */
  | { readonly kind: 'refused'; readonly owner: string | undefined }

const FOR_ANY = 1
const KEY_OF_BYTES = 2
const HEAD_BYTES = 7
const DONE = 0
const REFUSED = 1

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Writes a question: flags (1), length of the name (2), of the key (4), the name, the key, the payload. */
export function encodeQuestion({ key, name, isForAny, body }: Question): Uint8Array {
  const nameBytes = encoder.encode(name)
  const keyBytes = typeof key === 'string' ? encoder.encode(key) : key
  const bytes = new Uint8Array(HEAD_BYTES + nameBytes.length + keyBytes.length + body.length)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, (isForAny ? FOR_ANY : 0) | (typeof key === 'string' ? 0 : KEY_OF_BYTES))
  view.setUint16(1, nameBytes.length)
  view.setUint32(3, keyBytes.length)
  bytes.set(nameBytes, HEAD_BYTES)
  bytes.set(keyBytes, HEAD_BYTES + nameBytes.length)
  bytes.set(body, HEAD_BYTES + nameBytes.length + keyBytes.length)
  return bytes
}

/**
 * Reads a question.
 *
 * @param bytes - the caller's to give away: a key of bytes and the body are parts of them
 * @returns undefined when it is none
 */
export function decodeQuestion(bytes: unknown): Question | undefined {
  if (!(bytes instanceof Uint8Array) || bytes.length < HEAD_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const flags = view.getUint8(0)
  const keyStart = HEAD_BYTES + view.getUint16(1)
  const keyEnd = keyStart + view.getUint32(3)
  if (flags > (FOR_ANY | KEY_OF_BYTES) || keyEnd > bytes.length) return undefined
  const name = textOf(bytes.subarray(HEAD_BYTES, keyStart))
  const keyBytes = bytes.subarray(keyStart, keyEnd)
  const key = (flags & KEY_OF_BYTES) === 0 ? textOf(keyBytes) : keyBytes
  if (!isName(name) || key === undefined) return undefined
  return { key, name, isForAny: (flags & FOR_ANY) !== 0, body: bytes.subarray(keyEnd) }
}

/** Writes a reply: its kind (1), then the payload, or the owner's id in UTF-8. */
export function encodeReply(reply: Reply): Uint8Array {
  const rest = reply.kind === 'done' ? reply.body : encoder.encode(reply.owner ?? '')
  const bytes = new Uint8Array(1 + rest.length)
  bytes[0] = reply.kind === 'done' ? DONE : REFUSED
  bytes.set(rest, 1)
  return bytes
}

/** Reads a reply; undefined when it is none. */
export function decodeReply(bytes: unknown): Reply | undefined {
  if (!(bytes instanceof Uint8Array)) return undefined
  const rest = bytes.subarray(1)
  if (bytes[0] === DONE) return { kind: 'done', body: rest }
  if (bytes[0] !== REFUSED) return undefined
  if (rest.length === 0) return { kind: 'refused', owner: undefined }
  const owner = textOf(rest)
  return isName(owner) ? { kind: 'refused', owner } : undefined
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}
