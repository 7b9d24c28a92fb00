/** What an old peer says, as a node of ours would have put it to the engine. */

import type { Engine } from '../engine/index.ts'
import type { JsonValue } from '../json/index.ts'
import type { Peer } from '../membership/index.ts'
import type { SenderRef } from '../ports.ts'
import {
  asJson,
  type WireDigestItem,
  type WireOwnEntry,
  type WirePeerEntry,
  type WireRemoval,
} from '../reconcile/index.ts'
import type { WireEntry, WireGroup } from '../state/index.ts'
import type { OldEntry, OldItem } from './old-shapes.ts'
import { fromOldVersion, generationBelow, standingOf, versionBase, versionBaseOf } from './old-versions.ts'

/** The life that is kept for an old peer, which knows of none itself. */
export interface OldLife {
  readonly generation: number
  readonly heartbeat: number
  /** How far its map is held: it never asks for its own keys. */
  readonly heldVersion: number
}

/** The version at which every life of an old peer begins, before its first key. */
const LIFE_BEGUN = fromOldVersion(0)

/** The old peer's own entry. Step 1 has the engine offer what the sender lacks, step 2 has it take note only. */
export function ownEntryOf(remote: SenderRef, life: OldLife, step: 1 | 2, clusterId: string): WireOwnEntry {
  return {
    id: remote.id,
    maxVersionSeen: life.heldVersion,
    transport: remote.transport,
    generation: life.generation,
    heartbeat: life.heartbeat,
    gcVersion: 0,
    clusterId,
    step,
    old: true,
  }
}

/**
 * Where an old peer stands with everybody it lists. What it says of their lives is no news: it lists for ever whom it
 * never heard itself.
 *
 * @param wallClockMs - claims of versions above it are not believed
 */
export function standingsOf(engine: Engine, items: readonly OldItem[], wallClockMs: number): readonly WireDigestItem[] {
  return items.flatMap((item): readonly WireDigestItem[] => {
    if (item.id === engine.id) return [standingWithMe(engine, item.maxVersionSeen, wallClockMs)]
    const peer = engine.peer(item.id)
    return peer === undefined ? [] : [standingWith(peer, item.maxVersionSeen)]
  })
}

/**
 * The group that an old peer's answer about itself amounts to: it continues from what is held.
 *
 * @param claimed - the highest version the peer is known to have
 */
export function groupOf(peer: Peer, entriesHeard: readonly OldEntry[], claimed: number): JsonValue {
  const from = peer.map.maxVersionSeen
  const entries = entriesHeard.filter((entry) => entry.version > from)
  const maxVersion = entries.at(-1)?.version ?? Math.max(from, LIFE_BEGUN)
  const group: WireGroup = {
    id: peer.id,
    generation: peer.generation,
    old: true,
    from,
    gcVersion: 0,
    maxVersion,
    top: Math.max(maxVersion, claimed),
    entries: entries.map(
      ({ key, value, version }): WireEntry => (value === undefined ? [key, version] : [key, value, version]),
    ),
  }
  return asJson([group])
}

function standingWith(peer: Peer, listed: number): WirePeerEntry {
  const { id, generation, heartbeat, map } = peer
  const { gcVersion } = map
  const maxVersionSeen = standingOf(listed, versionBaseOf(peer), map.maxVersionSeen)
  return { id, generation, heartbeat, gcVersion, maxVersionSeen }
}

/**
 * An old peer that has seen a higher version of me knows a former life of mine, and would take nothing of this one. To
 * the engine that is the record of a life that is over: it moves on to a generation above it.
 */
function standingWithMe(engine: Engine, claim: number, wallClockMs: number): WirePeerEntry | WireRemoval {
  const { id, generation, ownMap } = engine
  const base = versionBase(generation)
  const former = claim > base + ownMap.maxVersionSeen && claim <= wallClockMs ? generationBelow(claim) : undefined
  if (former !== undefined) return { id, generation: former, heartbeat: 0, ageMs: 0 }
  const maxVersionSeen = standingOf(claim, base, ownMap.maxVersionSeen)
  return { id, generation, heartbeat: 0, gcVersion: ownMap.gcVersion, maxVersionSeen }
}
