/** What all acts of the demo share: the processes, the keys that each node should own, and how to wait for something. */

import type { JsonValue } from '../../core/index.ts'
import type { Cluster } from './cluster.ts'
import type { InputEntries } from './parse-input.ts'
import type { Progress } from './progress.ts'
import { type Act, waitFor } from './wait.ts'

/** Waiting ends when nothing has moved for this long, or for so many intervals, whichever is longer. */
const STALLED_MS_MAX = 20_000
const STALLED_INTERVALS_MAX = 60
/** Looks per interval while waiting, within bounds. */
const LOOKS = 5
const LOOK_MS_MIN = 20
const LOOK_MS_MAX = 500

/** Mutable: deletions take keys out of the shares. */
export class Stage {
  readonly cluster: Cluster
  readonly progress: Progress
  readonly gossipIntervalMs: number
  /** Who owns which keys: what every node should know of everybody in the end. */
  readonly shares: ReadonlyMap<string, Map<string, JsonValue>>

  constructor(cluster: Cluster, progress: Progress, input: InputEntries, gossipIntervalMs: number) {
    this.cluster = cluster
    this.progress = progress
    this.gossipIntervalMs = gossipIntervalMs
    this.shares = dealt(cluster.ids, input)
  }

  /** The keys of one node. */
  share(id: string): Map<string, JsonValue> {
    return this.shares.get(id) ?? new Map<string, JsonValue>()
  }

  /** Waits until a measure says that it is done; throws when nothing moves any more. */
  waitFor(act: Pick<Act, 'label' | 'goal' | 'measure' | 'lacking'>): Promise<void> {
    const { progress, gossipIntervalMs } = this
    const pollMs = Math.min(LOOK_MS_MAX, Math.max(LOOK_MS_MIN, gossipIntervalMs / LOOKS))
    const stalledMsMax = Math.max(STALLED_MS_MAX, STALLED_INTERVALS_MAX * gossipIntervalMs)
    return waitFor({ ...act, progress, pollMs, stalledMsMax })
  }
}

/** Keys go round, one to each node in turn. */
function dealt(ids: readonly string[], input: InputEntries): Map<string, Map<string, JsonValue>> {
  const shares = ids.map((id) => [id, new Map<string, JsonValue>()] as const)
  let turn = 0
  for (const [key, value] of input) shares[turn++ % shares.length]?.[1].set(key, value)
  return new Map(shares)
}
