/** Whole nodes under random schedules of faults, among themselves and with peers of the first generation. */

import { suite } from 'uvu'
import { runScenario } from '../../../src/sim/index.ts'
import { assertAllHold } from './hold.ts'

const schedules = suite('schedules: whole nodes')

schedules('150 schedules with every kind of fault break no promise', () =>
  assertAllHold({ seed: 2_008, runs: 150, run: (scenario) => runScenario(scenario, { drive: 'driver' }) }),
)

schedules('nor do 150 with peers of the first generation', () =>
  assertAllHold({ seed: 1, runs: 150, limits: { firstGenerationMax: 2 } }),
)

schedules.run()
