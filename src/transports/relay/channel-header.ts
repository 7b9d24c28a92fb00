/** The headers of the channels between a relay and its clients. Other channels of the same session are none of ours. */

import { isPlainObject, type JsonValue } from '../../core/index.ts'
import { isPeerId } from '../wire/index.ts'

/** Version of what is said on these channels. */
export const RELAY_VERSION = 1

/** Longest token, in UTF-16 units. */
export const TOKEN_UNITS_MAX = 4_096

/** What a channel is for. */
export type RelayHeader =
  /** A client registers. */
  | {
      readonly kind: 'register'
      readonly id: string
      readonly generation: number
      readonly token: string | undefined
    }
  /** A client wants bytes to be passed on to another client, and back. */
  | { readonly kind: 'to'; readonly peer: string }
  /** The relay passes on another client's bytes. */
  | { readonly kind: 'from'; readonly peer: string }

/** A header as it travels. */
export function encodeRelayHeader(header: RelayHeader): JsonValue {
  if (header.kind !== 'register') return { relay: RELAY_VERSION, [header.kind]: header.peer }
  const { id, generation, token } = header
  const claim = { relay: RELAY_VERSION, register: id, generation }
  return token === undefined ? claim : { ...claim, token }
}

/**
 * Reads the header of a channel.
 *
 * @returns undefined: it is no relay's channel; `'malformed'`: it says it is, and cannot be read
 */
export function parseRelayHeader(header: JsonValue): RelayHeader | 'malformed' | undefined {
  if (!isPlainObject(header) || header['relay'] === undefined) return undefined
  if (header['relay'] !== RELAY_VERSION) return 'malformed'
  const { register, generation, token, to, from } = header as Record<string, unknown>
  if (register !== undefined) return parseRegister(register, generation, token)
  if (isPeerId(to)) return { kind: 'to', peer: to }
  if (isPeerId(from)) return { kind: 'from', peer: from }
  return 'malformed'
}

function parseRegister(id: unknown, generation: unknown, token: unknown): RelayHeader | 'malformed' {
  const isCount = typeof generation === 'number' && Number.isSafeInteger(generation) && generation >= 0
  const isToken = token === undefined || (typeof token === 'string' && token.length <= TOKEN_UNITS_MAX)
  return isPeerId(id) && isCount && isToken ? { kind: 'register', id, generation, token } : 'malformed'
}
