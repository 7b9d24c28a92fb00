/** How far every node's copy of every other node's map has come, from facts alone. */

import type { Explanation } from '../../core/index.ts'
import { counted, shownCount } from '../cli/index.ts'
import type { NodeFacts } from './orders.ts'
import type { Measure } from './wait.ts'

/** One node's copy of one owner's map. */
export interface Standing {
  readonly node: string
  /** What the owner says of its own map. */
  readonly own: Explanation
  /** Undefined: the node does not know the owner. */
  readonly copy: Explanation | undefined
  /** Whether the copy stands where the owner stands. */
  readonly isComplete: boolean
}

/** All copies that nodes hold, or should hold, of each other. */
export function standings(facts: ReadonlyMap<string, NodeFacts>): readonly Standing[] {
  const owners = [...facts.values()].flatMap(({ copies }) => copies.slice(0, 1))
  return [...facts].flatMap(([node, { copies }]) =>
    owners
      .filter((own) => own.id !== node)
      .map((own) => {
        const copy = copies.find((candidate) => candidate.id === own.id)
        return { node, own, copy, isComplete: copy !== undefined && isEqual(copy, own) }
      }),
  )
}

/** All copies as one figure. */
export function standingsMeasure(all: readonly Standing[]): Measure {
  const complete = all.filter(({ isComplete }) => isComplete).length
  const written = all.reduce((sum, { own }) => sum + writes(own, own), 0)
  const arrived = all.reduce((sum, { copy, own }) => sum + (copy === undefined ? 0 : writes(copy, own)), 0)
  const text = `${shownCount(arrived)} of ${counted(written, 'write')} have arrived, ${complete} of ${all.length} copies are complete`
  return { isDone: complete === all.length, moved: arrived + complete, text }
}

function isEqual(copy: Explanation, own: Explanation): boolean {
  if (copy.isStale) return false
  return (['generation', 'maxVersionSeen', 'hash'] as const).every((fact) => copy[fact] === own[fact])
}

/** Writes of the owner's present life that a copy has seen: versions begin above the one a life begins with. */
function writes(copy: Explanation, own: Explanation): number {
  if (copy.generation !== own.generation) return 0
  return Math.max(0, Math.min(copy.maxVersionSeen, own.maxVersionSeen) - own.gcVersion)
}
