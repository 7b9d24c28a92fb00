/**
 * What the first generation takes for equal. Its comparison of values lets writes be lost: a list that only grew, an
 * object that only gained fields, and `'1'` after `1` are all "unchanged" to it. Ids are compared by conversion too.
 */

import type { JsonObject, JsonValue } from '../../core/index.ts'

/**
 * Whether a write of `next` over `stored` is ignored. Not symmetric: only the fields of `stored` are looked at.
 *
 * @param stored - what is held; undefined for a key that was never written
 */
export function isUnchanged(stored: JsonValue | undefined, next: JsonValue | undefined): boolean {
  if (stored === next) return true
  if (typeof stored !== 'object' && typeof next !== 'object') return areLooselyEqual(stored, next)
  if (isNothing(stored) || isNothing(next)) return false
  return hasEqualFields(stored, next)
}

/**
 * Whether an id of a digest is taken for the own one.
 *
 * @throws {TypeError} an object that cannot become text
 */
export function isSameId(id: unknown, ownId: string): boolean {
  if (id === null) return false
  // A list of one becomes the text of that one, so the list `['ada']` is the id `ada`.
  return areLooselyEqual(typeof id === 'object' ? String(id as unknown as string) : id, ownId)
}

/** The comparison `==` of texts, numbers, booleans and undefined: where the types differ, numbers are compared. */
function areLooselyEqual(a: unknown, b: unknown): boolean {
  return a === b || (typeof a !== typeof b && Number(a) === Number(b))
}

function isNothing(value: JsonValue | undefined): value is null | undefined {
  return value === null || value === undefined
}

/** One of the two may be no object: text has a field per character there, a number or boolean none. */
function hasEqualFields(stored: JsonValue, next: JsonValue): boolean {
  const [a, b] = [stored as JsonObject, next as JsonObject]
  // In JSON this is an ordinary field; the package compares it by identity.
  if (a['prototype'] !== b['prototype']) return false
  const names = Object.keys(a).sort()
  const otherNames = Object.keys(b).sort()
  if (names.some((name, i) => name !== otherNames[i])) return false
  return names.every((name) => isUnchanged(a[name], b[name]))
}
