import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ArrivalWindows, NO_ROW } from '../../../src/core/membership/index.ts'
import { movesTo } from '../../harness/moves-to.ts'
import { checkProperty } from '../../harness/property.ts'

const window = suite('arrival-windows')

const ROW = 1
const PRIOR = { gapMs: 1_000, weight: 5 }

/** Windows of a few rows; only the one under test has gaps. */
function empty(sizeMax = 1_000): ArrivalWindows {
  const tested = new ArrivalWindows(sizeMax, true)
  tested.move(movesTo(NO_ROW, NO_ROW, NO_ROW))
  return tested
}

function filled(gaps: readonly number[], sizeMax = 1_000): ArrivalWindows {
  const tested = empty(sizeMax)
  for (const gap of gaps) tested.add(ROW, gap)
  return tested
}

function isNear(a: number, b: number, tolerance = 1e-6): void {
  assert.ok(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)), `${a} is not ${b}`)
}

window('without gaps the prior alone rules', () => {
  const tested = filled([])
  assert.is(tested.meanMs(ROW, PRIOR), 1_000)
  isNear(tested.deviationMs(ROW, PRIOR), 250)
})

window('S3.7 the prior counts for its weight in gaps', () => {
  isNear(filled([4_000]).meanMs(ROW, PRIOR), (5 * 1_000 + 4_000) / 6)
  isNear(filled([2_000, 2_000, 2_000, 2_000, 2_000]).meanMs(ROW, PRIOR), 1_500)
})

window('S3.5 only the last gaps up to its size count', () => {
  const tested = filled([9_000, 9_000, 9_000, 100, 200, 300], 3)
  assert.is(tested.size(ROW), 3)
  isNear(tested.meanMs(ROW, { gapMs: 0, weight: 0 }), 200)
})

window('mean and deviation are those of the last gaps and the prior, after any number of turns', () => {
  checkProperty(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 200 }),
      fc.integer({ min: 1, max: 30 }),
      (gaps, size) => {
        const kept = gaps.slice(-size)
        const tested = filled(gaps, size)
        const total = kept.length + PRIOR.weight
        const mean = (kept.reduce((sum, gap) => sum + gap, 0) + 5_000) / total
        const square = kept.reduce((sum, gap) => sum + gap * gap, 0) + 5 * 1_000 * 1_000 * (1 + 1 / 16)
        isNear(tested.meanMs(ROW, PRIOR), mean)
        isNear(tested.deviationMs(ROW, PRIOR) ** 2, square / total - mean * mean, 1e-4)
      },
    ),
  )
})

window('a million gaps leave no drift', () => {
  const tested = empty(7)
  for (let i = 0; i < 1_000_000; i++) tested.add(ROW, 0.1 + (i % 3) * 1e5)
  for (let i = 0; i < 7; i++) tested.add(ROW, 1_000)
  isNear(tested.meanMs(ROW, PRIOR), 1_000, 1e-9)
  assert.ok(tested.deviationMs(ROW, PRIOR) < 250)
})

window('the deviation of equal gaps is a number, not the root of a rounding error', () => {
  const tested = filled(Array.from({ length: 999 }, () => 0.1 + 0.2))
  assert.ok(tested.deviationMs(ROW, { gapMs: 0.1 + 0.2, weight: 0 }) >= 0)
})

window('rows keep their gaps wherever they are moved, and share none', () => {
  const tested = empty(20)
  for (let i = 0; i < 9; i++) tested.add(0, 100)
  for (let i = 0; i < 30; i++) tested.add(2, 300)
  tested.move(movesTo(2, NO_ROW, 0, 1))
  assert.equal(
    [0, 1, 2, 3].map((row) => tested.size(row)),
    [20, 0, 9, 0],
  )
  for (let i = 0; i < 20; i++) tested.add(2, 500)
  const none = { gapMs: 0, weight: 1 }
  assert.equal(
    [0, 1, 2, 3].map((row) => tested.meanMs(row, none)),
    [(20 * 300) / 21, 0, (20 * 500) / 21, 0],
  )
  tested.clear(0)
  assert.equal([tested.size(0), tested.meanMs(0, none)], [0, 0])
})

window('a gap that is no time is a bug of the caller', () => {
  for (const gap of [-1, Number.NaN, Number.POSITIVE_INFINITY])
    assert.throws(() => filled([gap]), /a gap is a finite time/)
})

window.run()
