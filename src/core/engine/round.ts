/** What this node does by itself, once per interval: beat, judge, forget, and contact a few others. */

import {
  AddressedPeers,
  chooseTargets,
  DEAD,
  type Instant,
  isSameAddress,
  judge,
  LEFT_KIND,
  LIVE,
  type Peer,
  type Pickable,
  UNPROVEN,
} from '../membership/index.ts'
import type { PeerRef } from '../ports.ts'
import { cutPage, ENTRY_BYTES_MAX, ownEntryBytes } from '../reconcile/index.ts'
import type { Context } from './context.ts'
import { DigestMessage, OutDigest } from './digest-message.ts'
import { digestHead, listedEntries } from './entries.ts'
import { retire, tellLife } from './meet.ts'

/** A node that leaves says so this many times per interval until it was heard. */
const LEAVE_HURRY = 5

/** Runs one round and sets the time of the next. */
export function runRound(context: Context, now: number): void {
  const at = context.instant(now)
  context.stats.rounds++
  if (!context.hasLeft) context.heartbeat++
  if (now >= context.judgesFrom) {
    judgeAll(context, at)
    retireSilent(context, now)
    context.roster.expireRemovals(now - context.options.deadPeerGracePeriodMs)
  }
  collectTombstones(context, now)
  sendDigests(context, now)
  context.nextRoundAt = now + nextRoundInMs(context)
}

/** The first wait is any part of an interval, so that nodes started together do not stay in step. */
function nextRoundInMs(context: Context): number {
  const { gossipIntervalMs, gossipJitter } = context.options
  if (context.hasLeft) return gossipIntervalMs / LEAVE_HURRY
  if (context.stats.rounds === 1) return gossipIntervalMs * context.random()
  return gossipIntervalMs * (1 + gossipJitter * (2 * context.random() - 1))
}

/** Sends the present page of the digest to one peer, outside the rounds. */
export function sendDigestTo(context: Context, remote: PeerRef, now: number): void {
  sendPage(context, [remote], now)
}

/** Drops what has lapsed: own entries become tombstones, others are told as deleted. */
export function lapseLeases(context: Context, now: number): void {
  for (let lease = context.leases.pollLapsed(now); lease !== undefined; lease = context.leases.pollLapsed(now)) {
    const { map, entry } = lease
    if (map === context.own.map) context.own.delete(entry.key, now)
    // A retired peer's leases are still waiting here, but nobody reads its map any more.
    else if (context.roster.get(map.id)?.map !== map) continue
    context.outbox.tell({ type: 'delete', peerId: map.id, key: entry.key })
  }
}

function judgeAll(context: Context, at: Instant): void {
  const { roster, detector, pages } = context
  const { table } = roster
  for (let row = 0; row < table.states.length; row++) {
    const change = judge(table, row, at, detector, pages)
    if (change !== undefined) tellLife(context, table.ids[row] as string, change)
  }
}

/** Dead and departed peers go after the grace, counted from their last heartbeat, so that they go everywhere at once. */
function retireSilent(context: Context, now: number): void {
  const graceMs = context.options.deadPeerGracePeriodMs
  const { table } = context.roster
  for (let row = 0; row < table.states.length; row++) {
    const kind = table.kindOf(row)
    if ((kind !== DEAD && kind !== LEFT_KIND) || now - (table.heardAts[row] as number) < graceMs) continue
    const { id, generation, heartbeat, heardAt } = context.roster.at(row) as Peer
    retire(context, { id, generation, heartbeat, retiredAt: heardAt + graceMs }, now)
  }
}

function collectTombstones(context: Context, now: number): void {
  const { tombstoneGraceMs, gossipIntervalMs, deltasMax } = context.options
  const { bytes, size } = context.own.map
  const messages = Math.ceil(Math.max(bytes / context.deltaBytesMax, size / deltasMax))
  context.own.collect({ tombstoneGraceMs, snapshotMs: 2 * messages * gossipIntervalMs }, now)
}

function sendDigests(context: Context, now: number): void {
  const targets = roundTargets(context)
  sendPage(context, targets, now)
}

function roundTargets(context: Context): readonly PeerRef[] {
  const { roster, options } = context
  const { table } = roster
  const seeds = seedsOf(context)
  const hopeful = reachable(context, new AddressedPeers(table, [LIVE, UNPROVEN]))
  const dead = reachable(context, new AddressedPeers(table, [DEAD]))
  return chooseTargets({ hopeful, dead, seeds, liveCount: table.count([LIVE]) }, options, context.random)
}

/** Seeds of the options and those offered since, each address once, without this node itself. */
function seedsOf({ id: ownId, transport: ownAddress, options, offeredSeeds }: Context): readonly PeerRef[] {
  const isOther = ({ id, transport }: PeerRef): boolean => id !== ownId && !isSameAddress(transport, ownAddress)
  const isNew = ({ transport }: PeerRef): boolean =>
    !options.seeds.some((seed) => isSameAddress(seed.transport, transport))
  const seeds = options.seeds.filter(isOther)
  return offeredSeeds.length === 0 ? seeds : [...seeds, ...offeredSeeds.filter((seed) => isOther(seed) && isNew(seed))]
}

/** Those to whom the transport knows a way, where it says so. A round is not wasted on a peer that only dials others. */
function reachable({ canReach }: Context, peers: AddressedPeers): Pickable {
  return canReach === undefined ? peers : peers.toArray().filter(canReach)
}

/** One page a round for all targets. */
function sendPage(context: Context, targets: readonly PeerRef[], now: number): void {
  if (targets.length === 0) return
  const head = digestHead(context, 1)
  const entries = listedEntries(context, now)
  const start = context.pageStart < entries.to ? context.pageStart : 0
  const { digest, next } = cutPage({
    head,
    entries,
    start,
    bytesMax: context.digestBytesMax,
    bytesBound: bytesBound(context, ownEntryBytes(head)),
  })
  context.pageStart = next
  if (next === 0 && start === 0) context.pages = 1
  // The last page of several is shorter than the others, so it says nothing of their number.
  else if (next !== 0) context.pages = Math.ceil((entries.to - 1) / Math.max(1, listedIn(context, start, next)))
  const out = new OutDigest(digest)
  for (const to of targets) {
    context.senders.admitAsked(to)
    context.stats.digestsSent++
    context.outbox.send(new DigestMessage(to, out))
  }
}

function listedIn({ roster }: Context, from: number, to: number): number {
  const isOwnIn = roster.ownRow >= from && roster.ownRow < to
  return to - from - (isOwnIn ? 1 : 0)
}

function bytesBound({ roster }: Context, ownBytes: number): number {
  return ownBytes + roster.table.textBytes + (roster.ids.length + 1) * ENTRY_BYTES_MAX
}
