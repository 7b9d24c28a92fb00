/** What a message from the network does. The whole shape is checked first; a bad message changes nothing. */

import { RefusedMessageError } from '../errors.ts'
import type { Instant } from '../membership/index.ts'
import type { SenderRef } from '../ports.ts'
import { type Digest, parseDeltas } from '../reconcile/index.ts'
import { type Group, isReadable } from '../state/index.ts'
import { Answer } from './answer.ts'
import type { Context } from './context.ts'
import { hearOfMyself } from './identity.ts'
import { meetGroup } from './meet.ts'
import { readEntries, readPairs } from './read-digest.ts'
import { takeInItem, takeInOwn } from './take-in.ts'

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
    // A process that is behind me and knows nobody else would never hear that its id is taken.
    const isBehind = context.phase === 'running' && digest.own.generation < context.generation
    if (isBehind && digest.step === 1) new Answer(context, digest, now).introduce(remote)
    return
  }
  context.senders.admit(remote.id)
  const { table } = context.roster
  table.reserve([remote.id])
  const answer = new Answer(context, digest, now)
  takeInItem(context, digest.own, table.rowOf(remote.id), remote.id, at)
  answer.toSender()
  const rows = readEntries(context, digest, answer, at)
  // A pair means the generation that my digest named: mine, not one of the process that ran here before.
  const isMine = digest.answers !== undefined && digest.asker === context.generation
  if (isMine) readPairs(context, digest, digest.answers, at)
  answer.send(remote, rows)
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
  const ids = groups.map((group) => group.id)
  const rows = context.roster.locate({ ids, from: 0, to: ids.length })
  for (const [index, group] of groups.entries()) takeInGroup(context, group, rows?.[index] ?? index, remote.id, at)
}

/**
 * Takes in one group of a transfer in bulk.
 *
 * @returns whether what follows it can be of use
 * @throws {MalformedMessageError} the shape is wrong
 */
export function receiveBulkGroup(context: Context, remote: SenderRef, json: unknown, now: number): boolean {
  const [group] = parseDeltas([json], now, context.options.valueBytesMax) as readonly [Group]
  const { table } = context.roster
  table.reserve([group.id])
  return takeInGroup(context, group, table.rowOf(group.id), remote.id, context.instant(now))
}

/** @returns false if the group was refused, so that none that continues it will be accepted */
function takeInGroup(context: Context, given: Group, row: number, via: string, at: Instant): boolean {
  if (given.id === context.id) {
    const { generation, top: maxVersion, transport } = given
    hearOfMyself(context, { generation, maxVersion, transport }, at.now)
    return true
  }
  context.outbox.keep()
  const peer = meetGroup(context, given, row, via, at)
  if (peer === undefined) return false
  const hasLeases = given.entries.some((entry) => entry.expiresAt !== undefined)
  const group = hasLeases ? peer.map.withFormerLapses(given) : given
  const outcome = peer.accept(group, at.now, context.options.mapBytesMax)
  if (outcome.verdict !== 'applied') {
    context.stats.groupsRefused++
    return false
  }
  context.stats.entriesReceived += group.entries.length
  // What came lapsed was readable to nobody, so there is nothing to tell later.
  for (const entry of group.entries) {
    if (entry.expiresAt !== undefined && isReadable(entry, at.now)) context.leases.add(peer.map, entry)
  }
  context.outbox.tellChanges(peer.id, outcome.changes)
  return true
}
