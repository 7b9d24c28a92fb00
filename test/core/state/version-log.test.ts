import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { VersionLog } from '../../../src/core/state/version-log.ts'
import { put } from '../../harness/make-group.ts'
import { checkProperty } from '../../harness/property.ts'

const log = suite('version-log')

log('agrees with a sorted list under any appends and removals', () => {
  const step = fc.record({ isRemoval: fc.boolean(), at: fc.nat(1_000), gap: fc.integer({ min: 1, max: 5 }) })
  checkProperty(
    fc.property(fc.array(step, { size: 'large' }), fc.nat(600), (steps, from) => {
      const tested = new VersionLog()
      const model: number[] = []
      let last = 0
      for (const { isRemoval, at, gap } of steps) {
        if (isRemoval && model.length > 0) tested.remove(model.splice(at % model.length, 1)[0] as number)
        else {
          last += gap
          model.push(last)
          tested.append(put('k', last))
        }
      }
      const above = model.filter((version) => version > from)
      assert.is(tested.size, model.length)
      assert.is(tested.countAfter(from), above.length)
      assert.equal(
        [...tested.after(from)].map((entry) => entry.version),
        above,
      )
    }),
    { numRuns: 300 },
  )
})

log('long logs keep the order across their stretches, whatever is taken out', () => {
  const removals = fc.array(fc.nat(4_999), { maxLength: 4_000, size: 'max' })
  checkProperty(
    fc.property(removals, fc.nat(5_000), (taken, from) => {
      const tested = new VersionLog()
      for (let version = 1; version <= 5_000; version++) tested.append(put('k', version))
      const gone = new Set(taken.map((index) => index + 1))
      for (const version of gone) tested.remove(version)
      tested.append(put('k', 5_001))
      const above = Array.from({ length: 5_001 }, (_, i) => i + 1).filter((each) => each > from && !gone.has(each))
      assert.equal(
        Array.from(tested.after(from), ({ version }) => version),
        above,
      )
      assert.is(tested.countAfter(from), above.length)
    }),
    { numRuns: 20 },
  )
})

log('squeezing out holes keeps the order and loses nothing', () => {
  const tested = new VersionLog()
  for (let version = 1; version <= 200; version++) tested.append(put('k', version))
  for (let version = 1; version <= 200; version++) if (version % 10 !== 0) tested.remove(version)
  const versions = [...tested.after(0)].map((entry) => entry.version)
  assert.equal(
    versions,
    Array.from({ length: 20 }, (_, index) => 10 * (index + 1)),
  )
})

log('taking only the first entries does not walk the rest', () => {
  const tested = new VersionLog()
  for (let version = 1; version <= 5; version++) tested.append(put('k', version))
  const waiting = tested.after(2)
  assert.is(waiting.next().value?.version, 3)
  assert.is(waiting.return(undefined).done, true)
})

log('a version that does not rise is a bug of the caller', () => {
  const tested = new VersionLog()
  tested.append(put('a', 3))
  assert.throws(() => tested.append(put('b', 3)), /versions must rise/)
  assert.throws(() => tested.append(put('b', 2)), /versions must rise/)
})

log('removing what is not there is a bug of the caller', () => {
  const tested = new VersionLog()
  tested.append(put('a', 3))
  tested.remove(3)
  assert.throws(() => tested.remove(3), /no entry/)
  assert.throws(() => tested.remove(1), /no entry/)
})

log.run()
