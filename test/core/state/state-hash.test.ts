import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Entry } from '../../../src/core/state/index.ts'
import { StateHash } from '../../../src/core/state/state-hash.ts'
import { gone, put } from '../../harness/make-group.ts'
import { checkProperty } from '../../harness/property.ts'

const hash = suite('state-hash')

function hashOf(entries: readonly Entry[]): string {
  const tested = new StateHash()
  for (const entry of entries) tested.toggle(entry)
  return tested.toString()
}

const entryArbitrary: fc.Arbitrary<Entry> = fc
  .tuple(fc.string({ minLength: 1 }), fc.nat(), fc.boolean())
  .map(([key, version, isGone]) => (isGone ? gone(key, version) : put(key, version)))

hash('an empty map has the fingerprint zero', () => {
  assert.is(hashOf([]), '0000000000000000')
})

hash('the order of entries does not matter', () => {
  checkProperty(
    fc.property(fc.array(entryArbitrary), (entries) => {
      assert.is(hashOf(entries), hashOf([...entries].reverse()))
    }),
  )
})

hash('taking an entry out leaves the fingerprint of the rest', () => {
  checkProperty(
    fc.property(fc.array(entryArbitrary), entryArbitrary, (entries, extra) => {
      assert.is(hashOf([...entries, extra, extra]), hashOf(entries))
    }),
  )
})

hash('the key, the version and the tombstone all count', () => {
  const hashes = [put('a', 1), put('b', 1), put('a', 2), gone('a', 1), put('a', 2 ** 32 + 1), put('a', 2 ** 33 + 1)]
  assert.is(new Set(hashes.map((entry) => hashOf([entry]))).size, hashes.length)
})

hash('the value does not count: a version has one value', () => {
  assert.is(hashOf([put('a', 1, 'x')]), hashOf([put('a', 1, 'y')]))
})

hash('ten thousand similar maps have ten thousand fingerprints', () => {
  const hashes = new Set<string>()
  for (let i = 0; i < 10_000; i++) hashes.add(hashOf([put(`key-${i % 100}`, Math.floor(i / 100)), put('same', 1)]))
  assert.is(hashes.size, 10_000)
})

hash.run()
