import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Entry } from '../../../src/core/state/index.ts'
import { MapContent } from '../../../src/core/state/map-content.ts'
import { StateHash } from '../../../src/core/state/state-hash.ts'
import { gone, put } from '../../harness/make-group.ts'
import { checkProperty } from '../../harness/property.ts'

const contents = suite('map-content')

/** Enough keys that lists become indexes, and few enough that keys are written again. */
const KEYS = 20

function sumOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + entry.bytes, 0)
}

function hashOf(entries: readonly Entry[]): string {
  const hash = new StateHash()
  for (const entry of entries) hash.toggle(entry)
  return hash.toString()
}

contents('small or large, it holds the last entry of each key, in the order of versions', () => {
  const key = fc.nat({ max: KEYS - 1 }).map((number) => `k${number}`)
  const step = fc.record({ key, kind: fc.constantFrom('put', 'put', 'put', 'gone', 'forget') })
  checkProperty(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const content = new MapContent()
      const model = new Map<string, Entry>()
      for (const [index, { key: name, kind }] of steps.entries()) {
        model.delete(name)
        if (kind === 'forget') content.forget(name)
        else {
          const entry = kind === 'put' ? put(name, index + 1) : gone(name, index + 1)
          content.put(entry)
          model.set(name, entry)
        }
        const expected = [...model.values()]
        assert.is(content.size, model.size)
        assert.is(content.bytes, sumOf(expected))
        assert.is(content.hash, hashOf(expected))
        assert.is(content.get(name), model.get(name))
        assert.equal(new Set(content.values()), new Set(expected))
        for (const from of [0, index >> 1, index, index + 1]) {
          const after = expected.filter((entry) => entry.version > from)
          assert.equal([...content.after(from)], after)
          assert.is(content.countAfter(from), after.length)
        }
      }
    }),
  )
})

contents.run()
