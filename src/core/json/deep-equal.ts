/** Equality of JSON values: what two peers would read the same, whatever the order of an object's keys. */

import type { JsonObject, JsonValue } from './json-value.ts'

/** Whether two JSON values say the same. O(size of the smaller). Both must be admitted (no cycles, bounded depth). */
export function deepEqual(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (isArray(a)) return isArray(b) && equalArrays(a, b)
  return !isArray(b) && equalObjects(a, b)
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}

function equalArrays(a: readonly JsonValue[], b: readonly JsonValue[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) {
    if (!deepEqual(a[i] as JsonValue, b[i] as JsonValue)) return false
  }
  return true
}

function equalObjects(a: JsonObject, b: JsonObject): boolean {
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  for (const key of keys) {
    if (!Object.hasOwn(b, key) || !deepEqual(a[key] as JsonValue, b[key] as JsonValue)) return false
  }
  return true
}
