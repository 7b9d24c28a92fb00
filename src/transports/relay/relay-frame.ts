/**
 * What a relay and its client say to each other on the channel of a registration. A relay reads whom a message is for
 * and nothing else of it; `docs/PROTOCOL.md` has the bytes.
 */

import { isPlainObject, TransportError } from '../../core/index.ts'
import { isPeerId, isShallow } from '../wire/index.ts'

/** A client as the list of clients shows it. */
export interface RelayClientFacts {
  readonly id: string
  readonly generation: number
  /** How long it has been registered, ms. */
  readonly ageMs: number
}

/** Everything that is said. `peer` is the other end's id; the empty text is the relay's own node. */
export type RelayFrame =
  | {
      /** The registration is accepted; the first word of a relay. */
      readonly kind: 'welcome'
      /** Whether the relay's own node takes messages. */
      readonly hasNode: boolean
      /** Largest message, bytes. */
      readonly messageBytesMax: number
    }
  /** It is not, and the channel ends. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | RelayMessage
  /** A message to this peer went nowhere. */
  | { readonly kind: 'undelivered'; readonly peer: string; readonly code: string }
  /** Somebody this client was in contact with is not registered any more. */
  | { readonly kind: 'gone'; readonly peer: string }
  /** The client has a new generation. */
  | { readonly kind: 'generation'; readonly generation: number }
  /** Asks for the clients whose id follows `after`, in the order of code units. */
  | { readonly kind: 'list'; readonly number: number; readonly after: string }
  | RelayList

/** A message for, or of, a peer. */
export interface RelayMessage {
  readonly kind: 'message'
  readonly peer: string
  /** For the other end; a relay passes them on as they are. */
  readonly flags: number
  /** Not 0: takes the place of a message that still waits with the same slot and both ends. */
  readonly slot: number
  readonly bytes: Uint8Array
}

/** A part of the list of clients. */
export interface RelayList {
  readonly kind: 'clients'
  readonly number: number
  /** Why there is none. */
  readonly refused?: string | undefined
  readonly clients: readonly RelayClientFacts[]
  readonly isLast: boolean
}

/** The other end shall answer with its hello. */
export const ASKS_HELLO = 1

/** Clients in one part of a list. */
export const LISTED_MAX = 128

/** Bytes before the body of a frame: its length. */
export const LENGTH_BYTES = 4

/** Most bytes that the frame of a message takes beyond the message: length, kind, the peer's id, flags and slot. */
export const FRAME_OVERHEAD_BYTES_MAX: number = LENGTH_BYTES + 1 + 2 + 3 * 256 + 1 + 4

/** Longest body of a frame without a message: a list of clients with the longest ids. */
export const PLAIN_FRAME_BYTES_MAX = 262_144

const KINDS = ['welcome', 'refused', 'message', 'undelivered', 'gone', 'generation', 'list', 'clients'] as const

const CODE = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/
const CODE_UNITS_MAX = 64
const TEXT_UNITS_MAX = 200
const JSON_DEPTH_MAX = 4
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** A frame as bytes, its length in front. What it carries is copied. */
export function encodeRelayFrame(frame: RelayFrame): Uint8Array {
  if (frame.kind !== 'message') {
    const { kind, ...fields } = frame
    return framed(kind, encoder.encode(JSON.stringify(fields)))
  }
  const id = encoder.encode(frame.peer)
  const head = new Uint8Array(2 + id.length + 5)
  const view = new DataView(head.buffer)
  view.setUint16(0, id.length)
  head.set(id, 2)
  view.setUint8(2 + id.length, frame.flags)
  view.setUint32(3 + id.length, frame.slot)
  return framed('message', head, frame.bytes)
}

/**
 * Reads the body of a frame. A message's bytes are a view of it.
 *
 * @throws {TransportError} `GOSSIP_RELAY_MALFORMED`: it is none
 */
export function parseRelayFrame(body: Uint8Array): RelayFrame {
  const kind = KINDS[(body[0] ?? 0) - 1]
  if (kind === undefined) throw relayMalformed(`there is no frame of kind ${String(body[0])}`)
  const rest = body.subarray(1)
  if (kind === 'message') return parseMessage(rest)
  const fields = parseFields(rest)
  switch (kind) {
    case 'welcome':
      return { kind, hasNode: fields['hasNode'] === true, messageBytesMax: count(fields, 'messageBytesMax') }
    case 'refused':
      return { kind, code: code(fields['code']), message: text(fields['message']) }
    case 'undelivered':
      return { kind, peer: peerOf(fields['peer']), code: code(fields['code']) }
    case 'gone':
      return { kind, peer: peerOf(fields['peer']) }
    case 'generation':
      return { kind, generation: count(fields, 'generation') }
    case 'list':
      return { kind, number: count(fields, 'number'), after: peerOf(fields['after']) }
    case 'clients':
      return parseList(fields)
  }
}

/** What breaks the rules of a relay's channel. */
export function relayMalformed(problem: string, cause?: unknown): TransportError {
  const message = `the other side of the relay's channel broke the protocol: ${problem}`
  return new TransportError('GOSSIP_RELAY_MALFORMED', message, { direction: 'inbound', cause })
}

/** The code of an error, in the form that travels. */
export function codeOf(error: unknown, otherwise: string): string {
  const { code: own } = Object(error) as { code?: unknown }
  return isCode(own) ? own : otherwise
}

function isCode(value: unknown): value is string {
  return typeof value === 'string' && value.length <= CODE_UNITS_MAX && CODE.test(value)
}

function framed(kind: (typeof KINDS)[number], ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((bytes, part) => bytes + part.length, 1)
  const frame = new Uint8Array(LENGTH_BYTES + length)
  new DataView(frame.buffer).setUint32(0, length)
  frame[LENGTH_BYTES] = KINDS.indexOf(kind) + 1
  let at = LENGTH_BYTES + 1
  for (const part of parts) {
    frame.set(part, at)
    at += part.length
  }
  return frame
}

function parseMessage(rest: Uint8Array): RelayMessage {
  const view = new DataView(rest.buffer, rest.byteOffset, rest.length)
  const idBytes = rest.length >= 2 ? view.getUint16(0) : rest.length
  if (rest.length < 2 + idBytes + 5) throw relayMalformed('a message is too short')
  const peer = peerOf(decoded(rest.subarray(2, 2 + idBytes)))
  const [flags, slot] = [view.getUint8(2 + idBytes), view.getUint32(3 + idBytes)]
  return { kind: 'message', peer, flags, slot, bytes: rest.subarray(7 + idBytes) }
}

function parseFields(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(decoded(bytes))
  } catch (cause) {
    throw relayMalformed('a frame is no JSON', cause)
  }
  if (isPlainObject(value) && isShallow(value, JSON_DEPTH_MAX)) return value
  throw relayMalformed('a frame is no flat object')
}

function parseList(fields: Record<string, unknown>): RelayList {
  const { clients, refused } = fields
  if (!Array.isArray(clients) || clients.length > LISTED_MAX) throw relayMalformed('a list of clients is none')
  return {
    kind: 'clients',
    number: count(fields, 'number'),
    refused: refused === undefined ? undefined : code(refused),
    isLast: fields['isLast'] === true,
    clients: clients.map((client: unknown) => {
      if (!isPlainObject(client) || !isPeerId(client['id'])) throw relayMalformed('a client of a list has no id')
      return Object.freeze({
        id: client['id'],
        generation: count(client, 'generation'),
        ageMs: count(client, 'ageMs'),
      })
    }),
  }
}

function decoded(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw relayMalformed('a text is no UTF-8', cause)
  }
}

function peerOf(value: unknown): string {
  if (value === '' || isPeerId(value)) return value
  throw relayMalformed('a peer has no id')
}

function count(fields: Record<string, unknown>, name: string): number {
  const value = fields[name]
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw relayMalformed(`${name} is no integer in [0, 2^53)`)
}

function code(value: unknown): string {
  if (isCode(value)) return value
  throw relayMalformed('a code is none')
}

/** Shown to people, so it is cut to size. */
function text(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, TEXT_UNITS_MAX) : ''
}
