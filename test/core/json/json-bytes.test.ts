import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonBytes, numberBytes, stringBytes } from '../../../src/core/json/index.ts'
import { checkProperty } from '../../harness/property.ts'
import { jsonNumber, jsonText, jsonValue } from './json-arbitraries.ts'

const bytes = suite('json-bytes')

function bytesOfText(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}

bytes('a value takes as many bytes as its JSON text', () => {
  checkProperty(
    fc.property(jsonValue, (value) => {
      assert.is(jsonBytes(value), bytesOfText(value))
    }),
    { numRuns: 2_000 },
  )
})

bytes('a string takes as many bytes as its JSON text', () => {
  checkProperty(
    fc.property(jsonText, (text) => {
      assert.is(stringBytes(text), bytesOfText(text))
    }),
    { numRuns: 2_000 },
  )
})

bytes('every code unit below the surrogates is counted as JSON writes it', () => {
  for (let unit = 0; unit < 0xd800; unit++) {
    const text = String.fromCharCode(unit)
    if (stringBytes(text) !== bytesOfText(text))
      assert.is(stringBytes(text), bytesOfText(text), `U+${unit.toString(16)}`)
  }
})

bytes('a number takes as many bytes as its JSON text', () => {
  checkProperty(
    fc.property(jsonNumber, (value) => {
      assert.is(numberBytes(value), bytesOfText(value))
    }),
    { numRuns: 2_000 },
  )
})

bytes('numbers around every power of ten are counted', () => {
  for (let power = 1; power < 1e22; power *= 10) {
    for (const value of [power - 1, power, power + 1, -power])
      assert.is(numberBytes(value), bytesOfText(value), `${value}`)
  }
})

bytes('a string is refused exactly when it has a lone surrogate', () => {
  const unit = fc.constantFrom('\ud83d', '\ude00', '\udbff', '\ud800', '\udc00', '\udfff', 'a', '\uffff')
  checkProperty(
    fc.property(fc.string({ unit }), (text) => {
      assert.is(stringBytes(text) < 0, /\p{Surrogate}/u.test(text))
    }),
    { numRuns: 2_000 },
  )
})

bytes('fields that are undefined are left out, as JSON leaves them out', () => {
  const value = { a: 1, b: undefined, c: [{ d: undefined, e: 'x' }] } as unknown as Parameters<typeof jsonBytes>[0]
  assert.is(jsonBytes(value), bytesOfText(value))
  assert.is(jsonBytes(undefined), 0)
})

bytes.run()
