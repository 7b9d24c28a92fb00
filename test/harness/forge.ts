/** Messages written by hand, as a stranger would: what the engine hears is then exactly what the test says. */

import { isPlainObject } from '../../src/core/index.ts'
import type { EnginePool } from './engine-pool.ts'

/** Facts of an entry that differ from those of a peer at its beginning. */
export interface EntryFacts {
  readonly generation?: number
  readonly heartbeat?: number
  readonly maxVersionSeen?: number
  readonly gcVersion?: number
  readonly transport?: string
  readonly silentMs?: number
  readonly left?: true
}

/** An entry about a peer. */
export function entry(id: string, facts: EntryFacts = {}): object {
  return { id, maxVersionSeen: 1, generation: 1, heartbeat: 1, gcVersion: 1, transport: id, ...facts }
}

/** The own entry of a digest; step 2 unless told otherwise, so that it asks for no digest in return. */
export function ownEntry(
  id: string,
  facts: EntryFacts & { step?: 1 | 2; answers?: number; asker?: number; claim?: object; clusterId?: string } = {},
): object {
  return { ...entry(id), clusterId: 'gossipmonger', step: 2, ...facts }
}

/** A group of one peer's map. */
export function group(id: string, entries: readonly unknown[], facts: Record<string, unknown> = {}): object {
  const maxVersion = 'maxVersion' in facts ? facts['maxVersion'] : entries.length
  return { id, generation: 1, from: 0, gcVersion: 0, maxVersion, top: maxVersion, transport: id, entries, ...facts }
}

/** A process hears a digest of a stranger. */
export function tellDigest(pool: EnginePool, to: string, from: string, ...items: unknown[]): void {
  // An answer is one to the present life of its receiver unless it says otherwise.
  const asker = pool.engine(to).generation
  const said = items.map((item) => (isPlainObject(item) && 'answers' in item ? { asker, ...item } : item))
  pool.input(to, (now) => pool.engine(to).receiveDigest({ id: from, transport: from }, said, now))
}

/** A process hears deltas of a stranger. */
export function tellDeltas(pool: EnginePool, to: string, from: string, ...groups: unknown[]): void {
  pool.input(to, (now) => pool.engine(to).receiveDeltas({ id: from, transport: from }, groups, now))
}

/** A stranger whose every next digest has the next heartbeat; `items` are what it says of others. */
export function beat(pool: EnginePool, to: string, from: string, heartbeat: number, ...items: unknown[]): void {
  tellDigest(pool, to, from, ownEntry(from, { heartbeat }), ...items)
}
