/** Bare engines under random schedules of every kind of fault. `npm run test:long` goes on with fresh seeds. */

import { suite } from 'uvu'
import { assertAllHold } from './hold.ts'

const schedules = suite('schedules: one-thousand')

schedules('1,000 schedules with every kind of fault break no promise', () =>
  assertAllHold({ seed: 20_080_915, runs: 1_000 }),
)

schedules.run()
