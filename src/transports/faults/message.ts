/** A message on its way out, and its copy: whoever sends a message may change it as soon as it was handed over. */

import { InvalidValueError, type JsonValue, type PeerRef, type SenderRef } from '../../core/index.ts'

/** A digest, deltas or a payload outside the gossip, with whom it goes to. */
export type OutgoingMessage =
  | { readonly kind: 'digest' | 'deltas'; readonly to: PeerRef; readonly from: SenderRef; readonly payload: JsonValue }
  | { readonly kind: 'rpc'; readonly to: PeerRef; readonly payload: JsonValue }

/**
 * A message, or a part of it, as JSON text.
 *
 * @throws {InvalidValueError} JSON cannot say it: a mistake of the caller
 */
export function textOf(value: OutgoingMessage | JsonValue): string {
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

/** The message of a text of {@link textOf}, shared with nobody. */
export function messageOf(text: string): OutgoingMessage {
  return JSON.parse(text) as OutgoingMessage
}
