/** A message on its way out, and its copy: whoever sends a message may change it as soon as it was handed over. */

import { InvalidValueError, type JsonValue, type PeerRef, type SenderRef } from '../../core/index.ts'

/** A digest, deltas or a payload outside the gossip, with whom it goes to. */
export type JsonMessage =
  | { readonly kind: 'digest' | 'deltas'; readonly to: PeerRef; readonly from: SenderRef; readonly payload: JsonValue }
  | { readonly kind: 'rpc'; readonly to: PeerRef; readonly payload: JsonValue }

/** Bytes, with whom they go to. */
export interface DatagramMessage {
  readonly kind: 'datagram'
  readonly to: PeerRef
  readonly payload: Uint8Array
}

/** Anything that goes out. */
export type OutgoingMessage = JsonMessage | DatagramMessage

/** A message put by. */
export interface KeptMessage {
  /** Its size as JSON, or of its bytes and the JSON of its receiver. */
  readonly bytes: number
  /** The message, shared with nobody. */
  take(): OutgoingMessage
}

const encoder = new TextEncoder()

/**
 * Puts a message by.
 *
 * @throws {InvalidValueError} JSON cannot say it
 */
export function kept(message: OutgoingMessage): KeptMessage {
  if (message.kind !== 'datagram') {
    const text = textOf(message)
    return { bytes: encoder.encode(text).length, take: () => JSON.parse(text) as JsonMessage }
  }
  const to = textOf(message.to as unknown as JsonValue)
  // `slice` of a `Buffer` would share its memory.
  const payload = new Uint8Array(message.payload)
  const take = (): DatagramMessage => ({ kind: 'datagram', to: JSON.parse(to) as PeerRef, payload })
  return { bytes: payload.length + encoder.encode(to).length, take }
}

/**
 * A message, or a part of it, as JSON text.
 *
 * @throws {InvalidValueError} JSON cannot say it: a mistake of the caller
 */
export function textOf(value: JsonMessage | JsonValue): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    const error = new InvalidValueError('$', 'cannot be said in JSON')
    error.cause = cause
    throw error
  }
  if (text === undefined) throw new InvalidValueError('$', 'cannot be said in JSON')
  return text
}
