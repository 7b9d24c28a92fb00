/**
 * Who speaks, said once per connection instead of in every packet: the id and address that the caller gives, and the
 * hello where there is one, as JSON text.
 */

import { type Hello, MalformedMessageError, type SenderRef } from '../../core/index.ts'
import {
  encodeSender,
  HELLO_BYTES_MAX,
  isShallow,
  MESSAGE_DEPTH_MAX,
  parseHello,
  parseSender,
  SENDER_BYTES_MAX,
} from '../wire/index.ts'

/** What is said of a sender. The same text is the same object. */
export interface Introduction {
  /** Tells it from all others of the transport. */
  readonly number: number
  readonly sender: SenderRef
  readonly bytes: Buffer
}

/** What was read. */
export interface ReadIntroduction {
  readonly sender: SenderRef
  readonly hello: Hello | undefined
}

/** Longest text of an introduction, bytes. */
export const INTRODUCTION_BYTES_MAX: number = '{"sender":,"hello":}'.length + SENDER_BYTES_MAX + HELLO_BYTES_MAX

const INTRODUCTIONS_MAX = 64
const decoder = new TextDecoder('utf-8', { fatal: true })

/** The introductions that a transport has made, the latest 64 of them. */
export class Introductions {
  readonly #made = new Map<string, Introduction>()
  #count = 0

  /**
   * The introduction of a sender. O(its size).
   *
   * @param hello - what the node says of itself: it is said of nobody else
   * @throws {InvalidValueError} a sender that the other side would refuse
   */
  of(sender: SenderRef, hello: { readonly id: string; readonly text: string } | undefined): Introduction {
    const senderText = encodeSender(sender)
    const text = `{"sender":${senderText}${hello?.id === sender.id ? `,"hello":${hello.text}` : ''}}`
    let introduction = this.#made.get(text)
    if (introduction === undefined) {
      introduction = { number: this.#count++, sender: JSON.parse(senderText) as SenderRef, bytes: Buffer.from(text) }
      this.#made.set(text, introduction)
      const [oldest] = this.#made.keys()
      if (this.#made.size > INTRODUCTIONS_MAX && oldest !== undefined) this.#made.delete(oldest)
    }
    return introduction
  }
}

/**
 * Reads an introduction from the network.
 *
 * @throws {MalformedMessageError} no JSON, no readable sender, or a hello that is unreadable or another's
 */
export function parseIntroduction(bytes: Buffer): ReadIntroduction {
  const value = parsed(bytes)
  const sender = parseSender(value.sender)
  if (value.hello === undefined) return { sender, hello: undefined }
  const hello = parseHello(value.hello)
  if (hello.id !== sender.id) throw new MalformedMessageError('its hello has another id than its sender', sender)
  return { sender, hello }
}

function parsed(bytes: Buffer): { readonly sender?: unknown; readonly hello?: unknown } {
  let value: unknown
  try {
    value = JSON.parse(decoder.decode(bytes))
  } catch (cause) {
    const error = new MalformedMessageError('the introduction is no JSON')
    error.cause = cause
    throw error
  }
  if (!isShallow(value, MESSAGE_DEPTH_MAX)) throw new MalformedMessageError('the introduction is nested too deep')
  return Object(value) as { sender?: unknown; hello?: unknown }
}
