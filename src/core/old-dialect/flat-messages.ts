/**
 * Writes what old peers can read: digests that list nothing but `{id, maxVersionSeen, transport}`, and deltas that are
 * flat. An old peer makes a peer of every item of a digest it does not know yet, fields and all, so nothing may stand
 * there that is not a peer with an address.
 */

import type { Engine } from '../engine/index.ts'
import { type JsonValue, jsonBytes } from '../json/index.ts'
import type { Peer } from '../membership/index.ts'
import type { WireEntry, WireGroup } from '../state/index.ts'
import { EVERYTHING_SEEN, versionBase, versionBaseOf } from './old-versions.ts'

/** An item of a digest for old readers. */
interface FlatItem {
  readonly id: string
  readonly maxVersionSeen: number
  readonly transport: JsonValue
}

/** What a flat digest says beside the peers that are live. */
export interface FlatDigestFacts {
  readonly clusterId: string
  /** The version that the reader is known to claim of this node. */
  readonly claimOfMe: number
  /** The reader, and the version to ask it from, in the engine's terms; undefined where it is not known to be old. */
  readonly reader: { readonly peer: Peer; readonly versionToAsk: number } | undefined
  readonly bytesMax: number
}

/**
 * Whether an old peer can bear a name. It keeps peers in plain objects, where names like `constructor` are taken, and
 * ends its process when it is told of one.
 */
export function isBearableName(id: string): boolean {
  return !(id in {})
}

/**
 * Writes digests for old readers, or for readers that may be old. Successive ones begin at successive peers, so that
 * everybody's turn comes when not all fit.
 */
export class FlatDigests {
  readonly #engine: Engine
  #start = 0

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** A digest of this node, the reader, and as many live peers as fit. O(peers). */
  write(facts: FlatDigestFacts): JsonValue {
    const { reader } = facts
    const items: JsonValue[] = [this.#ownItem(facts)]
    if (reader !== undefined) items.push({ ...flatItem(reader.peer, reader.versionToAsk + versionBaseOf(reader.peer)) })
    const listed = this.#engine.peers().filter((peer) => isListed(peer) && peer.id !== reader?.peer.id)
    let bytes = jsonBytes(items)
    let count = 0
    for (; count < listed.length; count++) {
      const peer = listed[(this.#start + count) % listed.length] as Peer
      const item = { ...flatItem(peer, EVERYTHING_SEEN) }
      bytes += 1 + jsonBytes(item)
      if (bytes > facts.bytesMax) break
      items.push(item)
    }
    this.#start = count < listed.length ? (this.#start + count) % listed.length : 0
    return items
  }

  #ownItem({ clusterId, claimOfMe }: FlatDigestFacts): JsonValue {
    const { id, generation, transport, ownMap } = this.#engine
    // A reader that holds more of me than I have would spend its few deltas on telling me so.
    const maxVersionSeen = Math.max(versionBase(generation) + ownMap.maxVersionSeen, claimOfMe)
    return { id, maxVersionSeen, transport, generation, clusterId, flat: true }
  }
}

/** Groups as flat deltas, as many as fit, in order. What fits ends at a version of some peer, so no reader gets a hole. */
export function flatDeltas(groups: readonly WireGroup[], bytesMax: number): readonly JsonValue[] {
  const deltas: JsonValue[] = []
  let bytes = 2
  for (const group of groups) {
    if (!isBearableName(group.id)) continue
    const base = versionBaseOf({ generation: group.generation, isOld: group.old === true })
    for (const entry of group.entries) {
      const delta = flatDelta(group.id, entry, base)
      bytes += 1 + jsonBytes(delta)
      if (bytes > bytesMax && deltas.length > 0) return deltas
      deltas.push(delta)
    }
  }
  return deltas
}

/** An old peer knows neither tombstones nor leases: what is deleted or has lapsed is null. */
function flatDelta(id: string, entry: WireEntry, base: number): JsonValue {
  if (entry.length === 2) return [id, entry[0], null, base + entry[1]]
  const [key, value, version, restMs] = entry
  return [id, key, restMs === 0 ? null : value, base + version]
}

function isListed(peer: Peer): boolean {
  return peer.status === 'live' && peer.transport !== undefined && isBearableName(peer.id)
}

function flatItem(peer: Peer, maxVersionSeen: number): FlatItem {
  return { id: peer.id, maxVersionSeen, transport: peer.transport ?? null }
}
