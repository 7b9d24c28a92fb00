/** Who goes first when not everything fits: the order across peers of what a deltas message may carry. */

import type { JsonValue } from '../json/index.ts'
import type { PeerMap } from '../state/index.ts'

/** A map of which somebody lacks something. */
export interface Candidate {
  readonly map: PeerMap
  readonly transport: JsonValue | undefined
  /** Its owner runs the first-generation package. */
  readonly isOld?: boolean
  readonly from: number
  readonly maxVersionMin: number
}

/** An embedder's own order: peers with a higher priority go first. `lacking` is how many entries wait. */
export type Priority = (peerId: string, lacking: number) => number

/**
 * `scuttle-depth`: the peer with most to say first, all of it before the next. `scuttle-breadth`: everybody's oldest
 * entry first, then everybody's second. A function: its value ranks the peers, all of one before the next.
 */
export type Order = 'scuttle-depth' | 'scuttle-breadth' | Priority

/**
 * Sorts candidates into the order in which they are served; ties fall by chance, so that nobody is last for ever.
 *
 * @see van Renesse et al., LADIS 2008 (scuttle-depth, scuttle-breadth)
 */
export function inOrder(candidates: readonly Candidate[], order: Order, random: () => number): readonly Candidate[] {
  const ranked = candidates.map((candidate) => {
    const lacking = order === 'scuttle-breadth' ? 0 : candidate.map.countAfter(candidate.from)
    const rank = typeof order === 'function' ? order(candidate.map.id, lacking) : lacking
    return { candidate, rank: Number.isNaN(rank) ? 0 : rank, chance: random() }
  })
  ranked.sort((a, b) => b.rank - a.rank || a.chance - b.chance)
  return ranked.map(({ candidate }) => candidate)
}
