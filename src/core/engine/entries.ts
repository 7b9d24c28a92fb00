/** What this node says in digests: of itself, of each peer, of each retired one. */

import type { Peer, Removal } from '../membership/index.ts'
import {
  type DigestEntries,
  type DigestHead,
  entriesOf,
  type PeerEntry,
  type RemovalEntry,
} from '../reconcile/index.ts'
import type { Context } from './context.ts'

/** What a digest says of its sender and of itself, but for the claim. */
export function digestHead(context: Context, step: 1 | 2, answers?: number): DigestHead {
  const { id, own, heartbeat, transport, options } = context
  const { generation, maxVersionSeen, gcVersion } = own.map
  const numbers = { generation, heartbeat, gcVersion, maxVersionSeen }
  return {
    own: { kind: 'peer', id, ...numbers, transport, silentMs: undefined, isOld: false },
    clusterId: options.clusterId,
    step,
    claim: undefined,
    answers,
  }
}

/** A peer's entry. `withTransport`: the other side may lack this generation and get no group of it from me. */
export function peerEntry(peer: Peer, withTransport: boolean, now: number): PeerEntry {
  const { id, generation, heartbeat, isOld } = peer
  const { maxVersionSeen, gcVersion } = peer.map
  const transport = withTransport ? peer.transport : undefined
  const silentMs = peer.isHopeful ? undefined : Math.max(0, Math.round(now - peer.heardAt))
  return { kind: 'peer', id, generation, heartbeat, gcVersion, maxVersionSeen, transport, silentMs, isOld }
}

/** The record of a retired peer. */
export function removalEntry(record: Removal, now: number): RemovalEntry {
  const { id, generation, heartbeat } = record
  return { kind: 'removal', id, generation, heartbeat, ageMs: Math.max(0, Math.round(now - record.retiredAt)) }
}

/**
 * What a step-1 digest says of everybody. The address is left out where my copy can be passed on: whoever lacks this
 * generation asks for the group, and the address comes with it.
 */
export function listedEntries(context: Context, now: number): DigestEntries {
  return entriesOf(
    context.roster.ids.map((id) => {
      const peer = context.roster.get(id)
      if (peer !== undefined) return peerEntry(peer, !peer.map.isRelayable, now)
      const record = context.roster.removals.get(id)
      if (record === undefined) throw new Error(`no peer and no record under ${id}`)
      return removalEntry(record, now)
    }),
  )
}
