/** What single news of a digest do: of a peer, of a retired one, of this node itself. */

import { type Instant, LEFT_HEARTBEAT } from '../membership/index.ts'
import type { HeartbeatEntry, PeerEntry, RemovalEntry } from '../reconcile/index.ts'
import type { Context } from './context.ts'
import { hearOfMyself } from './identity.ts'
import { meetEntry, meetHeartbeat, meetRemoval } from './meet.ts'

/** Takes in one entry, about who has a row, that `via` sent. */
export function takeInItem(
  context: Context,
  item: PeerEntry | RemovalEntry,
  row: number,
  via: string,
  at: Instant,
): void {
  if (item.id === context.id) {
    noteLeaveTaken(context, item, via)
    takeInOwn(context, item, at.now)
  } else if (item.kind === 'peer') meetEntry(context, item, row, via, at)
  else meetRemoval(context, item, at)
}

/** Takes in what somebody says of this node. */
export function takeInOwn(context: Context, item: PeerEntry | RemovalEntry, now: number): void {
  const { generation, heartbeat } = item
  if (item.kind === 'removal') hearOfMyself(context, { generation, heartbeat, isRemoval: true }, now)
  else hearOfMyself(context, { generation, heartbeat, maxVersion: item.maxVersionSeen, transport: item.transport }, now)
}

/**
 * Takes in a pair.
 *
 * @param answers - my heartbeat in the digest it answers: the pair means the generation which that digest named
 */
export function takeInPair(context: Context, pair: HeartbeatEntry, answers: number, via: string, at: Instant): void {
  if (pair.id !== context.id) {
    meetHeartbeat(context, pair, answers, via, at)
    return
  }
  hearOfMyself(context, { generation: context.generation, heartbeat: pair.heartbeat }, at.now)
}

/** Somebody who lists me as having left has taken note of my goodbye. */
function noteLeaveTaken(context: Context, item: PeerEntry | RemovalEntry, via: string): void {
  if (!context.hasLeft) return
  if (item.generation !== context.generation || item.heartbeat !== LEFT_HEARTBEAT) return
  if (context.leaveTakenBy.has(via)) return
  context.leaveTakenBy.add(via)
  if (context.leaveTakenBy.size === context.leaveWanted) context.outbox.tell({ type: 'leave taken' })
}
