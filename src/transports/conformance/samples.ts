/** Messages that transports get wrong: every kind of JSON, foreign scripts, large ones, deep ones. */

import type { JsonValue } from '../../core/index.ts'

/** Containers inside containers: a value at the core's limit of 64 inside the deltas around it. */
const DEPTH = 72

/** Every kind of JSON, each different from all others. */
export const SAMPLES: readonly JsonValue[] = Object.freeze([
  [],
  {},
  '',
  null,
  false,
  true,
  0,
  -1.5,
  5e-324,
  1.7976931348623157e308,
  Number.MAX_SAFE_INTEGER,
  [[]],
  [{}],
  { '': '' },
  { a: null, b: [null, [], {}], 'a b': { 'c.d': [1, '2', true] } },
  'plain',
  'a "quoted" \\ text / with\ttabs\r\nand lines',
  '\u0000\u0001\u001f\u007f',
  'separators \u2028 and \u2029, a mark \ufeff, a hyphen \u00ad',
  'ελληνικά, 日本語, עברית, e\u0301 and é',
  '👩‍🚀 🇪🇺 𝒳 \u{10ffff}',
  { 雪: { 'naïve key': '🎿' } },
  // As a program would write it, this would set the prototype instead of a field.
  JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1, "toString": [], "length": 2}') as JsonValue,
  '{"digest":[],"sender":{"id":"x","transport":null}}\r\n',
])

/** Nested as deep as gossip ever is. */
export function deepSample(): JsonValue {
  let value: JsonValue = 'deep'
  for (let i = 0; i < DEPTH; i++) value = i % 2 === 0 ? [value] : { v: value }
  return value
}

/**
 * A payload of an exact size.
 *
 * @param bytes - of its JSON text in UTF-8, at least 40
 * @param number - tells payloads of one size apart, 0 to 999_999
 * @param filler - the character it is filled up with; what is left over is filled with `x`
 */
export function sampleOfBytes(bytes: number, number: number, filler: 'x' | 'é' | '雪' = 'x'): JsonValue {
  const head = [String(number).padStart(6, '0'), '']
  const room = bytes - JSON.stringify(head).length
  const width = new TextEncoder().encode(filler).length
  const text = filler.repeat(Math.floor(room / width)) + 'x'.repeat(room % width)
  return [head[0] as string, text]
}
