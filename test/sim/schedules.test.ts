/** The promises, under thousands of random schedules of faults. `npm run test:long` goes on with fresh seeds. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type ExploreOptions, exploreScenarios, runScenario } from '../../src/sim/index.ts'

const schedules = suite('schedules')

async function explore(options: ExploreOptions): Promise<void> {
  const { runs, counterexample } = await exploreScenarios(options)
  assert.is(counterexample?.report, undefined)
  assert.is(runs, options.runs)
}

schedules('2,000 schedules with every kind of fault break no promise', async () => {
  await explore({ seed: 20_080_915, runs: 2_000 })
})

schedules('nor do 150 of whole nodes', async () => {
  await explore({ seed: 2_008, runs: 150, run: (scenario) => runScenario(scenario, { drive: 'driver' }) })
})

schedules('nor do 150 with peers of the first generation', async () => {
  await explore({ seed: 1, runs: 150, limits: { firstGenerationMax: 2 } })
})

schedules.run()
