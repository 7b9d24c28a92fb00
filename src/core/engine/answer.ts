/**
 * The answer to a digest: the deltas its sender lacks, and after a step-1 digest also a step-2 digest of what I lack and
 * of newer heartbeats. Three legs bring both sides level.
 */

import { ListenerError, ValueTooLargeError } from '../errors.ts'
import { type Candidate, type Order, type Packed, pack } from '../flow/index.ts'
import { isSameAddress, LEFT_HEARTBEAT, type Peer } from '../membership/index.ts'
import type { PeerRef, SenderRef } from '../ports.ts'
import {
  asJson,
  covers,
  type Digest,
  entriesOf,
  entryBytes,
  type HeartbeatEntry,
  isAhead,
  itemsOf,
  lackOf,
  ownEntryBytes,
  type PeerEntry,
  pairBytes,
  pairItemsOf,
  pairsOf,
  type RemovalEntry,
  type Standing,
} from '../reconcile/index.ts'
import type { Context } from './context.ts'
import { DigestMessage, OutDigest } from './digest-message.ts'
import { digestHead, peerEntry, removalEntry } from './entries.ts'

/** Collects what the other side lacks and what I want to tell or ask. */
class Answer {
  readonly context: Context
  readonly now: number
  readonly candidates: Candidate[] = []
  /** Peers of which I lack something: these come first. */
  readonly wanted: PeerEntry[] = []
  readonly newer: (PeerEntry | RemovalEntry)[] = []
  /** Peers of which I know nothing newer but the heartbeat. */
  readonly beats: HeartbeatEntry[] = []

  constructor(context: Context, now: number) {
    this.context = context
    this.now = now
  }

  offerOwn(theirs: Standing | undefined): void {
    const { own, transport } = this.context
    const lack = lackOf(own.map, theirs)
    if (lack !== undefined) this.candidates.push({ map: own.map, transport, ...lack })
  }

  offer({ map, transport, isOld }: Peer, theirs: Standing | undefined): void {
    const lack = lackOf(map, theirs)
    if (lack !== undefined) this.candidates.push({ map, transport, isOld, ...lack })
  }
}

/** Answers a step-1 digest that was already taken in. */
export function answerFirstStep(context: Context, remote: SenderRef, digest: Digest, now: number): void {
  const answer = new Answer(context, now)
  const listed = new Set<string>([remote.id])
  answerItem(answer, digest.own)
  acknowledgeLeave(answer, digest)
  tellElsewhere(answer, digest.own)
  for (const item of itemsOf(digest)) {
    listed.add(item.id)
    answerItem(answer, item)
  }
  for (const { id } of pairItemsOf(digest.pairs)) listed.add(id)
  if (digest.claim !== undefined) answerAbsent(answer, digest.claim, listed)
  sendSecondStep(answer, remote, digest)
  sendDeltas(answer, remote)
}

/** Answers a step-2 digest: deltas only. */
export function answerSecondStep(context: Context, remote: SenderRef, digest: Digest, now: number): void {
  const answer = new Answer(context, now)
  for (const item of [digest.own, ...itemsOf(digest)]) {
    if (item.kind !== 'peer') continue
    if (item.id === context.id) answer.offerOwn(item)
    else {
      const peer = context.roster.get(item.id)
      if (peer !== undefined) answer.offer(peer, item)
    }
  }
  sendDeltas(answer, remote)
}

function answerItem(answer: Answer, item: PeerEntry | RemovalEntry): void {
  const { context, now } = answer
  const theirs = item.kind === 'peer' ? item : undefined
  if (item.id === context.id) {
    answer.offerOwn(theirs)
    return
  }
  const record = context.roster.removals.get(item.id)
  if (record !== undefined && item.kind === 'peer') answer.newer.push(removalEntry(record, now))
  const peer = context.roster.get(item.id)
  if (peer === undefined) return
  answer.offer(peer, theirs)
  if (theirs === undefined) answer.newer.push(peerEntry(peer, true, now))
  else if (isAhead(theirs, peer.map)) answer.wanted.push(peerEntry(peer, false, now))
  else if (peer.isNewerThan(theirs.generation, theirs.heartbeat)) tellNewer(answer, peer, theirs)
}

/** Who says goodbye waits to see that it was taken. */
function acknowledgeLeave(answer: Answer, digest: Digest): void {
  const peer = digest.own.heartbeat === LEFT_HEARTBEAT ? answer.context.roster.get(digest.own.id) : undefined
  if (peer?.heartbeat === LEFT_HEARTBEAT) answer.wanted.push(peerEntry(peer, false, answer.now))
}

/** Who speaks under the generation of a peer that is known at another address must hear of that one. */
function tellElsewhere(answer: Answer, own: Digest['own']): void {
  const peer = answer.context.roster.get(own.id)
  if (peer?.transport === undefined || peer.generation !== own.generation) return
  if (!isSameAddress(peer.transport, own.transport)) answer.wanted.push(peerEntry(peer, true, answer.now))
}

/** Of a live peer of the same generation only the heartbeat needs telling. */
function tellNewer(answer: Answer, peer: Peer, theirs: Standing): void {
  const isSameLife = peer.generation === theirs.generation
  if (isSameLife && peer.isHopeful && !peer.isOld) answer.beats.push({ id: peer.id, heartbeat: peer.heartbeat })
  else answer.newer.push(peerEntry(peer, !isSameLife, answer.now))
}

/** Inside the claimed range, who is not listed is not known over there. */
function answerAbsent(answer: Answer, claim: NonNullable<Digest['claim']>, listed: ReadonlySet<string>): void {
  const { context, now } = answer
  const { ids } = context.roster
  const first = claim.from === null ? 0 : context.roster.firstFrom(claim.from)
  for (let index = first; index < ids.length; index++) {
    const id = ids[index] as string
    if (claim.to !== null && id >= claim.to) break
    const peer = listed.has(id) ? undefined : context.roster.get(id)
    if (peer === undefined) continue
    answer.offer(peer, undefined)
    answer.newer.push(peerEntry(peer, true, now))
  }
  if (!listed.has(context.id) && covers(claim, context.id)) answer.offerOwn(undefined)
}

/**
 * A step-2 digest always goes out: my own heartbeat alone is worth saying, since the other side hears it nowhere
 * sooner. It goes before the deltas, for it introduces me. What exceeds the budget waits for another round.
 */
function sendSecondStep(answer: Answer, remote: PeerRef, digest: Digest): void {
  const { context, wanted, newer, beats } = answer
  const head = digestHead(context, 2, digest.own.heartbeat)
  let restBytes = context.digestBytesMax - ownEntryBytes(head)
  const hasRoom = (bytes: number): boolean => {
    restBytes -= bytes
    return restBytes >= 0
  }
  const entries = [...wanted, ...newer].filter((entry) => hasRoom(entryBytes(entry)))
  const pairs = beats.filter(({ id, heartbeat }) => hasRoom(pairBytes(id, heartbeat)))
  const body = { ...head, entries: entriesOf(entries), pairs: pairsOf(pairs) }
  context.stats.digestsSent++
  context.outbox.send(new DigestMessage(remote, new OutDigest(body)))
}

function sendDeltas(answer: Answer, remote: PeerRef): void {
  const { context, now, candidates } = answer
  if (candidates.length === 0) return
  const budget = { bytesMax: context.deltaBytesMax, deltasMax: context.options.deltasMax }
  const packIn = (order: Order): Packed => pack(candidates, budget, order, context.random, now)
  const { groups, oversize } = inOrderOfTheEmbedder(context, packIn)
  for (const id of oversize) reportOversize(context, id)
  if (groups.length === 0) return
  context.stats.deltasSent++
  for (const group of groups) context.stats.entriesSent += group.entries.length
  context.outbox.send({ kind: 'deltas', to: remote, payload: asJson(groups) })
}

/** An order is the embedder's code: when it throws, the deltas go out in the order of the default. */
function inOrderOfTheEmbedder(context: Context, packIn: (order: Order) => Packed): Packed {
  const { order } = context.options
  if (typeof order !== 'function') return packIn(order)
  try {
    return packIn(order)
  } catch (cause) {
    context.tellError(new ListenerError('order', cause))
    return packIn('scuttle-depth')
  }
}

function reportOversize(context: Context, id: string): void {
  if (context.oversizeReported.has(id)) return
  context.oversizeReported.add(id)
  context.tellError(new ValueTooLargeError(id, context.deltaBytesMax + 1, context.deltaBytesMax))
}
