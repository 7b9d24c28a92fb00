/** Where one page of ids ends and the next begins, said in as few characters as tell the two apart. */

import { assert } from '../assert.ts'

/**
 * The shortest text that lies above one id and not above the next, in code-unit order: a beginning of the upper one.
 * Names may be as long as a page has room for; what tells neighbours apart seldom is. O(length).
 *
 * @param lower - the id before the boundary; undefined where there is none
 * @param upper - the id behind it, above `lower`
 * @returns Unicode text whenever both ids are
 */
export function boundaryBetween(lower: string | undefined, upper: string): string {
  if (lower === undefined) return upper
  assert(lower < upper, 'ids are in order')
  let shared = 0
  while (shared < lower.length && lower.charCodeAt(shared) === upper.charCodeAt(shared)) shared++
  const length = isHighSurrogate(upper.charCodeAt(shared)) ? shared + 2 : shared + 1
  return upper.slice(0, length)
}

/** The first half of a character: cut behind it, a text is no Unicode any more. */
function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}
