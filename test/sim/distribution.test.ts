import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidOptionError } from '../../src/core/index.ts'
import { type Distribution, distributionIn, draw, largestOf, pick } from '../../src/sim/distribution.ts'
import { checkProperty } from '../harness/property.ts'
import { seededRandom } from '../harness/seeded-random.ts'

const distributions = suite('distribution')

function meanOf(from: Distribution): number {
  const random = seededRandom(1)
  let sum = 0
  for (let i = 0; i < 10_000; i++) sum += draw(from, random)
  return sum / 10_000
}

distributions('a fixed number is itself and draws nothing', () => {
  assert.is(
    draw(7, () => assert.unreachable() as never),
    7,
  )
})

distributions('uniform numbers lie between their bounds, exponential ones below theirs', () => {
  const numbers = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  checkProperty(
    fc.property(numbers, (random) => {
      const uniform = draw({ min: -5, max: 5 }, () => random)
      const exponential = draw({ mean: 10, max: 30 }, () => random)
      assert.ok(uniform >= -5 && uniform <= 5)
      assert.ok(exponential >= 0 && exponential <= 30)
    }),
  )
})

distributions('means are what they should be', () => {
  assert.ok(Math.abs(meanOf({ min: 10, max: 30 }) - 20) < 0.5)
  assert.ok(Math.abs(meanOf({ mean: 20, max: 1e9 }) - 20) < 1)
  assert.ok(meanOf({ mean: 20, max: 20 }) < 15, 'the tail is cut')
})

distributions('the largest number is known', () => {
  assert.equal([largestOf(7), largestOf({ min: 1, max: 9 }), largestOf({ mean: 1, max: 8 })], [7, 9, 8])
})

distributions('every item is picked, and none where there is none', () => {
  const random = seededRandom(1)
  const picked = new Set(Array.from({ length: 100 }, () => pick(['a', 'b', 'c'], random)))
  assert.is(picked.size, 3)
  assert.throws(() => pick([], random))
})

distributions('an option is copied, and frozen', () => {
  const option = { min: 1, max: 2 }
  const resolved = distributionIn('x', option, 0, 10)
  assert.equal(resolved, option)
  assert.is.not(resolved, option)
  assert.ok(Object.isFrozen(resolved))
  assert.equal(distributionIn('x', { mean: 3, max: 9 }, 0, 10), { mean: 3, max: 9 })
})

distributions('what is no distribution, or can leave its range, is refused by name', () => {
  const wrong = [
    ...[undefined, null, '5', Number.NaN, -1, 11, Number.POSITIVE_INFINITY, [], {}],
    ...[{ min: 1 }, { max: 1 }, { min: 3, max: 2 }, { min: -1, max: 2 }, { min: 1, max: 11 }],
    ...[
      { mean: 1 },
      { mean: 11, max: 11 },
      { mean: -1, max: 3 },
      { mean: 1, min: 0, max: 3 },
      { min: 1, max: 2, x: 1 },
    ],
  ]
  for (const value of wrong) {
    assert.throws(
      () => distributionIn('part.name', value, 0, 10),
      (error: unknown) => error instanceof InvalidOptionError && error.message.includes('part.name'),
      JSON.stringify(value),
    )
  }
})

distributions('an exponential one cannot run below zero, where the range does', () => {
  assert.throws(() => distributionIn('x', { mean: -1, max: 3 }, -10, 10), 'in [-10, 10]')
})

distributions.run()
