/** Whom a message speaks of: the copies worth looking at after it was taken in. */

import { isPlainObject, type JsonValue } from '../../core/index.ts'
import type { Arrival } from '../process/index.ts'

/** Whose maps deltas bring something of; nothing for digests, and for what has no shape. */
export function touchedBy(arrival: Arrival | undefined): readonly string[] {
  return arrival?.kind === 'deltas' ? namedBy(arrival) : []
}

/**
 * Whom a digest lists, or deltas are about. A digest brings no keys, but it can begin a peer's new life, retire a peer
 * or raise its heartbeat. Pairs of a digest and deltas of the first generation begin with the id.
 */
export function namedBy(arrival: Arrival): readonly string[] {
  const present = named.get(arrival)
  if (present !== undefined) return present
  const ids = idsIn(arrival.payload)
  named.set(arrival, ids)
  return ids
}

/** Several checkers ask the same of each message. */
const named = new WeakMap<Arrival, readonly string[]>()

function idsIn(payload: JsonValue): readonly string[] {
  if (!Array.isArray(payload)) return []
  const ids = new Set<string>()
  for (const item of payload as readonly unknown[]) {
    const id: unknown = Array.isArray(item) ? item[0] : isPlainObject(item) ? item['id'] : undefined
    if (typeof id === 'string') ids.add(id)
  }
  return [...ids]
}
