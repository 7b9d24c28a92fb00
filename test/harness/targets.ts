/** The hundred nodes under one condition: 20 seeds, the median and the worst held against what is promised. */

import * as assert from 'uvu/assert'
import { type Conditions, observe, spread } from './hundred-nodes.ts'

/** What is promised. */
export interface Promised {
  /** Rounds within which every key is everywhere; undefined where nothing is promised. */
  readonly joinRounds?: number
  /** Rounds within which a crash is seen by all, median of the seeds; the worst may take a tenth more. */
  readonly crashRounds: number
}

const SEEDS = 20
const WORST_PART = 1.1

/** Observes 20 seeds, prints the figures and holds them against what is promised. */
export function assertTargets(name: string, conditions: Conditions, promised: Promised): void {
  const seen = Array.from({ length: SEEDS }, (_, index) => observe(index + 1, conditions))
  const join = spread(seen.map(({ joinRounds }) => joinRounds))
  const crash = spread(seen.map(({ crashRounds }) => crashRounds))
  console.log(
    `${name}: join median ${join.median}, worst ${join.worst}; crash median ${crash.median}, worst ${crash.worst}`,
  )
  if (promised.joinRounds !== undefined) assert.ok(join.worst <= promised.joinRounds, `${join.worst} rounds to spread`)
  assert.ok(crash.median <= promised.crashRounds, `median ${crash.median}`)
  assert.ok(crash.worst <= promised.crashRounds * WORST_PART, `worst ${crash.worst}`)
  assert.equal(
    seen.map(({ falseDeaths }) => falseDeaths),
    Array.from({ length: SEEDS }, () => 0),
  )
}
