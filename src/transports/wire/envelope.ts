/**
 * The envelope of a message: `{"digest"|"deltas": …, "sender": {id, transport}, "hello"?: {…}}`, one line of JSON.
 * Without the hello it is byte for byte what the first generation wrote, which ignores the hello where it is there.
 */

import {
  type Hello,
  InvalidValueError,
  isPlainObject,
  type JsonValue,
  MalformedMessageError,
  type SenderRef,
} from '../../core/index.ts'
import { isShallow, MESSAGE_DEPTH_MAX } from './depth.ts'
import { HELLO_BYTES_MAX, parseHello } from './hello.ts'
import { encodeSender, parseSender, SENDER_BYTES_MAX } from './sender.ts'

/** The two messages of the gossip. */
export type MessageKind = 'digest' | 'deltas'

/** A message that was read. */
export type Envelope =
  | {
      readonly kind: MessageKind
      readonly payload: JsonValue
      readonly sender: SenderRef
      readonly hello: Hello | undefined
    }
  | { readonly kind: 'hello'; readonly sender: SenderRef; readonly hello: Hello }
  | { readonly kind: 'rpc'; readonly payload: JsonValue; readonly sender: SenderRef | undefined }

/** What ends a line. */
export const LINE_END = '\r\n'

/** Most bytes that a message takes beyond its payload. */
export const ENVELOPE_BYTES_MAX: number =
  '{"digest":,"sender":,"hello":}'.length + SENDER_BYTES_MAX + HELLO_BYTES_MAX + LINE_END.length

/**
 * Reads a parsed line. Deltas win if a message has both; what has neither is an rpc payload.
 *
 * @param value - any parsed JSON
 * @param known - the sender of the message before on the same connection, see {@link parseSender}
 * @throws {MalformedMessageError} null, nesting over 100 levels, gossip without a readable sender, an unreadable hello
 */
export function parseEnvelope(value: unknown, known?: SenderRef): Envelope {
  if (value === null || value === undefined) throw new MalformedMessageError('it is null')
  if (!isShallow(value, MESSAGE_DEPTH_MAX)) {
    throw new MalformedMessageError(`it is nested over ${MESSAGE_DEPTH_MAX} levels`)
  }
  if (!isPlainObject(value)) return { kind: 'rpc', payload: value as JsonValue, sender: undefined }
  if (Object.hasOwn(value, 'deltas')) return gossip('deltas', value, known)
  if (Object.hasOwn(value, 'digest')) return gossip('digest', value, known)
  return isHelloLine(value) ? helloLine(value) : { kind: 'rpc', payload: value as JsonValue, sender: senderOf(value) }
}

/**
 * A message as JSON text up to, and without, its closing brace: {@link messageLine} closes it when it is known
 * whether a hello goes with it.
 *
 * @throws {InvalidValueError} a payload or local peer that JSON cannot say: a mistake of the caller
 */
export function encodeMessage(kind: MessageKind, payload: JsonValue, sender: SenderRef): string {
  return `{"${kind}":${encodePayload(payload)},"sender":${encodeSender(sender)}`
}

/**
 * The line of a message.
 *
 * @param open - from {@link encodeMessage}
 * @param hello - from `encodeHello`, where the message introduces its sender
 */
export function messageLine(open: string, hello?: string): string {
  return hello === undefined ? `${open}}${LINE_END}` : `${open},"hello":${hello}}${LINE_END}`
}

/** The line that answers a hello: a message without payload. */
export function helloAnswerLine(sender: SenderRef, hello: string): string {
  return `{"sender":${encodeSender(sender)},"hello":${hello}}${LINE_END}`
}

/**
 * The line of an rpc payload: a string as it is, anything else as JSON.
 *
 * @throws {InvalidValueError} a payload that JSON cannot say
 */
export function rpcLine(payload: JsonValue): string {
  return `${typeof payload === 'string' ? payload : encodePayload(payload)}${LINE_END}`
}

function gossip(kind: MessageKind, value: Record<string, unknown>, known: SenderRef | undefined): Envelope {
  const sender = parseSender(value['sender'], known)
  const hello = value['hello'] === undefined ? undefined : helloOf(value['hello'], sender)
  return { kind, payload: value[kind] as JsonValue, sender, hello }
}

/** An rpc payload may well have a field `hello`; only this exact form is ours. */
function isHelloLine(value: Record<string, unknown>): boolean {
  const { sender, hello } = value
  return isPlainObject(sender) && isPlainObject(hello) && Object.hasOwn(hello, 'protocolVersion')
}

function helloLine(value: Record<string, unknown>): Envelope {
  const sender = parseSender(value['sender'])
  return { kind: 'hello', sender, hello: helloOf(value['hello'], sender) }
}

function helloOf(value: unknown, sender: SenderRef): Hello {
  const hello = parseHello(value)
  if (hello.id !== sender.id) throw new MalformedMessageError('its hello has another id than its sender', sender)
  return hello
}

function senderOf(value: Record<string, unknown>): SenderRef | undefined {
  if (!isPlainObject(value['sender'])) return undefined
  try {
    return parseSender(value['sender'])
  } catch {
    return undefined // A payload of the embedder's may have a field of that name and any shape.
  }
}

function encodePayload(payload: JsonValue): string {
  let text: string | undefined
  try {
    text = JSON.stringify(payload)
  } catch (cause) {
    const error = new InvalidValueError('$', 'cannot be said in JSON')
    error.cause = cause
    throw error
  }
  if (text === undefined) throw new InvalidValueError('$', 'cannot be said in JSON')
  return text
}
