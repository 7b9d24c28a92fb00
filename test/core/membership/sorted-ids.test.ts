import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { SortedIds } from '../../../src/core/membership/index.ts'
import { checkProperty } from '../../harness/property.ts'

const sortedIds = suite('sorted-ids')

const id: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 3 }),
  fc.constantFrom('__proto__', '\uffff', '😀'),
)

sortedIds('agrees with a sorted set under any additions and deletions', () => {
  checkProperty(
    fc.property(fc.array(fc.tuple(fc.boolean(), id)), id, (steps, bound) => {
      const tested = new SortedIds()
      const model = new Set<string>()
      for (const [isAdded, each] of steps) {
        if (isAdded) {
          tested.add(each)
          model.add(each)
        } else {
          tested.delete(each)
          model.delete(each)
        }
      }
      // The default sort is by code units, as the claims of a digest are.
      const expected = [...model].sort()
      assert.equal(tested.all, expected)
      assert.is(tested.size, expected.length)
      assert.is(tested.firstFrom(bound), expected.filter((each) => each < bound).length)
    }),
    { numRuns: 500 },
  )
})

sortedIds.run()
