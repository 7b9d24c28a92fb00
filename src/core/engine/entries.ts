/** What this node says in digests: of itself, of each peer, of each retired one. */

import { assert } from '../assert.ts'
import { KIND_BITS, LIVE, OLD_FLAG, type Peer, type Removal, SELF, UNPROVEN } from '../membership/index.ts'
import {
  type DigestEntries,
  type DigestHead,
  isRelayable,
  type PeerEntry,
  type RareFacts,
  type RemovalEntry,
} from '../reconcile/index.ts'
import type { Context } from './context.ts'

/**
 * What a digest says of its sender and of itself, but for the claim.
 *
 * @param asked - the own entry of the digest it answers
 */
export function digestHead(context: Context, step: 1 | 2, asked?: PeerEntry): DigestHead {
  const { id, own, heartbeat, transport, options } = context
  const { generation, maxVersionSeen, gcVersion } = own.map
  const numbers = { generation, heartbeat, gcVersion, maxVersionSeen }
  return {
    own: { kind: 'peer', id, ...numbers, transport, silentMs: undefined, isOld: false },
    clusterId: options.clusterId,
    step,
    claim: undefined,
    answers: asked?.heartbeat,
    asker: asked?.generation,
  }
}

/** A peer's entry. `withTransport`: the other side may lack this generation and get no group of it from me. */
export function peerEntry(peer: Peer, withTransport: boolean, now: number): PeerEntry {
  const { id, generation, heartbeat, isOld } = peer
  const { maxVersionSeen, gcVersion } = peer
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
 * What a step-1 digest says of everybody, this node included. The columns are lent by the table of peers. O(peers).
 */
export function listedEntries(context: Context, now: number): DigestEntries {
  writeOwnRow(context)
  const { ids, generations, heartbeats, maxVersionsSeen, gcVersions } = context.roster.table
  return {
    ids,
    from: 0,
    to: ids.length,
    generations: generations.lend(),
    heartbeats: heartbeats.lend(),
    maxVersionsSeen: maxVersionsSeen.lend(),
    gcVersions: gcVersions.lend(),
    rare: rareFacts(context, now),
  }
}

/** Brings this node's own row up to date: nobody else writes there, and only digests and their comparison read it. */
export function writeOwnRow({ roster, own, heartbeat }: Context): void {
  const { table, ownRow } = roster
  table.generations.set(ownRow, own.map.generation)
  table.heartbeats.set(ownRow, heartbeat)
  table.maxVersionsSeen.set(ownRow, own.map.maxVersionSeen)
  table.gcVersions.set(ownRow, own.map.gcVersion)
}

/**
 * The address is left out where my copy can be passed on: whoever lacks this generation asks for the group, and the
 * address comes with it.
 */
function rareFacts({ roster }: Context, now: number): RareFacts[] {
  const { table } = roster
  const { states } = table
  const maxVersionsSeen = table.maxVersionsSeen.values
  const gcVersions = table.gcVersions.values
  const rare: RareFacts[] = []
  for (let row = 0; row < states.length; row++) {
    const state = (states[row] as number) & (KIND_BITS | OLD_FLAG)
    const maxVersionSeen = maxVersionsSeen[row] as number
    const hasNoAddress = maxVersionSeen > 0 && maxVersionSeen >= (gcVersions[row] as number)
    if (state === SELF || (hasNoAddress && (state === LIVE || state === UNPROVEN))) continue
    const facts = factsOf(roster, row, now)
    rare.push({ index: row, ...facts })
  }
  return rare
}

function factsOf(roster: Context['roster'], row: number, now: number): Omit<RareFacts, 'index'> {
  const peer = roster.at(row)
  if (peer === undefined) {
    const record = roster.removals.get(roster.ids[row] as string)
    assert(record !== undefined, 'a row that is neither peer nor vacant has a record')
    return { transport: undefined, silentMs: undefined, isOld: false, ageMs: removalEntry(record, now).ageMs }
  }
  const { transport, silentMs, isOld } = peerEntry(peer, !isRelayable(peer), now)
  return { transport, silentMs, isOld, ageMs: undefined }
}
