/**
 * Bare engines under random schedules of every kind of fault; another thousand where tests may be long, and
 * `npm run test:long` goes on with fresh seeds.
 */

import { suite } from 'uvu'
import { IS_LONG } from '../../harness/long.ts'
import { assertAllHold } from './hold.ts'

const schedules = suite('schedules: one-thousand')

schedules('1,000 schedules with every kind of fault break no promise', () =>
  assertAllHold({ seed: 20_080_915, runs: 1_000 }),
)

if (IS_LONG) schedules('nor do another 1,000', () => assertAllHold({ seed: 20_080_916, runs: 1_000 }))

schedules.run()
