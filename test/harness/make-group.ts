/** Short ways to entries and groups, so that a test of the state shows the numbers it is about and nothing else. */

import { admitJson, type JsonValue } from '../../src/core/json/index.ts'
import { type Entry, type Group, tombstone, valueEntry } from '../../src/core/state/index.ts'

/** A key with a value, by default its own version. */
export function put(key: string, version: number, value: JsonValue = version, expiresAt?: number): Entry {
  const admitted = admitJson(value)
  return valueEntry({ key, value: admitted.value, valueBytes: admitted.bytes, version, expiresAt, appliedAt: 0 })
}

/** A deleted key. */
export function gone(key: string, version: number): Entry {
  return tombstone(key, version, 0)
}

/** A group of generation 1 that continues from 0, vouches for its last entry and knows of nothing more. */
export function makeGroup(entries: readonly Entry[], facts: Partial<Group> = {}): Group {
  const maxVersion = facts.maxVersion ?? entries.at(-1)?.version ?? facts.from ?? 0
  return {
    id: 'owner',
    generation: 1,
    transport: undefined,
    from: 0,
    gcVersion: 0,
    maxVersion,
    top: Math.max(maxVersion, facts.gcVersion ?? 0),
    entries,
    bytes: entries.reduce((sum, entry) => sum + entry.bytes, 0),
    ...facts,
  }
}
