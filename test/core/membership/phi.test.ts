import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { exponentialPhi, normalPhi } from '../../../src/core/membership/index.ts'

const phi = suite('phi')

function isNear(a: number, b: number, tolerance = 1e-9): void {
  assert.ok(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)), `${a} is not ${b}`)
}

/** Akka's PhiAccrualFailureDetector, as published. */
function akkaPhi(timeDiff: number, mean: number, stdDeviation: number): number {
  const y = (timeDiff - mean) / stdDeviation
  const e = Math.exp(-y * (1.5976 + 0.070566 * y * y))
  return timeDiff > mean ? -Math.log10(e / (1 + e)) : -Math.log10(1 - 1 / (1 + e))
}

phi('S2.29 exponential: 8 is reached after 18.42 mean gaps', () => {
  isNear(exponentialPhi(18.420680743952367 * 250, 250), 8)
})

phi('exponential: phi is minus the decimal logarithm of the tail', () => {
  for (const [silence, mean] of [
    [0, 1],
    [1, 1],
    [3, 0.5],
    [700, 100],
  ] as const) {
    isNear(exponentialPhi(silence, mean), -Math.log10(Math.exp(-silence / mean)))
  }
})

phi("normal: agrees with Akka's formula wherever that can be computed", () => {
  for (let silence = 0; silence <= 2_000; silence += 50)
    isNear(normalPhi(silence, 1_000, 120), akkaPhi(silence, 1_000, 120))
})

phi('normal: a tail of a half is 0.3, three deviations are about one in 740', () => {
  isNear(normalPhi(1_000, 1_000, 100), Math.log10(2), 1e-12)
  isNear(10 ** normalPhi(1_300, 1_000, 100), 740, 0.15)
})

phi('normal: rises with silence without a step, far into where the exponential underflows', () => {
  let last = 0
  for (let silence = 0; silence < 40_000; silence += 10) {
    const now = normalPhi(silence, 1_000, 200)
    assert.ok(Number.isFinite(now) && now >= last, `${now} after ${last} at ${silence}`)
    last = now
  }
  assert.ok(last > 1_000)
})

phi('normal: no silence is no suspicion', () => {
  assert.ok(normalPhi(0, 1_000, 10) >= 0)
  assert.ok(normalPhi(0, 1_000, 10) < 1e-9)
})

phi('what is no time is a bug of the caller', () => {
  for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => exponentialPhi(bad, 1), /finite time/)
    assert.throws(() => normalPhi(bad, 1, 1), /finite time/)
  }
  for (const bad of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => exponentialPhi(1, bad), /finite time/)
    assert.throws(() => normalPhi(1, 1, bad), /finite time/)
  }
})

phi.run()
