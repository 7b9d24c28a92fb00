import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { boundaryBetween } from '../../../src/core/reconcile/boundary.ts'
import { isName } from '../../../src/core/reconcile/index.ts'
import { checkProperty } from '../../harness/property.ts'

const boundary = suite('boundary')

const name = fc
  .oneof(
    fc.string({
      unit: fc.constantFrom('a', 'b', '\ud83d\ude00', '\ud83d\ude01', '\uffff', '"'),
      minLength: 1,
      maxLength: 5,
    }),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  )
  .filter(isName)

boundary('it lies above the lower name and not above the upper, and is a name itself', () => {
  checkProperty(
    fc.property(name, name, (one, other) => {
      if (one === other) return
      const [lower, upper] = one < other ? [one, other] : [other, one]
      const between = boundaryBetween(lower, upper)
      assert.ok(lower < between && between <= upper)
      assert.ok(upper.startsWith(between) && isName(between))
    }),
    { numRuns: 500 },
  )
})

boundary('it is no longer than it has to be', () => {
  assert.is(boundaryBetween('node-0041-of-the-east', 'node-0042-of-the-east'), 'node-0042')
  assert.is(boundaryBetween('a', 'abc'), 'ab')
  assert.is(boundaryBetween('\ud83d\ude00x', '\ud83d\ude01y'), '\ud83d\ude01')
  assert.is(boundaryBetween(undefined, 'abc'), 'abc')
})

boundary.run()
