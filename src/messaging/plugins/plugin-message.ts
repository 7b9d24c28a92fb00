/** A message between plug-ins: its type, its event and a payload, as bytes. */

import { isName } from '../../core/index.ts'
import { assertName } from '../handler.ts'
import { decodePayload, encodePayload, type Payload } from '../payload.ts'

/** A message as a handler gets it. */
export interface PluginMessage {
  readonly type: string
  readonly event: string
  readonly message: Payload
}

const LENGTH_BYTES = 2

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Writes a message: the length of the type and the type, the same of the event, and the payload.
 *
 * @throws {InvalidOptionError} a type or an event that is not 1 to 256 bytes of text
 * @throws {InvalidValueError} neither JSON nor bytes nor nothing
 */
export function encodePluginMessage(type: string, event: string, message: unknown): Uint8Array {
  assertName('type', type)
  assertName('event', event)
  const parts = [...named(type), ...named(event), encodePayload(message)]
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** Reads a message; undefined when it is none. */
export function decodePluginMessage(bytes: unknown): PluginMessage | undefined {
  if (!(bytes instanceof Uint8Array)) return undefined
  const type = readName(bytes, 0)
  const event = type && readName(bytes, type.end)
  const boxed = event && decodePayload(bytes.subarray(event.end))
  return boxed && { type: type.name, event: event.name, message: boxed.payload }
}

function named(name: string): [Uint8Array, Uint8Array] {
  const text = encoder.encode(name)
  return [Uint8Array.of(text.length >> 8, text.length & 0xff), text]
}

function readName(bytes: Uint8Array, at: number): { readonly name: string; readonly end: number } | undefined {
  const begin = at + LENGTH_BYTES
  if (begin > bytes.length) return undefined
  const end = begin + (bytes[at] as number) * 256 + (bytes[at + 1] as number)
  if (end > bytes.length) return undefined
  try {
    const name = decoder.decode(bytes.subarray(begin, end))
    return isName(name) ? { name, end } : undefined
  } catch {
    return undefined
  }
}
