/**
 * How a message becomes what a transport carries, and back. Transports whose wire frames whole messages by itself, such
 * as WebSocket, can be given another one; a stream of lines cannot, nor can UDP, where a packet has no room for names.
 */

import type { Envelope } from '../wire/index.ts'

/** One message in its encoded form: text where the wire has text messages, else bytes. */
export type Encoded = string | Uint8Array

/** An encoding of messages. It keeps no state: every message can be read by itself. */
export interface Codec {
  /** What both sides call it, 1 to 64 characters of `[a-z0-9.-]`: where a wire negotiates, it stands in the offer. */
  readonly name: string
  /** Most bytes that a message takes beyond its payload's JSON text, for payloads of any size the transport carries. */
  readonly overheadBytesMax: number
  /**
   * @throws {InvalidValueError} a payload or sender that cannot be said: a mistake of the caller
   */
  encode(message: Envelope): Encoded
  /**
   * Reads what came from the network.
   *
   * @throws {MalformedMessageError} it is no message of this codec
   */
  decode(encoded: Encoded): Envelope
}
