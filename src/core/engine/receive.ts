/** What a message from the network does. The whole shape is checked first; a bad message changes nothing. */

import { RefusedMessageError } from '../errors.ts'
import { type Instant, LEFT_HEARTBEAT, type Peer } from '../membership/index.ts'
import type { SenderRef } from '../ports.ts'
import {
  type Digest,
  type HeartbeatEntry,
  itemsOf,
  type PeerEntry,
  pairItemsOf,
  parseDeltas,
  type RemovalEntry,
} from '../reconcile/index.ts'
import { type Change, type Group, isReadable } from '../state/index.ts'
import { answerFirstStep, answerSecondStep } from './answer.ts'
import type { Context } from './context.ts'
import { hearOfMyself } from './identity.ts'
import { meetEntry, meetGroup, meetHeartbeat, meetRemoval } from './meet.ts'

/**
 * Takes in a digest and answers it.
 *
 * @throws {RefusedMessageError} it comes from another cluster
 */
export function receiveDigest(context: Context, remote: SenderRef, digest: Digest, now: number): void {
  const { clusterId } = context.options
  if (digest.clusterId !== clusterId) {
    const problem = `a digest of cluster ${JSON.stringify(digest.clusterId)}, this node is in ${JSON.stringify(clusterId)}`
    throw new RefusedMessageError('GOSSIP_CLUSTER_FOREIGN', problem, remote)
  }
  context.stats.digestsReceived++
  const at = context.instant(now)
  if (remote.id === context.id) {
    // A seed that is myself, or a second process: only what it says of my id matters.
    takeInOwn(context, digest.own, now)
    return
  }
  context.senders.admit(remote.id)
  takeIn(context, digest.own, remote.id, at)
  for (const item of itemsOf(digest)) takeIn(context, item, remote.id, at)
  if (digest.answers !== undefined) takeInPairs(context, digest, digest.answers, at)
  if (digest.step === 1) answerFirstStep(context, remote, digest, now)
  else answerSecondStep(context, remote, digest, now)
}

/**
 * Takes in deltas, group by group.
 *
 * @throws {MalformedMessageError} the shape is wrong
 * @throws {RefusedMessageError} nothing is known of the sender's cluster
 */
export function receiveDeltas(context: Context, remote: SenderRef, json: unknown, now: number): void {
  if (!context.senders.has(remote)) {
    const problem = 'deltas of a sender that has neither introduced itself nor been asked'
    throw new RefusedMessageError('GOSSIP_SENDER_UNKNOWN', problem, remote)
  }
  const groups = parseDeltas(json, now, context.options.valueBytesMax)
  context.stats.deltasReceived++
  const at = context.instant(now)
  for (const group of groups) takeInGroup(context, group, remote.id, at)
}

function takeIn(context: Context, item: PeerEntry | RemovalEntry, via: string, at: Instant): void {
  if (item.id === context.id) {
    noteLeaveTaken(context, item, via)
    takeInOwn(context, item, at.now)
  } else if (item.kind === 'peer') meetEntry(context, item, via, at)
  else meetRemoval(context, item, at)
}

function takeInPairs(context: Context, { own, pairs }: Digest, answers: number, at: Instant): void {
  for (const pair of pairItemsOf(pairs)) {
    if (pair.id === context.id) takeInOwnPair(context, pair, answers, at.now)
    else meetHeartbeat(context, pair, answers, own.id, at)
  }
}

function takeInOwn(context: Context, item: PeerEntry | RemovalEntry, now: number): void {
  const { generation, heartbeat } = item
  if (item.kind === 'removal') hearOfMyself(context, { generation, heartbeat, isRemoval: true }, now)
  else hearOfMyself(context, { generation, heartbeat, maxVersion: item.maxVersionSeen, transport: item.transport }, now)
}

/** A pair means the generation that the answered digest of mine named. */
function takeInOwnPair(context: Context, { heartbeat }: HeartbeatEntry, answers: number, now: number): void {
  const { generation, adoptedAtBeat } = context
  if (answers > adoptedAtBeat) hearOfMyself(context, { generation, heartbeat }, now)
}

/** Somebody who lists me as having left has taken note of my goodbye. */
function noteLeaveTaken(context: Context, item: PeerEntry | RemovalEntry, via: string): void {
  if (!context.hasLeft) return
  if (item.generation !== context.generation || item.heartbeat !== LEFT_HEARTBEAT) return
  if (context.leaveTakenBy.has(via)) return
  context.leaveTakenBy.add(via)
  if (context.leaveTakenBy.size === context.leaveWanted) context.outbox.tell({ type: 'leave taken' })
}

function takeInGroup(context: Context, group: Group, via: string, at: Instant): void {
  if (group.id === context.id) {
    const { generation, top: maxVersion, transport } = group
    hearOfMyself(context, { generation, maxVersion, transport }, at.now)
    return
  }
  const peer = meetGroup(context, group, via, at)
  if (peer === undefined) return
  const outcome = peer.map.accept(group, at.now, context.options.mapBytesMax)
  if (outcome.verdict !== 'applied') {
    context.stats.groupsRefused++
    return
  }
  context.stats.entriesReceived += group.entries.length
  // What came lapsed was readable to nobody, so there is nothing to tell later.
  for (const entry of group.entries) if (isReadable(entry, at.now)) context.leases.add(peer.map, entry)
  tellChanges(context, peer, outcome.changes)
}

function tellChanges(context: Context, peer: Peer, changes: readonly Change[]): void {
  for (const { key, entry } of changes) {
    if (entry === undefined) context.outbox.tell({ type: 'delete', peerId: peer.id, key })
    else context.outbox.tell({ type: 'update', peerId: peer.id, key, value: entry.value })
  }
}
