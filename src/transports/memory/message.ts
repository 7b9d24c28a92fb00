/**
 * What travels between memory transports: bytes. Each message is written as text and read again on the other side,
 * so that two nodes of one process share no object and a value that JSON would bend is bent here too.
 */

import type { Hello, JsonValue, SenderRef } from '../../core/index.ts'

/** One message. The sender is absent where the transport sent it by itself and was never introduced. */
export type MemoryMessage =
  | { readonly kind: 'digest' | 'deltas'; readonly sender: SenderRef; readonly payload: JsonValue }
  | { readonly kind: 'rpc'; readonly sender?: SenderRef; readonly payload: JsonValue }

/** A message as bytes. */
export interface EncodedMessage {
  readonly bytes: Uint8Array
  /** Bytes of the payload alone: what a message limit is compared with. */
  readonly payloadBytes: number
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** Writes a message. O(size). */
export function encodeMessage({ kind, sender, payload }: MemoryMessage): EncodedMessage {
  const head = `{"kind":"${kind}",${sender === undefined ? '' : `"sender":${JSON.stringify(sender)},`}"payload":`
  const bytes = encoder.encode(`${head}${JSON.stringify(payload)}}`)
  return { bytes, payloadBytes: bytes.length - encoder.encode(head).length - 1 }
}

/** Reads a message that `encodeMessage` wrote. */
export function decodeMessage(bytes: Uint8Array): MemoryMessage {
  return JSON.parse(decoder.decode(bytes)) as MemoryMessage
}

/** Writes a hello. */
export function encodeHello(hello: Hello): Uint8Array {
  return encoder.encode(JSON.stringify(hello))
}

/** Reads a hello that `encodeHello` wrote. */
export function decodeHello(bytes: Uint8Array): Hello {
  return JSON.parse(decoder.decode(bytes)) as Hello
}
