/** A map that is whatever a test says it is, and shows itself as a copy of the engine would. */

import type { JsonValue } from '../../../src/core/index.ts'
import type { Copy, HeldEntry, ReadableEntry } from '../../../src/sim/process/index.ts'

/** A key with a value at a version. */
export function held(key: string, version: number, value: JsonValue = version): HeldEntry {
  return { key, version, value, isTombstone: false }
}

/** A deleted key. */
export function buried(key: string, version: number): HeldEntry {
  return { key, version, value: null, isTombstone: true }
}

/** Facts of a map; all may be set by hand. */
export class ScriptedMap {
  generation = 1
  gcVersion = 0
  maxVersionSeen = 0
  isStale = false
  entries: readonly HeldEntry[] = []
  /** What readers see, where it differs from the entries. */
  shown: readonly ReadableEntry[] | undefined
  /** When leases lapse, by key. */
  leases: Readonly<Record<string, number>> = {}

  /** Takes all facts that are said. */
  become(facts: Partial<Omit<ScriptedMap, 'become' | 'view' | 'readable' | 'copyOf'>>): this {
    return Object.assign(this, facts)
  }

  /** Where another map stands, with its entries. */
  copyOf(other: ScriptedMap): this {
    const { generation, gcVersion, maxVersionSeen, entries } = other
    return this.become({ generation, gcVersion, maxVersionSeen, entries, isStale: false, shown: undefined })
  }

  /** The map as a process shows it. */
  view(): Copy {
    const { generation, gcVersion, maxVersionSeen, isStale } = this
    return {
      generation,
      gcVersion,
      maxVersionSeen,
      isStale,
      hash: JSON.stringify(this.entries.map(({ key, version, isTombstone }) => [key, version, isTombstone])),
      readable: (now) => this.readable(now),
      read: (key, now) => this.readable(now).find((entry) => entry.key === key),
      held: (after) => this.entries.filter(({ version }) => version > after),
    }
  }

  readable(now: number): readonly ReadableEntry[] {
    const entries = this.shown ?? this.entries.filter(({ isTombstone }) => !isTombstone)
    return entries
      .map(({ key, value, version }) => ({ key, value, version, expiresAt: this.leases[key] }))
      .filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now)
  }
}
