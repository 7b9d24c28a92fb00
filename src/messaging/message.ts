/**
 * Messages as frames of a session and as datagrams. The first byte tells them from frames of others, the second says
 * what kind it is. Numbers are unsigned, most significant byte first.
 */

import { isName } from '../core/index.ts'
import { CODE_UNITS_MAX, isCode } from './errors.ts'
import { decodePayload, type Payload } from './payload.ts'

/** Whose name it is: a handler's, a service's port, or the library's own. */
export type Space = 'handler' | 'service' | 'library'

/** Where a message goes to. */
export interface Target {
  readonly space: Space
  readonly name: string
}

/** A message that was read. */
export type Message =
  | { readonly kind: 'request'; readonly id: number; readonly target: Target; readonly payload: Payload }
  | { readonly kind: 'result'; readonly id: number; readonly payload: Payload }
  | { readonly kind: 'failure'; readonly id: number; readonly code: string; readonly message: string }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'send'; readonly target: Target; readonly payload: Payload }

/** The first byte of every message. */
export const MARK = 0x6d
/** Longest message of a failure, bytes. */
export const FAILURE_BYTES_MAX = 1_024
/** Requests that one session can have. */
export const REQUEST_ID_MAX: number = 2 ** 48 - 1

const KINDS = ['request', 'result', 'failure', 'cancel', 'send'] as const
const SPACES: readonly Space[] = ['handler', 'service', 'library']
const HEAD_BYTES = 2
const ID_BYTES = 6

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })
const lenientDecoder = new TextDecoder('utf-8')

/** @param body - a payload as `encodePayload` writes it */
export function encodeRequest(id: number, target: Target, body: Uint8Array): Uint8Array {
  return joined([head('request'), idBytes(id), targetBytes(target), body])
}

/** @param body - a payload as `encodePayload` writes it */
export function encodeResult(id: number, body: Uint8Array): Uint8Array {
  return joined([head('result'), idBytes(id), body])
}

/** What exceeds {@link FAILURE_BYTES_MAX} of the text is cut. */
export function encodeFailure(id: number, code: string, text: string): Uint8Array {
  const codeBytes = encoder.encode(code)
  const textBytes = encoder.encode(text).subarray(0, FAILURE_BYTES_MAX)
  return joined([head('failure'), idBytes(id), Uint8Array.of(codeBytes.length), codeBytes, textBytes])
}

/** The caller has lost interest. */
export function encodeCancel(id: number): Uint8Array {
  return joined([head('cancel'), idBytes(id)])
}

/** @param body - a payload as `encodePayload` writes it */
export function encodeSend(target: Target, body: Uint8Array): Uint8Array {
  return joined([head('send'), targetBytes(target), body])
}

/** Whether a frame or datagram is a message; others may share the session. */
export function isMessage(frame: Uint8Array): boolean {
  return frame[0] === MARK
}

/**
 * Reads a message.
 *
 * @param frame - the caller's to give away: a payload of bytes is a part of it
 * @returns undefined when it is none
 */
export function decodeMessage(frame: Uint8Array): Message | undefined {
  const kind = KINDS[(frame[1] ?? 0) - 1]
  if (!isMessage(frame) || kind === undefined) return undefined
  if (kind === 'send') return decodeAddressed(frame, HEAD_BYTES, (target, payload) => ({ kind, target, payload }))
  const start = HEAD_BYTES + ID_BYTES
  if (frame.length < start) return undefined
  const id = idOf(frame)
  switch (kind) {
    case 'request':
      return decodeAddressed(frame, start, (target, payload) => ({ kind, id, target, payload }))
    case 'result': {
      const read = decodePayload(frame.subarray(start))
      return read && { kind, id, payload: read.payload }
    }
    case 'failure':
      return decodeFailure(frame.subarray(start), id)
    case 'cancel':
      return frame.length === start ? { kind, id } : undefined
  }
}

/** A name, and what stands behind it. */
function decodeAddressed(
  frame: Uint8Array,
  start: number,
  make: (target: Target, payload: Payload) => Message,
): Message | undefined {
  const space = SPACES[frame[start] ?? SPACES.length]
  const nameStart = start + 3
  const nameEnd = nameStart + (frame[start + 1] ?? 0) * 256 + (frame[start + 2] ?? 0)
  if (space === undefined || nameEnd >= frame.length) return undefined
  const name = textOf(frame.subarray(nameStart, nameEnd))
  const read = decodePayload(frame.subarray(nameEnd))
  return isName(name) && read !== undefined ? make({ space, name }, read.payload) : undefined
}

function decodeFailure(bytes: Uint8Array, id: number): Message | undefined {
  const codeBytes = bytes[0] ?? 0
  const end = 1 + codeBytes
  if (codeBytes > CODE_UNITS_MAX || end > bytes.length || bytes.length > end + FAILURE_BYTES_MAX) return undefined
  const code = textOf(bytes.subarray(1, end))
  if (!isCode(code)) return undefined
  // The text may have been cut within a character.
  return { kind: 'failure', id, code, message: lenientDecoder.decode(bytes.subarray(end)) }
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

function head(kind: (typeof KINDS)[number]): Uint8Array {
  return Uint8Array.of(MARK, KINDS.indexOf(kind) + 1)
}

function idBytes(id: number): Uint8Array {
  const bytes = new Uint8Array(ID_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, Math.floor(id / 2 ** 32))
  view.setUint32(2, id % 2 ** 32)
  return bytes
}

function idOf(frame: Uint8Array): number {
  const view = new DataView(frame.buffer, frame.byteOffset + HEAD_BYTES, ID_BYTES)
  return view.getUint16(0) * 2 ** 32 + view.getUint32(2)
}

function targetBytes({ space, name }: Target): Uint8Array {
  const text = encoder.encode(name)
  return joined([Uint8Array.of(SPACES.indexOf(space), text.length >> 8, text.length & 0xff), text])
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
