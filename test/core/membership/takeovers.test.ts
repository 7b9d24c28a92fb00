import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Takeovers } from '../../../src/core/membership/index.ts'

const takeovers = suite('takeovers')

takeovers('three within the window are allowed, a fourth is not', () => {
  const tested = new Takeovers(1_000)
  assert.equal(
    [0, 1, 2, 3].map((now) => tested.allow(now)),
    [true, true, true, false],
  )
})

takeovers('one counts for the length of the window', () => {
  const tested = new Takeovers(1_000)
  for (const now of [0, 1, 2]) tested.allow(now)
  assert.not(tested.allow(999))
  assert.ok(tested.allow(1_000))
  assert.not(tested.allow(1_000))
})

takeovers('one that was refused does not count', () => {
  const tested = new Takeovers(1_000)
  for (const now of [0, 1, 2]) tested.allow(now)
  for (let now = 3; now < 1_000; now++) tested.allow(now)
  assert.equal(
    [1_002, 1_002, 1_002, 1_002].map((now) => tested.allow(now)),
    [true, true, true, false],
  )
})

takeovers.run()
