/**
 * Damage to a payload that its shape shows: a part missing, of the wrong type or out of range. What keeps its shape, a
 * value changed into another, no receiver can tell without signatures; transports have checksums against that.
 */

import { isPlainObject, type JsonValue } from '../../core/index.ts'
import { pick } from '../distribution.ts'

const JUNK: readonly JsonValue[] = [null, true, 7, 'junk', {}]
const NO_COUNT: readonly JsonValue[] = [null, -1, 1.5, '1', 2 ** 60, [], {}]
const NO_NAME: readonly JsonValue[] = [null, 7, '', '\ud800', []]
/** Fields that must be counts wherever they stand. */
const COUNTS = [
  'generation',
  'heartbeat',
  'gcVersion',
  'maxVersionSeen',
  'maxVersion',
  'top',
  'from',
  'ageMs',
  'silentMs',
]

/** A damaged copy; the original is left as it is. */
export function damaged(payload: JsonValue, random: () => number): JsonValue {
  if (!Array.isArray(payload) || payload.length === 0 || random() < 0.2) return pick(JUNK, random)
  const items = [...(payload as readonly JsonValue[])]
  const index = Math.floor(random() * items.length)
  items[index] = damagedItem(items[index] as JsonValue, random)
  return items
}

function damagedItem(item: JsonValue, random: () => number): JsonValue {
  if (Array.isArray(item)) return [pick(NO_NAME, random), ...(item as readonly JsonValue[]).slice(1)]
  if (!isPlainObject(item) || random() < 0.3) return pick([null, 7, 'junk'], random)
  const fields = item as Record<string, JsonValue>
  const counts = COUNTS.filter((name) => name in fields)
  if (counts.length === 0 || random() < 0.3) return { ...fields, id: pick(NO_NAME, random) }
  return { ...fields, [pick(counts, random)]: pick(NO_COUNT, random) }
}
