/** Whose maps a message speaks of: the copies worth looking at after it was taken in. */

import { isPlainObject } from '../../core/index.ts'
import type { Arrival } from '../process/index.ts'

/** Ids of the groups of a deltas message; nothing for digests, and for what has no shape. */
export function touchedBy(arrival: Arrival | undefined): readonly string[] {
  if (arrival?.kind !== 'deltas' || !Array.isArray(arrival.payload)) return []
  const ids = new Set<string>()
  for (const group of arrival.payload as readonly unknown[]) {
    if (isPlainObject(group) && typeof group['id'] === 'string') ids.add(group['id'])
  }
  return [...ids]
}
