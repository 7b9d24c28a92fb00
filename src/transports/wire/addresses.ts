/**
 * All the ways to one peer. An address may be an object with `also`: other addresses of the same node, for transports
 * that do not understand the first.
 */

import { isPlainObject, type JsonValue } from '../../core/index.ts'

/** Most other addresses that are looked at. */
export const ALSO_MAX = 9

/**
 * An address and those it names beside itself, in the order of preference.
 *
 * @param address - from the network or from options; anything else than an object with an array `also` stands alone
 * @returns 1 to 10 values, each of any form
 */
export function addressesOf(address: JsonValue): readonly JsonValue[] {
  if (!isPlainObject(address)) return [address]
  const also: unknown = address['also']
  return Array.isArray(also)
    ? [address as JsonValue, ...(also.slice(0, ALSO_MAX) as JsonValue[])]
    : [address as JsonValue]
}
