/** Addresses behind a relay: `{relay, id}`, where `relay` is the relay's own address and `id` the client's name. */

import { deepEqual, isPlainObject, type JsonValue } from '../../core/index.ts'
import { addressesOf, isPeerId } from '../wire/index.ts'

/** Where a client of a relay is reached. */
export interface RelayAddress {
  /** The relay's own address, as transports that reach it understand it. */
  readonly relay: JsonValue
  readonly id: string
}

/**
 * Reads an address behind a relay.
 *
 * @returns the address, or undefined if the value is none
 */
export function parseRelayAddress(value: JsonValue): RelayAddress | undefined {
  if (!isPlainObject(value)) return undefined
  const { relay, id } = value as Record<string, JsonValue | undefined>
  if (relay === undefined || relay === null || !isPeerId(id)) return undefined
  // A relay behind a relay is not supported, and would let an address grow.
  return parseRelayAddress(relay) === undefined ? { relay, id } : undefined
}

/** The first address behind a relay among all that a peer has. */
export function findRelayAddress(transport: JsonValue): RelayAddress | undefined {
  for (const address of addressesOf(transport)) {
    const found = parseRelayAddress(address)
    if (found !== undefined) return found
  }
  return undefined
}

/** Whether one of a peer's addresses is this one. */
export function hasAddress(transport: JsonValue, wanted: JsonValue): boolean {
  return addressesOf(transport).some((address) => deepEqual(withoutAlso(address), withoutAlso(wanted)))
}

/** One text per address, whatever the order of its fields. */
export function addressKey(address: JsonValue): string {
  return JSON.stringify(sorted(withoutAlso(address)))
}

function withoutAlso(address: JsonValue): JsonValue {
  if (!isPlainObject(address)) return address
  const { also: _, ...own } = address as Record<string, JsonValue>
  return own
}

/** Addresses were parsed with a bound on their depth, or come from options. */
function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isPlainObject(value)) return value
  const fields = value as Record<string, JsonValue>
  return Object.fromEntries(
    Object.keys(fields)
      .sort()
      .map((name) => [name, sorted(fields[name] ?? null)]),
  )
}
