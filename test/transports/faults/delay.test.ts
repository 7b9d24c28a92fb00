import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { seededRandom } from '../../../src/core/index.ts'
import { type Delay, delayAt } from '../../../src/transports/faults/delay.ts'

const delays = suite('faults: delay')

function sample(delay: Delay): number[] {
  const random = seededRandom(3)
  return Array.from({ length: 20_000 }, () => delayAt(delay, random())).sort((a, b) => a - b)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

delays('a number is always itself', () => {
  assert.equal([delayAt(40, 0), delayAt(40, 0.999)], [40, 40])
})

delays('a range is filled evenly', () => {
  const values = sample({ minMs: 10, maxMs: 30 })
  assert.ok((values[0] as number) >= 10 && (values.at(-1) as number) < 30)
  assert.ok(Math.abs(mean(values) - 20) < 0.2)
  assert.ok(Math.abs((values[5_000] as number) - 15) < 0.3)
})

delays('a mean is kept, most are shorter, and the cap holds', () => {
  const wide = sample({ meanMs: 10, maxMs: 3_600_000 })
  assert.ok(Math.abs(mean(wide) - 10) < 0.3)
  assert.ok(Math.abs((wide[10_000] as number) - 10 * Math.LN2) < 0.3)
  const capped = sample({ meanMs: 10, maxMs: 20 })
  assert.is(capped.at(-1), 20)
  const share = capped.filter((value) => value === 20).length / capped.length
  assert.ok(Math.abs(share - Math.exp(-2)) < 0.01)
})

delays.run()
