/**
 * The frames of a session: eight bytes of header, then the payload. Everything two nodes say to each other after their
 * hellos is one of the kinds below; `docs/PROTOCOL.md` has their bytes.
 */

import { isPlainObject, TransportError } from '../../core/index.ts'

/** What a frame says, by name. */
export interface Kinds {
  /** A frame of the user's. Channel 0. */
  readonly frame: 1
  /** Opens a channel: credit for the other side, then the header as JSON. */
  readonly open: 2
  /** Takes a channel: credit for the opener. */
  readonly accepted: 3
  /** Does not take a channel: why. */
  readonly refused: 4
  /** Bytes of a channel. */
  readonly data: 5
  /** No more bytes of a channel this way. */
  readonly end: 6
  /** No more bytes of a channel either way: why. */
  readonly reset: 7
  /** More credit for the other side. */
  readonly credit: 8
  /** Are you there? Channel 0. */
  readonly ping: 9
  /** I am; the payload of the ping. Channel 0. */
  readonly pong: 10
  /** The session ends: why, or nothing. Channel 0. */
  readonly goodbye: 11
}

/** The number of each kind on the wire. */
export const KIND: Kinds = Object.freeze({
  frame: 1,
  open: 2,
  accepted: 3,
  refused: 4,
  data: 5,
  end: 6,
  reset: 7,
  credit: 8,
  ping: 9,
  pong: 10,
  goodbye: 11,
})

/** One of {@link KIND}. */
export type Kind = Kinds[keyof Kinds]

/** Bytes of a frame before its payload. */
export const HEADER_BYTES = 8
/** Longest payload that a header can say. */
export const FRAME_LENGTH_MAX: number = 2 ** 24 - 1
/** Most bytes of a channel in one frame, so that nobody waits long for his turn. */
export const DATA_BYTES_MAX = 65_536
/** Longest header of a channel, as JSON. */
export const CHANNEL_HEADER_BYTES_MAX = 16_384
/** Highest number of a channel. */
export const CHANNEL_ID_MAX: number = 2 ** 32 - 1
/** Most credit that a side may have. */
export const CREDIT_MAX: number = 2 ** 31 - 1

const REASON_BYTES_MAX = 2_048
const REASON_UNITS_MAX = 200
const CREDIT_BYTES = 4
const PING_BYTES = 8

/** Why something was refused, reset or ended. */
export interface Reason {
  readonly code: string
  readonly message: string
}

/** A frame's header, read. */
export interface FrameHead {
  readonly kind: Kind
  readonly channel: number
  /** Bytes of the payload. */
  readonly length: number
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** The header of a frame. */
export function encodeHead(kind: Kind, channel: number, length: number): Uint8Array {
  const head = new Uint8Array(HEADER_BYTES)
  writeHead(head, kind, channel, length)
  return head
}

/** A whole frame in one piece; the payload is copied. */
export function encodeFrame(kind: Kind, channel: number, ...payload: readonly Uint8Array[]): Uint8Array {
  const length = payload.reduce((bytes, part) => bytes + part.length, 0)
  const frame = new Uint8Array(HEADER_BYTES + length)
  writeHead(frame, kind, channel, length)
  let at = HEADER_BYTES
  for (const part of payload) {
    frame.set(part, at)
    at += part.length
  }
  return frame
}

/** Credit as a payload, or the part of one. */
export function encodeCredit(credit: number): Uint8Array {
  const bytes = new Uint8Array(CREDIT_BYTES)
  new DataView(bytes.buffer).setUint32(0, credit)
  return bytes
}

/** The credit at the beginning of a payload. */
export function readCredit(payload: Uint8Array): number {
  return new DataView(payload.buffer, payload.byteOffset, payload.length).getUint32(0)
}

/** What follows the credit in the payload of `open`. */
export function afterCredit(payload: Uint8Array): Uint8Array {
  return payload.subarray(CREDIT_BYTES)
}

/** A reason as a payload. */
export function encodeReason({ code, message }: Reason): Uint8Array {
  return encoder.encode(JSON.stringify({ code, message: message.slice(0, REASON_UNITS_MAX) }))
}

/**
 * The reason of a payload. What the other side says is shown to people and matched by callers, so it is cut to size.
 *
 * @param otherwise - the code, where the one that came is none
 * @throws {TransportError} `GOSSIP_SESSION_MALFORMED`: it is no JSON object
 */
export function parseReason(payload: Uint8Array, otherwise: string): Reason {
  const value = parseJson(payload, 'a reason')
  if (!isPlainObject(value)) throw malformed('a reason is no object')
  const { code, message } = value
  return {
    code: isCode(code) ? code : otherwise,
    message: typeof message === 'string' ? message.slice(0, REASON_UNITS_MAX) : '',
  }
}

/**
 * JSON of a payload.
 *
 * @throws {TransportError} `GOSSIP_SESSION_MALFORMED`: it is none
 */
export function parseJson(payload: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(decoder.decode(payload))
  } catch (cause) {
    throw malformed(`${what} is no JSON`, cause)
  }
}

/** Whether a text can be a code: a noun and a problem in capitals, at most 64 characters. */
export function isCode(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 64 && /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(value)
}

/**
 * Reads a header and checks everything that can be checked without knowing the session.
 *
 * @param bytes - at least eight
 * @param frameBytesMax - longest frame that this side takes
 * @throws {TransportError} `GOSSIP_SESSION_MALFORMED`
 */
export function parseHead(bytes: Uint8Array, at: number, frameBytesMax: number): FrameHead {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, HEADER_BYTES)
  const head = {
    kind: view.getUint8(0) as Kind,
    length: view.getUint32(0) & FRAME_LENGTH_MAX,
    channel: view.getUint32(4),
  }
  const [min, max] = lengthsOf(head.kind, frameBytesMax)
  if (head.length < min || head.length > max) {
    throw malformed(`a frame of kind ${head.kind} has ${head.length} bytes, ${min} to ${max} are right`)
  }
  if ((head.channel === 0) !== isAboutSession(head.kind)) {
    throw malformed(`a frame of kind ${head.kind} names channel ${head.channel}`)
  }
  return head
}

/** What a peer that breaks the rules of sessions is told, and its users. */
export function malformed(problem: string, cause?: unknown): TransportError {
  return new TransportError('GOSSIP_SESSION_MALFORMED', `the session broke the protocol: ${problem}`, {
    direction: 'inbound',
    cause,
  })
}

function isAboutSession(kind: Kind): boolean {
  return kind === KIND.frame || kind === KIND.ping || kind === KIND.pong || kind === KIND.goodbye
}

function lengthsOf(kind: Kind, frameBytesMax: number): readonly [min: number, max: number] {
  switch (kind) {
    case KIND.frame:
      return [0, frameBytesMax]
    case KIND.open:
      return [CREDIT_BYTES + 1, CREDIT_BYTES + CHANNEL_HEADER_BYTES_MAX]
    case KIND.accepted:
    case KIND.credit:
      return [CREDIT_BYTES, CREDIT_BYTES]
    case KIND.data:
      return [1, DATA_BYTES_MAX]
    case KIND.end:
      return [0, 0]
    case KIND.ping:
    case KIND.pong:
      return [PING_BYTES, PING_BYTES]
    case KIND.refused:
    case KIND.reset:
      return [2, REASON_BYTES_MAX]
    case KIND.goodbye:
      return [0, REASON_BYTES_MAX]
    default:
      throw malformed(`there is no frame of kind ${String(kind)}`)
  }
}

function writeHead(bytes: Uint8Array, kind: Kind, channel: number, length: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES)
  view.setUint32(0, length)
  view.setUint8(0, kind)
  view.setUint32(4, channel)
}
