/** What this node says in digests: of itself, of each peer, of each retired one. */

import { LEFT_HEARTBEAT, type Peer, type Removal } from '../membership/index.ts'
import type { WireDigestItem, WireOwnEntry, WirePeerEntry, WireRemoval } from '../reconcile/index.ts'
import type { Context } from './context.ts'

/** The own entry of a digest. */
export function ownEntry(context: Context, step: 1 | 2, answers?: number): WireOwnEntry {
  const { map } = context.own
  return {
    id: context.id,
    maxVersionSeen: map.maxVersionSeen,
    transport: context.transport,
    generation: map.generation,
    heartbeat: context.heartbeat,
    gcVersion: map.gcVersion,
    clusterId: context.options.clusterId,
    step,
    ...(answers === undefined ? {} : { answers }),
    ...(context.hasLeft ? { left: true } : {}),
  }
}

/** A peer's entry. `withTransport`: the other side may lack this generation and get no group of it from me. */
export function peerEntry(peer: Peer, withTransport: boolean, now: number): WirePeerEntry {
  const { id, generation, heartbeat, isOld } = peer
  const { maxVersionSeen, gcVersion } = peer.map
  const transport = withTransport ? peer.transport : undefined
  // One literal for nearly all entries: objects of one shape are made and read several times faster.
  if (peer.isHopeful && !isOld && transport === undefined)
    return { id, maxVersionSeen, generation, heartbeat, gcVersion }
  return {
    id,
    maxVersionSeen,
    ...(transport === undefined ? {} : { transport }),
    generation,
    heartbeat,
    gcVersion,
    ...(peer.isHopeful ? {} : { silentMs: Math.max(0, Math.round(now - peer.heardAt)) }),
    ...(heartbeat === LEFT_HEARTBEAT ? { left: true } : {}),
    ...(isOld ? { old: true } : {}),
  }
}

/** The record of a retired peer. */
export function removalEntry(record: Removal, now: number): WireRemoval {
  const { id, generation, heartbeat } = record
  return { id, generation, heartbeat, ageMs: Math.max(0, Math.round(now - record.retiredAt)) }
}

/**
 * What a step-1 digest says of an id. The address is left out where my copy can be passed on: whoever lacks this
 * generation asks for the group, and the address comes with it.
 */
export function listedEntry(context: Context, id: string, now: number): WireDigestItem {
  const peer = context.roster.get(id)
  if (peer !== undefined) return peerEntry(peer, !peer.map.isRelayable, now)
  const record = context.roster.removals.get(id)
  if (record === undefined) throw new Error(`no peer and no record under ${id}`)
  return removalEntry(record, now)
}
