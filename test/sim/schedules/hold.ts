/** Random schedules of faults from a fixed seed, none of which may break a promise. */

import * as assert from 'uvu/assert'
import { type ExploreOptions, exploreScenarios } from '../../../src/sim/index.ts'

/** Runs them all; the first that fails is told with its shrunk schedule. */
export async function assertAllHold(options: ExploreOptions & { readonly runs: number }): Promise<void> {
  const { runs, counterexample } = await exploreScenarios(options)
  assert.is(counterexample?.report, undefined)
  assert.is(runs, options.runs)
}
