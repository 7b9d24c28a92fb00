/** The last act: every node's whole state against what was written, key by key. */

import { shownCount } from '../cli/index.ts'
import { compareCopy, compareOwners, type Difference, type ExpectedCopy } from './compare.ts'
import type { NodeFacts } from './orders.ts'
import type { Stage } from './stage.ts'

/** What a comparison has found. */
export interface Verdict {
  readonly nodes: number
  readonly copies: number
  /** Values compared, all copies together. */
  readonly values: number
  readonly differences: readonly Difference[]
}

/** Fetches and compares everything; one owner after the other, so that memory stays bounded. */
export async function verified(stage: Stage): Promise<Verdict> {
  const { cluster, progress } = stage
  const facts = await cluster.facts()
  const differences: Difference[] = []
  let [copies, values] = [0, 0]
  for (const [id, { copies: known }] of facts) {
    differences.push(
      ...compareOwners(
        id,
        known.map((copy) => copy.id),
        cluster.ids,
      ),
    )
  }
  for (const owner of cluster.ids) {
    const expected = expectedOf(stage, facts, owner)
    for (const id of cluster.ids) {
      if (!knows(facts, id, owner)) continue
      const copy = await cluster.node(id).order('copy', owner)
      differences.push(...compareCopy(id, copy, expected))
      copies++
      values += copy.entries.length
      progress.show('compare', `${copies} of ${cluster.ids.length ** 2} copies, ${shownCount(values)} values`)
    }
  }
  return { nodes: cluster.ids.length, copies, values, differences }
}

function expectedOf(stage: Stage, facts: ReadonlyMap<string, NodeFacts>, owner: string): ExpectedCopy {
  const own = facts.get(owner)?.copies[0]
  return { owner, entries: stage.share(owner), generation: own?.generation ?? 0, hash: own?.hash ?? '' }
}

function knows(facts: ReadonlyMap<string, NodeFacts>, id: string, owner: string): boolean {
  return facts.get(id)?.copies.some((copy) => copy.id === owner) === true
}
