/**
 * How news changes whom this node knows: peers come in, begin another life, are heard, are retired. Every path by which
 * a peer is created, revived or removed runs through here.
 */

import { CapacityError } from '../errors.ts'
import type { JsonValue } from '../json/index.ts'
import { before, hear, type Instant, LEFT_HEARTBEAT, type LifeChange, type Peer, UNHEARD } from '../membership/index.ts'
import type { HeartbeatEntry, PeerEntry, RemovalEntry } from '../reconcile/index.ts'
import type { Group } from '../state/index.ts'
import type { Context } from './context.ts'

/** Takes in what a digest says of a peer. Undefined when the peer is retired or there is no room for it. */
export function meetEntry(context: Context, entry: PeerEntry, row: number, via: string, at: Instant): Peer | undefined {
  const { roster } = context
  if (roster.removals.forbids(entry.id, entry.generation, entry.heartbeat)) return undefined
  const known = roster.at(row)
  if (known === undefined) return createFromEntry(context, entry, via, at)
  if (entry.generation < known.generation) return known
  if (entry.generation > known.generation) {
    known.beginLife(entry.generation, entry.transport, context.heartbeat)
    // Known by deltas alone, over there too: no heartbeat says that it lives, and none that it left.
    if (entry.heartbeat === UNHEARD && !known.isHopeful) awaitProof(known, at)
  } else if (known.transport === undefined) known.transport = entry.transport
  if (entry.isOld) known.isOld = true
  const news = { heartbeat: entry.heartbeat, silentMs: entry.silentMs, via }
  tellLife(context, known.id, hear(known, news, at, context.detector, context.pages))
  return known
}

/**
 * Takes in a pair of a step-2 digest. It means the generation that my own digest named, so it counts only for peers
 * whose generation I had adopted before I wrote that digest.
 */
export function meetHeartbeat(context: Context, pair: HeartbeatEntry, answers: number, via: string, at: Instant): void {
  const peer = context.roster.get(pair.id)
  if (peer === undefined || peer.table.isAdoptedSince(peer.row, answers)) return
  const news = { heartbeat: pair.heartbeat, silentMs: undefined, via }
  tellLife(context, peer.id, hear(peer, news, at, context.detector, context.pages))
}

/** Finds or makes the peer a group is about. Undefined when it is retired or there is no room for it. */
export function meetGroup(context: Context, group: Group, row: number, via: string, at: Instant): Peer | undefined {
  const { roster } = context
  const record = roster.removals.get(group.id)
  if (record !== undefined && group.generation <= record.generation) return undefined
  const known = roster.at(row) ?? createFromGroup(context, group, via, at)
  if (known === undefined || group.generation < known.generation) return known
  if (group.generation > known.generation) {
    known.beginLife(group.generation, group.transport, context.heartbeat)
    if (!known.isHopeful) awaitProof(known, at)
  } else if (known.transport === undefined) known.transport = group.transport
  if (group.isOld === true) known.isOld = true
  return known
}

/** Takes in the record of a retired peer, unless something newer is known of it. */
export function meetRemoval(context: Context, entry: RemovalEntry, at: Instant): void {
  const known = context.roster.get(entry.id)
  if (known?.isNewerThan(entry.generation, entry.heartbeat)) return
  if (entry.ageMs >= context.options.deadPeerGracePeriodMs) return
  const { id, generation, heartbeat } = entry
  retire(context, { id, generation, heartbeat, retiredAt: at.now - entry.ageMs }, at.now)
}

/** Puts a removal record in a peer's place, and tells which keys can no longer be read. */
export function retire(
  context: Context,
  record: { id: string; generation: number; heartbeat: number; retiredAt: number },
  now: number,
): void {
  const { id } = record
  const map = context.roster.get(id)?.map
  const keys = map === undefined ? [] : Array.from(map.readAll(now), (entry) => entry.key)
  if (!context.roster.retire(record) || map === undefined) return
  context.oversizeReported.delete(id)
  // Its leases wait for their time, which may be years away.
  map.release()
  context.outbox.tell({ type: 'peer removed', peerId: id, keys })
}

/** Tells a change of a peer's life, if there is one. */
export function tellLife(context: Context, peerId: string, change: LifeChange): void {
  if (change !== undefined) context.outbox.tell({ type: `peer ${change}`, peerId })
}

function createFromEntry(context: Context, entry: PeerEntry, via: string, at: Instant): Peer | undefined {
  const peer = create(context, entry, entry.transport, via, at)
  if (peer === undefined) return undefined
  peer.isOld = entry.isOld
  // Somebody holds it dead already: it is no news of life, and its grace goes on from where he is.
  if (entry.silentMs !== undefined) {
    peer.status = 'dead'
    peer.setHeardAt(before(at, entry.silentMs))
  }
  if (entry.heartbeat === LEFT_HEARTBEAT) peer.status = 'left'
  return peer
}

function createFromGroup(context: Context, group: Group, via: string, at: Instant): Peer | undefined {
  return create(context, { id: group.id, generation: group.generation, heartbeat: UNHEARD }, group.transport, via, at)
}

function create(
  context: Context,
  facts: { id: string; generation: number; heartbeat: number },
  transport: JsonValue | undefined,
  via: string,
  at: Instant,
): Peer | undefined {
  if (context.roster.size >= context.options.peersMax) {
    tellFull(context, at.now)
    return undefined
  }
  const { id, generation, heartbeat } = facts
  const viaRow = context.roster.table.rowOf(via)
  const adoptedAtBeat = context.heartbeat
  const peer = context.roster.add(id, { generation, heartbeat, transport, adoptedAtBeat, viaRow, ...at })
  context.outbox.tell({ type: 'new peer', peerId: id })
  return peer
}

/** One message may name thousands for whom there is no room: that is told once an interval. */
function tellFull(context: Context, now: number): void {
  const { gossipIntervalMs, peersMax } = context.options
  if (now - context.fullToldAt < gossipIntervalMs) return
  context.fullToldAt = now
  context.tellError(new CapacityError('the table of peers', peersMax))
}

/** The silence of a former life says nothing of the new one. */
function awaitProof(peer: Peer, at: Instant): void {
  peer.status = 'unproven'
  peer.setHeardAt(at)
}
