/**
 * The first line of a session, one each way: who speaks, what its hello is, how long a frame it takes. The dialler may
 * name whom it expects; the other side's line may say why it refuses.
 */

import { type Hello, isPlainObject, MalformedMessageError, type SenderRef } from '../../core/index.ts'
import {
  encodeHello,
  encodeSender,
  HELLO_BYTES_MAX,
  isPeerId,
  LINE_END,
  parseHello,
  parseSender,
  SENDER_BYTES_MAX,
} from '../wire/index.ts'
import { FRAME_LENGTH_MAX, isCode, type Reason } from './frame.ts'

/** What a first line says. */
export interface Greeting {
  readonly sender: SenderRef
  readonly hello: Hello
  /** Longest frame that its sender takes. */
  readonly frameBytesMax: number
  /** Whom a dialler expects. */
  readonly expected: string | undefined
  /** Why there will be no session. */
  readonly refused: Reason | undefined
}

/** How every session begins: a listener that takes other things too knows it by these bytes. */
export const GREETING_START = '{"session":1,"sender":{"id":'

const MESSAGE_UNITS_MAX = 200

/** Longest first line, its end included. */
export const GREETING_BYTES_MAX: number = SENDER_BYTES_MAX + HELLO_BYTES_MAX + 4_096

/**
 * The first line of a session.
 *
 * @throws {InvalidOptionError | InvalidValueError} a hello or sender that no peer could read: a mistake of the caller
 */
export function encodeGreeting(greeting: Greeting): Uint8Array {
  const { sender, hello, frameBytesMax, expected, refused } = greeting
  const to = expected === undefined ? '' : `,"to":${JSON.stringify(expected)}`
  const why = refused === undefined ? '' : `,"refused":${encodeRefusal(refused)}`
  const head = `{"session":1,"sender":${encodeSender(sender)},"hello":${encodeHello(hello)}`
  return new TextEncoder().encode(`${head},"frameBytesMax":${frameBytesMax}${to}${why}}${LINE_END}`)
}

/**
 * Reads a first line, without its end.
 *
 * @throws {MalformedMessageError} it is none
 */
export function parseGreeting(line: Uint8Array): Greeting {
  const value = parsed(line)
  if (!isPlainObject(value) || value['session'] !== 1) throw new MalformedMessageError('it begins no session')
  const sender = parseSender(value['sender'])
  const hello = parseHello(value['hello'])
  if (hello.id !== sender.id) throw new MalformedMessageError('its hello has another id than its sender', sender)
  const { frameBytesMax, to, refused } = value
  if (to !== undefined && !isPeerId(to)) throw new MalformedMessageError('it expects somebody without a name', sender)
  return {
    sender,
    hello,
    frameBytesMax: parseFrameBytesMax(frameBytesMax, sender),
    expected: to,
    refused: refused === undefined ? undefined : parseRefusal(refused),
  }
}

function parsed(line: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line))
  } catch (cause) {
    throw Object.assign(new MalformedMessageError('the first line of a session is no JSON'), { cause })
  }
}

function encodeRefusal({ code, message }: Reason): string {
  return JSON.stringify({ code, message: message.slice(0, MESSAGE_UNITS_MAX) })
}

function parseRefusal(value: unknown): Reason {
  const { code, message } = Object(value) as { code?: unknown; message?: unknown }
  return {
    code: isCode(code) ? code : 'GOSSIP_SESSION_REFUSED',
    message: typeof message === 'string' ? message.slice(0, MESSAGE_UNITS_MAX) : '',
  }
}

function parseFrameBytesMax(value: unknown, sender: SenderRef): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= FRAME_LENGTH_MAX) return value
  throw new MalformedMessageError(`frameBytesMax is no integer in [1, ${FRAME_LENGTH_MAX}]`, sender)
}
