import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { seededRandom } from '../../src/core/index.ts'

const random = suite('random')

function draw(seed: number, count: number): number[] {
  const next = seededRandom(seed)
  return Array.from({ length: count }, () => next())
}

random('the same seed gives the same numbers, neighbouring seeds give others', () => {
  assert.equal(draw(5, 100), draw(5, 100))
  const starts = new Set(Array.from({ length: 1_000 }, (_, seed) => draw(seed, 1)[0]))
  assert.ok(starts.size > 990)
})

random('the numbers of a seed stay what they were: recorded runs depend on them', () => {
  assert.equal(
    draw(20_080_915, 3).map((value) => Math.floor(value * 2 ** 32)),
    [3_753_577_921, 1_320_885_359, 2_174_352_824],
  )
})

random('numbers lie in [0, 1) and fill it evenly', () => {
  const tenths = Array.from({ length: 10 }, () => 0)
  for (const value of draw(1, 100_000)) {
    assert.ok(value >= 0 && value < 1)
    const tenth = Math.floor(value * 10)
    tenths[tenth] = (tenths[tenth] as number) + 1
  }
  for (const count of tenths) assert.ok(Math.abs(count - 10_000) < 500, String(tenths))
})

random.run()
