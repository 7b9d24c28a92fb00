import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { deepEqual, type JsonObject, type JsonValue } from '../../../src/core/json/index.ts'
import { checkProperty } from '../../harness/property.ts'
import { jsonValue, throughText } from './json-arbitraries.ts'

const equality = suite('deep-equal')

/** So few leaves and names that two values are often equal, or nearly. */
const similarValue: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<JsonValue>(null, 0, '', '0', false, [], {}),
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('0', 'a', '__proto__', 'length'), tie('value'), { maxKeys: 2 }),
  ),
})).value

/** The same value with the fields of every object the other way around. */
function reversed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(reversed)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value as JsonObject).reverse()
  return JSON.parse(
    `{${fields.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(reversed(v))}`).join(',')}}`,
  ) as JsonValue
}

equality('S2.28 agrees with the strict equality of Node on similar values', () => {
  checkProperty(
    fc.property(similarValue, similarValue, (a, b) => {
      const [left, right] = [throughText(a), throughText(b)]
      assert.is(deepEqual(left, right), isDeepStrictEqual(left, right))
      assert.is(deepEqual(left, right), deepEqual(right, left))
    }),
    { numRuns: 3_000 },
  )
})

equality('agrees with the strict equality of Node on any values', () => {
  checkProperty(
    fc.property(jsonValue, jsonValue, (a, b) => {
      const [left, right] = [throughText(a), throughText(b)]
      assert.is(deepEqual(left, right), isDeepStrictEqual(left, right))
    }),
    { numRuns: 500 },
  )
})

equality('a copy is equal, whatever the order of its fields', () => {
  checkProperty(
    fc.property(jsonValue, (value) => {
      assert.ok(deepEqual(throughText(value), throughText(value)))
      assert.ok(deepEqual(throughText(value), reversed(throughText(value))))
    }),
    { numRuns: 500 },
  )
})

equality('the order of a list matters', () => {
  assert.not.ok(deepEqual([1, 2], [2, 1]))
})

equality('a field that the other one only inherits is a difference', () => {
  assert.not.ok(deepEqual(JSON.parse('{"constructor":null}') as JsonValue, { a: null }))
  assert.not.ok(deepEqual(JSON.parse('{"__proto__":{}}') as JsonValue, { a: {} }))
})

equality('an empty list is no empty object', () => {
  assert.not.ok(deepEqual([], {}))
  assert.not.ok(deepEqual({}, []))
  assert.not.ok(deepEqual({}, null))
})

equality.run()
