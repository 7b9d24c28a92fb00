/** Random schedules of messages, streams, services, pairs and rings under faults, none of which may break a promise. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  exploreServiceScenarios,
  runServiceScenario,
  type ServiceFigures,
  type ServiceScenario,
} from '../../../src/sim/index.ts'

const schedules = suite('services: schedules')

const RUNS = 60
const sum: Record<string, number> = {}

schedules('C24 C30 S4.11 requests, streams, pairs, services and rings hold under any schedule of faults', async () => {
  const run = async (scenario: ServiceScenario): Promise<void> => {
    const { figures } = await runServiceScenario(scenario)
    for (const [name, count] of Object.entries(figures)) sum[name] = (sum[name] ?? 0) + count
  }
  const { runs, counterexample } = await exploreServiceScenarios({ seed: 20_080_918, runs: RUNS, run })
  assert.is(counterexample?.report, undefined)
  assert.is(runs, RUNS)
})

schedules('all of it went well at times, and at times did not', () => {
  const names: readonly (keyof ServiceFigures)[] = [
    'answered',
    'failed',
    'heard',
    'wholeStreams',
    'brokenStreams',
    'lostPairs',
  ]
  for (const name of names) assert.ok((sum[name] ?? 0) >= 5, `${name}: ${sum[name]}`)
})

schedules.run()
