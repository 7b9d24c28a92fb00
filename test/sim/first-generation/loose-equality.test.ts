import { createRequire } from 'node:module'
import { compileFunction } from 'node:vm'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue } from '../../../src/core/index.ts'
import { FirstGenerationPeer } from '../../../src/sim/first-generation/index.ts'
import { isSameId, isUnchanged } from '../../../src/sim/first-generation/loose-equality.ts'
import { jsonValue, throughText } from '../../core/json/json-arbitraries.ts'
import { checkProperty } from '../../harness/property.ts'
import { similarValue } from './arbitraries.ts'

const equality = suite('loose-equality')

const fromPackage = createRequire(createRequire(import.meta.url).resolve('gossipmonger'))
const realDeepEqual = fromPackage('gossipmonger-peer/deepEqual.js') as (a: unknown, b: unknown) => boolean

/** The comparison that the package's own text asks for; linted code has to spell it out. */
const looselyEqual = compileFunction('return a == b', ['a', 'b']) as (a: unknown, b: unknown) => boolean

function equal(stored: JsonValue | undefined, next: JsonValue | undefined): boolean {
  return isUnchanged(stored, next)
}

equality('agrees with the package on similar values', () => {
  const stored = fc.option(similarValue, { nil: undefined })
  checkProperty(
    fc.property(stored, similarValue, (a, b) => {
      const left = a === undefined ? undefined : throughText(a)
      assert.is(equal(left, throughText(b)), realDeepEqual(left, throughText(b)))
    }),
    { numRuns: 2_000 },
  )
})

equality('agrees with the package on any values', () => {
  checkProperty(
    fc.property(jsonValue, jsonValue, (a, b) => {
      const [left, right] = [throughText(a), throughText(b)]
      assert.is(equal(left, right), realDeepEqual(left, right))
      assert.is(equal(left, left), realDeepEqual(left, left))
    }),
    { numRuns: 1_000 },
  )
})

equality('ids are compared as == compares them', () => {
  const near = fc.constantFrom<JsonValue>(
    '1',
    1,
    true,
    [1],
    ['1'],
    [[1]],
    'me',
    ['me'],
    null,
    {},
    [],
    '',
    0,
    false,
    '[object Object]',
  )
  const ownId = fc.constantFrom('1', 'me', '', '0', 'null', 'undefined', '[object Object]', ' 1', '1,2')
  checkProperty(
    fc.property(fc.oneof(near, jsonValue, fc.constant(undefined)), ownId, (id, own) => {
      assert.is(
        outcome(() => isSameId(id, own)),
        outcome(() => looselyEqual(id, own)),
      )
    }),
    { numRuns: 1_000 },
  )
})

equality('a list or an object that only grew is not written again', () => {
  const peer = new FirstGenerationPeer({ id: 'a', transport: 1, seeds: [], random: () => 0 })
  peer.set('list', [1])
  peer.set('list', [1, 2])
  peer.set('object', {})
  peer.set('object', { a: 1 })
  peer.set('text', 1)
  peer.set('text', '1')
  assert.equal(
    [...peer.entries('a')],
    [
      ['list', { value: [1], version: 1 }],
      ['object', { value: {}, version: 2 }],
      ['text', { value: 1, version: 3 }],
    ],
  )
})

equality.run()

function outcome(compare: () => boolean): string {
  try {
    return String(compare())
  } catch (error) {
    return (error as Error).constructor.name
  }
}
