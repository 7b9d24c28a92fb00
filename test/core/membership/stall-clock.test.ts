import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { StallClock } from '../../../src/core/membership/index.ts'

const clock = suite('stall-clock')

clock('input before the deadline reveals no stall', () => {
  const tested = new StallClock()
  assert.is(tested.observe(900, 1_000), 0)
  assert.is(tested.observe(1_000, 1_000), 0)
  assert.is(tested.activeAt(1_000), 1_000)
})

clock('input after the deadline reveals the time since it', () => {
  const tested = new StallClock()
  assert.is(tested.observe(61_000, 1_000), 60_000)
  assert.is(tested.stalledMs, 60_000)
  assert.is(tested.activeAt(61_000), 1_000)
})

clock('a second input at the same late deadline does not count the stall again', () => {
  const tested = new StallClock()
  tested.observe(61_000, 1_000)
  assert.is(tested.observe(61_005, 1_000), 5)
  assert.is(tested.stalledMs, 60_005)
})

clock('stalls add up, and active time goes on in between', () => {
  const tested = new StallClock()
  tested.observe(1_500, 1_000)
  tested.observe(2_400, 2_500)
  tested.observe(2_900, 2_500)
  assert.is(tested.stalledMs, 900)
  assert.is(tested.activeAt(3_000), 2_100)
})

clock('without a deadline nothing is late', () => {
  const tested = new StallClock()
  assert.is(tested.observe(1e9, Number.POSITIVE_INFINITY), 0)
})

clock('active time never goes back', () => {
  const tested = new StallClock()
  let last = Number.NEGATIVE_INFINITY
  for (let now = 0; now < 10_000; now += 137) {
    tested.observe(now, Math.floor(now / 900) * 900 - 400)
    assert.ok(tested.activeAt(now) >= last)
    last = tested.activeAt(now)
  }
})

clock.run()
