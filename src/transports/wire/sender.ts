/** Who speaks: the part of every message that names its sender, checked and copied field by field. */

import {
  type Admitted,
  admitJson,
  deepEqual,
  InvalidValueError,
  isPlainObject,
  type JsonValue,
  MalformedMessageError,
  type SenderRef,
  stringBytes,
} from '../../core/index.ts'

/** Longest id, in UTF-16 units. */
export const SENDER_ID_UNITS_MAX = 256
/** Longest address, in bytes of its JSON text. */
export const SENDER_TRANSPORT_BYTES_MAX = 1_024
/** Longest text of {@link encodeSender}: an id may take six bytes a unit. */
export const SENDER_BYTES_MAX: number = SENDER_ID_UNITS_MAX * 6 + SENDER_TRANSPORT_BYTES_MAX + 32

/** Whether a string can name a peer: 1 to 256 units of Unicode text. */
export function isPeerId(value: unknown): value is string {
  if (typeof value !== 'string' || value.length === 0 || value.length > SENDER_ID_UNITS_MAX) return false
  return stringBytes(value) >= 0
}

/**
 * Reads a sender from the network. Only `id` and `transport` are taken over, whatever else is there.
 *
 * @param value - the field `sender` of a message
 * @param known - the sender of the message before, returned again if nothing changed; saves most of the work
 * @throws {MalformedMessageError} no object, an id that is no name, an address that is no JSON of at most 1 KiB
 */
export function parseSender(value: unknown, known?: SenderRef): SenderRef {
  if (!isPlainObject(value)) throw new MalformedMessageError('it has no sender')
  const { id, transport } = value
  if (known !== undefined && known.id === id && isSame(known.transport, transport)) return known
  if (!isPeerId(id)) {
    throw new MalformedMessageError(`the sender's id is no text of 1 to ${SENDER_ID_UNITS_MAX} characters`)
  }
  return Object.freeze({ id, transport: parseSenderTransport(transport, id) })
}

/**
 * A sender as JSON text, fields in the order of the first generation: id, transport.
 *
 * @throws {InvalidValueError} an id or address that the other side would refuse: a mistake of the caller
 */
export function encodeSender(sender: SenderRef): string {
  if (!isPeerId(sender.id)) {
    throw new InvalidValueError('localPeer.id', `is no text of 1 to ${SENDER_ID_UNITS_MAX} characters`)
  }
  const transport: string | undefined = JSON.stringify(sender.transport)
  if (transport === undefined || !fits(transport)) {
    throw new InvalidValueError('localPeer.transport', `is no JSON of at most ${SENDER_TRANSPORT_BYTES_MAX} bytes`)
  }
  return `{"id":${JSON.stringify(sender.id)},"transport":${transport}}`
}

/** A UTF-16 unit takes at most three bytes, so most addresses need no closer look. */
function fits(transport: string): boolean {
  if (transport.length * 3 <= SENDER_TRANSPORT_BYTES_MAX) return true
  return new TextEncoder().encode(transport).length <= SENDER_TRANSPORT_BYTES_MAX
}

function isSame(known: JsonValue, transport: unknown): boolean {
  // Parsed JSON, and the known side is shallow, so the comparison ends.
  return transport !== undefined && deepEqual(known, transport as JsonValue)
}

function parseSenderTransport(transport: unknown, id: string): JsonValue {
  if (transport === undefined) throw new MalformedMessageError('the sender has no transport', { id })
  const { value, bytes } = admitted(transport, id)
  if (bytes <= SENDER_TRANSPORT_BYTES_MAX) return value
  throw new MalformedMessageError(`the sender's transport takes over ${SENDER_TRANSPORT_BYTES_MAX} bytes`, { id })
}

function admitted(transport: unknown, id: string): Admitted {
  try {
    return admitJson(transport)
  } catch (cause) {
    const error = new MalformedMessageError("the sender's transport is no plain JSON", { id })
    error.cause = cause
    throw error
  }
}
