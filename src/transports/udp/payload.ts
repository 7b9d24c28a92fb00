/** What a message says, as the JSON text that travels. */

import { InvalidValueError, type JsonValue, MalformedMessageError, type SenderRef } from '../../core/index.ts'
import { isShallow, MESSAGE_DEPTH_MAX } from '../wire/index.ts'

const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * A payload as bytes.
 *
 * @throws {InvalidValueError} JSON cannot say it: a mistake of the caller
 */
export function payloadBytes(payload: JsonValue): Buffer {
  let text: string | undefined
  try {
    text = JSON.stringify(payload)
  } catch (cause) {
    const error = new InvalidValueError('$', 'cannot be said in JSON')
    error.cause = cause
    throw error
  }
  if (text === undefined) throw new InvalidValueError('$', 'cannot be said in JSON')
  return Buffer.from(text)
}

/**
 * Reads a payload from the network.
 *
 * @throws {MalformedMessageError} no JSON, or nested over 100 levels
 */
export function parsePayload(bytes: Buffer, sender: SenderRef): JsonValue {
  let payload: JsonValue
  try {
    payload = JSON.parse(decoder.decode(bytes)) as JsonValue
  } catch (cause) {
    const error = new MalformedMessageError('it is no JSON', sender)
    error.cause = cause
    throw error
  }
  if (isShallow(payload, MESSAGE_DEPTH_MAX)) return payload
  throw new MalformedMessageError(`it is nested over ${MESSAGE_DEPTH_MAX} levels`, sender)
}
