/** The streaming encoder says what JSON.stringify says, in slices of bounded length. */

import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue } from '../../../src/core/index.ts'
import { JsonSlices } from '../../../src/transports/index.ts'
import { jsonKey, jsonText, jsonValue } from '../../core/json/json-arbitraries.ts'
import { checkProperty } from '../../harness/property.ts'

const slices = suite('json slices')

/** Escapes make six characters of one, a piece has 8 Ki of them, and it may begin when a slice is nearly full. */
const SLICE_LENGTH_MAX = 16_384 + 6 * 8_192 + 8

function slicesOf(value: JsonValue): string[] {
  const encoder = new JsonSlices(value)
  const all: string[] = []
  for (let slice = encoder.next(); slice !== undefined; slice = encoder.next()) all.push(slice)
  assert.is(encoder.next(), undefined, 'nothing comes after the end')
  return all
}

slices('their text is that of JSON.stringify', () => {
  checkProperty(
    fc.property(jsonValue, (value) => {
      assert.is(slicesOf(value).join(''), JSON.stringify(value))
    }),
    { numRuns: 500 },
  )
})

slices('long strings and long names are cut, and are the same together', () => {
  const long = fc.tuple(jsonText, fc.integer({ min: 8_000, max: 9_000 })).map(([text, length]) => {
    return (text === '' ? 'x' : text).repeat(Math.ceil(length / Math.max(1, text.length))).slice(0, length + 17)
  })
  checkProperty(
    fc.property(long, long, jsonKey, (text, name, key) => {
      const value = { [name]: [text, { [key]: text }], last: 1 } as JsonValue
      const all = slicesOf(value)
      assert.is(all.join(''), JSON.stringify(value))
      for (const slice of all) assert.ok(slice.length <= SLICE_LENGTH_MAX, `${slice.length}`)
    }),
    { numRuns: 60 },
  )
})

slices('no slice is long, however long the value is', () => {
  const value = { text: '\u0001'.repeat(300_000), list: Array.from({ length: 20_000 }, (_, i) => ({ i, s: `${i}` })) }
  const all = slicesOf(value)
  assert.is(all.join(''), JSON.stringify(value))
  for (const slice of all) assert.ok(slice.length <= SLICE_LENGTH_MAX, `${slice.length}`)
  for (const slice of all.slice(0, -1)) assert.ok(slice.length >= 16_384, `${slice.length}`)
})

slices.run()
