/** Is what a node holds what it should hold? Key by key and value by value, without any code of the engine. */

import { isDeepStrictEqual } from 'node:util'
import type { JsonValue } from '../../core/index.ts'
import { shownName, shownValue } from '../cli/index.ts'
import type { Copy, Entries } from './orders.ts'

/** What one owner's map should be. */
export interface ExpectedCopy {
  readonly owner: string
  readonly entries: ReadonlyMap<string, JsonValue>
  /** The owner's own generation and hash: what every copy should have too. */
  readonly generation: number
  readonly hash: string
}

/** One thing that is not as it should be. */
export interface Difference {
  readonly node: string
  readonly owner: string
  /** Undefined where the difference concerns the copy as a whole. */
  readonly key?: string
  readonly kind: 'missing' | 'extra' | 'value' | 'repeated' | 'generation' | 'hash' | 'unknown owner' | 'extra owner'
  readonly expected?: JsonValue
  readonly found?: JsonValue
}

/**
 * Differences between one copy and what it should be. O(size of both).
 *
 * @param node - who holds the copy
 */
export function compareCopy(node: string, copy: Copy, expected: ExpectedCopy): Difference[] {
  const { owner } = expected
  const whole: Difference[] = (['generation', 'hash'] as const)
    .filter((fact) => copy[fact] !== expected[fact])
    .map((fact) => ({ node, owner, kind: fact, expected: expected[fact], found: copy[fact] }))
  return [...whole, ...compareEntries({ node, owner }, copy.entries, expected.entries)]
}

/**
 * Differences between the owners a node knows, itself included, and those it should know.
 *
 * @param node - whose knowledge it is
 */
export function compareOwners(node: string, known: readonly string[], expected: readonly string[]): Difference[] {
  return [
    ...expected
      .filter((owner) => !known.includes(owner))
      .map((owner): Difference => ({ node, owner, kind: 'unknown owner' })),
    ...known
      .filter((owner) => !expected.includes(owner))
      .map((owner): Difference => ({ node, owner, kind: 'extra owner' })),
  ]
}

/** A difference as one line. */
export function differenceText({ node, owner, key, kind, expected = null, found = null }: Difference): string {
  const ofOwner = node === owner ? 'its own' : `${shownName(owner)}'s`
  const name = key === undefined ? '' : ` ${shownName(key)}`
  switch (kind) {
    case 'missing':
      return `${shownName(node)} lacks ${ofOwner} key${name}`
    case 'extra':
      return `${shownName(node)} holds ${ofOwner} key${name}, which should not exist: ${shownValue(found)}`
    case 'repeated':
      return `${shownName(node)} lists ${ofOwner} key${name} more than once`
    case 'value':
      return `${shownName(node)} holds ${ofOwner} key${name} as ${shownValue(found)} instead of ${shownValue(expected)}`
    case 'generation':
    case 'hash':
      return `${shownName(node)} holds ${ofOwner} map with ${kind} ${shownValue(found)} instead of ${shownValue(expected)}`
    case 'unknown owner':
      return `${shownName(node)} does not know ${shownName(owner)}`
    case 'extra owner':
      return `${shownName(node)} knows ${shownName(owner)}, who is not of this cluster`
  }
}

function compareEntries(
  where: { readonly node: string; readonly owner: string },
  found: Entries,
  expected: ReadonlyMap<string, JsonValue>,
): Difference[] {
  const differences: Difference[] = []
  const seen = new Set<string>()
  for (const [key, value] of found) {
    const should = expected.get(key)
    if (seen.has(key)) differences.push({ ...where, key, kind: 'repeated' })
    else if (should === undefined) differences.push({ ...where, key, kind: 'extra', found: value })
    else if (!isDeepStrictEqual(value, should)) {
      differences.push({ ...where, key, kind: 'value', expected: should, found: value })
    }
    seen.add(key)
  }
  for (const key of expected.keys()) if (!seen.has(key)) differences.push({ ...where, key, kind: 'missing' })
  return differences
}
