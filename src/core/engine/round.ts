/** What this node does by itself, once per interval: beat, judge, forget, and contact a few others. */

import { chooseTargets, type Instant, isSameAddress, judge, type Peer } from '../membership/index.ts'
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
  if (now >= context.judgesFrom) judgeAll(context, at)
  retireSilent(context, now)
  context.roster.expireRemovals(now - context.options.deadPeerGracePeriodMs)
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
  for (const peer of context.roster.peers()) {
    tellLife(context, peer.id, judge(peer, at, context.detector, context.pages))
  }
}

/** Dead and departed peers go after the grace, counted from their last heartbeat, so that they go everywhere at once. */
function retireSilent(context: Context, now: number): void {
  const graceMs = context.options.deadPeerGracePeriodMs
  const silent = [...context.roster.peers()].filter((peer) => !peer.isHopeful && now - peer.heardAt >= graceMs)
  for (const peer of silent) {
    const { id, generation, heartbeat, heardAt } = peer
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
  const hopeful: PeerRef[] = []
  const dead: PeerRef[] = []
  let liveCount = 0
  for (const peer of context.roster.peers()) {
    if (peer.status === 'live') liveCount++
    if (peer.transport === undefined) continue
    if (peer.isHopeful) hopeful.push(toRef(peer))
    else if (peer.status === 'dead') dead.push(toRef(peer))
  }
  const seeds = context.options.seeds.filter(
    ({ id, transport }) => id !== context.id && !isSameAddress(transport, context.transport),
  )
  return chooseTargets({ hopeful, dead, seeds, liveCount }, context.options, context.random)
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
  else if (next !== 0) context.pages = Math.ceil(entries.to / Math.max(1, next - start))
  const out = new OutDigest(digest)
  for (const to of targets) {
    context.senders.admitAsked(to)
    context.stats.digestsSent++
    context.outbox.send(new DigestMessage(to, out))
  }
}

function bytesBound(context: Context, ownBytes: number): number {
  let bytes = ownBytes + ENTRY_BYTES_MAX
  for (const peer of context.roster.peers()) bytes += peer.textBytes + ENTRY_BYTES_MAX
  return bytes + context.roster.removals.size * (ENTRY_BYTES_MAX + 258)
}

function toRef(peer: Peer): PeerRef {
  return { id: peer.id, transport: peer.transport ?? null }
}
