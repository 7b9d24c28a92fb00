/** Why a peer is held to be what it is: the evidence, the judgement, and when it would change. */

import type { JsonValue } from '../json/index.ts'
import type { PeerStatus } from '../membership/index.ts'
import type { Context } from './context.ts'

/** Facts about a peer, at one moment. Times are ms. */
export interface Explanation {
  readonly id: string
  /** `self` for this node, `removed` for a retired peer. */
  readonly status: PeerStatus | 'self' | 'conflict' | 'removed'
  readonly generation: number
  readonly heartbeat: number
  readonly transport: JsonValue | undefined
  /** Since its heartbeat last rose here, stalls of this process included. */
  readonly silentMs: number
  /** Who told of the last rise. */
  readonly heardVia: string | undefined
  /** Suspicion now, and the one that convicts. */
  readonly phi: number
  readonly deadPeerPhi: number
  /** The silence at which it is called dead, and how much of it is left. */
  readonly timeoutMs: number
  readonly dueInMs: number
  /** Gaps sampled and their mean, prior included. */
  readonly samples: number
  readonly meanGapMs: number
  /** All time this process did not run: taken off every silence. */
  readonly stalledMs: number
  readonly maxVersionSeen: number
  readonly gcVersion: number
  /** Entries held, tombstones included, and their size as JSON. */
  readonly entries: number
  readonly bytes: number
  /** Whether readers still see the map of before a reset. */
  readonly isStale: boolean
  /** Fingerprint over key, version and tombstone. */
  readonly hash: string
  /** The peer runs the first-generation package. */
  readonly isOld: boolean
}

/** What is known of a remote peer; undefined for an id never heard of. */
export function explain(context: Context, id: string, now: number): Explanation | undefined {
  const peer = context.roster.get(id)
  if (peer === undefined) return explainRemoved(context, id, now)
  const at = context.instant(now)
  const { detector, pages } = context
  const { table, row } = peer
  const silence = peer.activeSilenceMs(at)
  const timeoutMs = detector.timeoutMs(table.windows, row, pages)
  return {
    ...common(context, peer.map),
    id,
    status: peer.status,
    heartbeat: peer.heartbeat,
    transport: peer.transport,
    silentMs: peer.silenceMs(at),
    heardVia: peer.heardVia,
    phi: detector.phi(table.windows, row, silence, pages),
    timeoutMs,
    dueInMs: Math.max(0, timeoutMs - silence),
    samples: peer.samples,
    meanGapMs: detector.meanGapMs(table.windows, row, pages),
    isOld: peer.isOld,
  }
}

/** What this node knows of itself. */
export function explainOwn(context: Context): Explanation {
  return {
    ...common(context, context.own.map),
    id: context.id,
    status: context.phase === 'conflict' ? 'conflict' : 'self',
    heartbeat: context.heartbeat,
    transport: context.transport,
  }
}

function explainRemoved(context: Context, id: string, now: number): Explanation | undefined {
  const record = context.roster.removals.get(id)
  if (record === undefined) return undefined
  const { generation, heartbeat } = record
  const silentMs = now - record.retiredAt + context.options.deadPeerGracePeriodMs
  return { ...common(context, undefined), id, status: 'removed', generation, heartbeat, silentMs }
}

type Common = Omit<Explanation, 'id' | 'status'>

function common(context: Context, map: Context['own']['map'] | undefined): Common {
  return {
    generation: map?.generation ?? 0,
    heartbeat: 0,
    transport: undefined,
    silentMs: 0,
    heardVia: undefined,
    phi: 0,
    deadPeerPhi: context.options.deadPeerPhi,
    timeoutMs: 0,
    dueInMs: 0,
    samples: 0,
    meanGapMs: 0,
    stalledMs: context.clock.stalledMs,
    maxVersionSeen: map?.maxVersionSeen ?? 0,
    gcVersion: map?.gcVersion ?? 0,
    entries: map?.size ?? 0,
    bytes: map?.bytes ?? 0,
    isStale: map?.isStale ?? false,
    hash: map?.hash ?? '',
    isOld: false,
  }
}
