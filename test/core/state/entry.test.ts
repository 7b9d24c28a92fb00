import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isName } from '../../../src/core/reconcile/index.ts'
import { isReadable, leaseRestMs, renumbered, toWireEntry } from '../../../src/core/state/index.ts'
import { gone, put } from '../../harness/make-group.ts'
import { checkProperty } from '../../harness/property.ts'
import { jsonValue } from '../json/json-arbitraries.ts'

const entry = suite('entry')

const name: fc.Arbitrary<string> = fc.string({ unit: 'grapheme', minLength: 1 }).filter(isName)

function bytesOnWire(wire: unknown): number {
  return Buffer.byteLength(JSON.stringify(wire))
}

entry('its bytes are those of its JSON on the wire, tombstones and new numbers too', () => {
  checkProperty(
    fc.property(name, jsonValue, fc.maxSafeNat(), fc.maxSafeNat(), (key, value, version, other) => {
      const kept = put(key, version, value)
      assert.is(kept.bytes, bytesOnWire(toWireEntry(kept, 0)))
      const deleted = gone(key, version)
      assert.is(deleted.bytes, bytesOnWire(toWireEntry(deleted, 0)))
      const renamed = renumbered(kept, other, 7)
      assert.is(renamed.bytes, bytesOnWire(toWireEntry(renamed, 0)))
    }),
    { numRuns: 400 },
  )
})

entry('a tombstone is read by nobody', () => {
  assert.not(isReadable(gone('a', 1), 0))
  assert.not(isReadable(undefined, 0))
})

entry('a lease is readable before its end and not at it', () => {
  assert.ok(isReadable(put('a', 1, 1, 100), 99.9))
  assert.not(isReadable(put('a', 1, 1, 100), 100))
})

entry('the rest of a lease is rounded down and never negative', () => {
  assert.is(leaseRestMs(100, 0.5), 99)
  assert.is(leaseRestMs(100, 100), 0)
  assert.is(leaseRestMs(100, 5_000), 0)
})

entry('a lease travels as its rest, a lapsed one as 0', () => {
  assert.equal(toWireEntry(put('a', 3, 'x', 100), 40), ['a', 'x', 3, 60])
  assert.equal(toWireEntry(put('a', 3, 'x', 100), 140), ['a', 'x', 3, 0])
  assert.equal(toWireEntry(put('a', 3, 'x'), 140), ['a', 'x', 3])
  assert.equal(toWireEntry(gone('a', 3), 140), ['a', 3])
})

entry('a new number keeps value and lease', () => {
  const renamed = renumbered(put('a', 90, 'x', 100), 2, 7)
  assert.is(renamed.value, 'x')
  assert.is(renamed.expiresAt, 100)
  assert.is(renamed.version, 2)
})

entry.run()
