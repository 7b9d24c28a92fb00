/** Follows what was written until every node has all of it. */

import { counted } from '../cli/index.ts'
import { compareCopy, differenceText } from './compare.ts'
import type { Stage } from './stage.ts'
import { type Standing, standings, standingsMeasure } from './standings.ts'

/** How long something took until it was true everywhere. */
export interface Took {
  readonly ms: number
  /** Rounds of the node that needed most. */
  readonly rounds: number
}

/** When something was written: the time, and the round of every node. */
export interface Since {
  readonly atMs: number
  readonly rounds: ReadonlyMap<string, number>
}

/** Copies named in the report of a failure, and differences told of them. */
const COPIES_SHOWN_MAX = 5
const DIFFERENCES_SHOWN_MAX = 10

/** Does something at every node, with the round each is in by then. */
export async function since(stage: Stage, write: (id: string) => Promise<number>): Promise<Since> {
  const atMs = performance.now()
  const written = stage.cluster.runningIds.map(async (id) => [id, await write(id)] as const)
  return { atMs, rounds: new Map(await Promise.all(written)) }
}

/** Waits until every node's copy of every map stands where its owner stands. */
export async function replicated(stage: Stage, label: string, start: Since): Promise<Took> {
  const roundsTaken = new Map<string, number>()
  let all: readonly Standing[] = []
  await stage.waitFor({
    label,
    goal: 'every write to reach every node',
    measure: async () => {
      const facts = await stage.cluster.facts()
      all = standings(facts)
      for (const [id, { rounds }] of facts) {
        if (roundsTaken.has(id) || all.some(({ node, isComplete }) => node === id && !isComplete)) continue
        roundsTaken.set(id, rounds - (start.rounds.get(id) ?? 0))
      }
      return standingsMeasure(all)
    },
    lacking: () =>
      lacking(
        stage,
        all.filter(({ isComplete }) => !isComplete),
      ),
  })
  return { ms: performance.now() - start.atMs, rounds: Math.max(...roundsTaken.values()) }
}

/** Of copies that lag behind, the keys that make the difference. */
async function lacking(stage: Stage, lagging: readonly Standing[]): Promise<readonly string[]> {
  const lines: string[] = []
  for (const { node, own, copy } of lagging.slice(0, COPIES_SHOWN_MAX)) {
    if (copy === undefined) {
      lines.push(`${node} does not know ${own.id}`)
      continue
    }
    const expected = { owner: own.id, entries: stage.share(own.id), generation: own.generation, hash: own.hash }
    const differences = compareCopy(node, await stage.cluster.node(node).order('copy', own.id), expected)
    lines.push(...differences.slice(0, DIFFERENCES_SHOWN_MAX).map(differenceText))
    const more = differences.length - DIFFERENCES_SHOWN_MAX
    if (more > 0) lines.push(`${node}: and ${counted(more, 'more difference')} of ${own.id}'s map`)
  }
  const more = lagging.length - COPIES_SHOWN_MAX
  return more > 0 ? [...lines, `and ${counted(more, 'more copy', 'more copies')}`] : lines
}
