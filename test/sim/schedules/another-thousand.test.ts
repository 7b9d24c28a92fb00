/** Bare engines under random schedules of every kind of fault. `npm run test:long` goes on with fresh seeds. */

import { suite } from 'uvu'
import { assertAllHold } from './hold.ts'

const schedules = suite('schedules: another-thousand')

schedules('nor do another 1,000', () => assertAllHold({ seed: 20_080_916, runs: 1_000 }))

schedules.run()
