/** Values for the JSON tests: whatever JSON can say, with the names and numbers that trip careless code. */

import fc from 'fast-check'
import type { JsonValue } from '../../../src/core/json/index.ts'

/** Text of any code points, with escapes and control characters more often than chance would bring them. */
export const jsonText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('"', '\\', '\n', '\u0000', '\u001f', '\u007f', 'é', '\u2028', '€', '😀', 'a') }),
)

/** Names of fields; some exist on every object already. */
export const jsonKey: fc.Arbitrary<string> = fc.oneof(
  jsonText,
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', '0', '', 'toJSON'),
)

/** Finite numbers, from the smallest fraction to where exponents begin. */
export const jsonNumber: fc.Arbitrary<number> = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -0, 9, 10, 999_999_999_999_999, 1e15, 1e21, 1e-7, 5e-324, Number.MAX_VALUE, -1, -0.5),
)

/** Any JSON value, a few levels deep. */
export const jsonValue: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false),
    jsonNumber,
    jsonText,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(jsonKey, tie('value'), { maxKeys: 4 }),
  ),
})).value

/** The value as a stranger would send it: through its text, so that nothing is shared and there is no -0. */
export function throughText(value: JsonValue): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue
}
