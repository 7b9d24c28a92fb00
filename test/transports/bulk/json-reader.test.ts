/** The streaming decoder reads what JSON.parse reads, whatever the chunks, and refuses what JSON.parse refuses. */

import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { admitJson, type JsonValue, ValueBuilder } from '../../../src/core/index.ts'
import { JsonReader, Utf8Reader } from '../../../src/transports/index.ts'
import { jsonValue } from '../../core/json/json-arbitraries.ts'
import { checkProperty } from '../../harness/property.ts'

const reader = suite('json reader')

/** Reads a text in chunks of bytes, and gives what it says. */
function readBytes(text: string, cuts: readonly number[]): JsonValue {
  const builder = new ValueBuilder(Number.MAX_SAFE_INTEGER)
  const json = new JsonReader(builder)
  const utf8 = new Utf8Reader()
  const bytes = new TextEncoder().encode(text)
  let at = 0
  for (const cut of [...cuts, bytes.length]) {
    json.push(utf8.push(bytes.subarray(at, at + cut)))
    at = Math.min(bytes.length, at + cut)
  }
  utf8.finish()
  json.finish()
  return builder.take(0).value
}

function attempt(read: () => JsonValue): { value: JsonValue } | undefined {
  try {
    return { value: read() }
  } catch (error) {
    assert.ok('code' in (error as Error), `a bare error: ${(error as Error).stack}`)
    return undefined
  }
}

/** Field by field, whatever the fields are called. */
function assertSame(value: JsonValue, text: string): void {
  assert.ok(
    isDeepStrictEqual(value, admitJson(JSON.parse(text)).value),
    `${JSON.stringify(value)} of ${text}`.slice(0, 500),
  )
}

const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 400 })

reader('any value, in any chunks, is what JSON.parse makes of it', () => {
  checkProperty(
    fc.property(jsonValue, cuts, (value, sizes) => {
      const text = JSON.stringify([value])
      assertSame(readBytes(text, sizes), text)
    }),
    { numRuns: 500 },
  )
})

reader('characters that are written as escapes are the same, pairs of them too', () => {
  const escaped = (value: JsonValue): string =>
    JSON.stringify([value]).replace(
      /[\u0080-\uffff]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
  checkProperty(
    fc.property(jsonValue, cuts, (value, sizes) => {
      const text = escaped(value)
      assertSame(readBytes(text, sizes), text)
    }),
    { numRuns: 200 },
  )
})

reader('long strings come whole, through escapes and pairs at every place', () => {
  checkProperty(
    fc.property(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 70_000 }),
      (unit, size) => {
        const text = JSON.stringify({ [unit.repeat(900)]: unit.repeat(Math.ceil(100_000 / unit.length)) })
        assert.equal(
          readBytes(
            text,
            Array.from({ length: 40 }, () => size),
          ),
          JSON.parse(text),
        )
      },
    ),
    { numRuns: 20 },
  )
})

/** A text with a few characters changed, where most changes make it no JSON. */
const damaged = fc
  .tuple(
    jsonValue,
    fc.array(
      fc.tuple(
        fc.nat(),
        fc.constantFrom('remove', 'insert', 'replace'),
        fc.constantFrom(...Array.from('{}[]:,"\\-+.eE01tfnu x\n\u0000')),
      ),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
  )
  .map(([value, changes]) => {
    let text = JSON.stringify([value, 1])
    for (const [place, kind, character] of changes) {
      const at = place % text.length
      text = text.slice(0, at) + (kind === 'remove' ? '' : character) + text.slice(kind === 'insert' ? at : at + 1)
    }
    return text
  })

reader('what it accepts, JSON.parse accepts and reads the same', () => {
  checkProperty(
    fc.property(damaged, cuts, (text, sizes) => {
      const ours = attempt(() => readBytes(text, sizes))
      if (ours !== undefined)
        assertSame(ours.value, new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text)))
    }),
    { numRuns: 3_000 },
  )
})

for (const text of [
  '[1 2]',
  '[- 1]',
  '[--1]',
  '[-]',
  '[-"x"]',
  '[01]',
  '[1.]',
  '[1e]',
  '[1.2.3]',
  '[+1]',
  '[truex]',
  '[-true]',
  '[1,]',
  '[,1]',
  '[1]]',
  '[1]5',
  '[1]"x"',
  '[1],',
  '[1',
  '["x',
  '{"a"}',
  '{"a":1:2}',
  '{"a":"x":2}',
  '{"a":"x":{"b"}}',
  '{"a":1,}',
  '{"a":1,"a":2}',
  '{1:2}',
  '[{"a"}]',
  '{"b":{"a"}}',
  '["\\x"]',
  '["\\u12G4"]',
  '["\\u123"]',
  '["\u0000"]',
  '["a\nb"]',
  '["\\ud800"]',
  '["\\ud800\\u0041"]',
  '[1e999]',
  ' [1]',
  '[1] ',
  '5',
  '"x"',
  'true',
  '',
  '\ufeff[1]',
]) {
  reader(`refuses ${JSON.stringify(text)}`, () => {
    assert.is(
      attempt(() => readBytes(text, [])),
      undefined,
    )
    assert.is(
      attempt(() =>
        readBytes(
          text,
          Array.from(text, () => 1),
        ),
      ),
      undefined,
    )
  })
}

for (const [what, bytes] of [
  ['a byte that begins no character', [0x5b, 0x22, 0xff, 0x22, 0x5d]],
  ['a character cut by its quote', [0x5b, 0x22, 0xe2, 0x82, 0x22, 0x5d]],
  ['a surrogate as UTF-8', [0x5b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x5d]],
  ['a character cut by the end', [0x5b, 0x22, 0xe2]],
] as const) {
  reader(`refuses ${what}`, () => {
    const utf8 = new Utf8Reader()
    assert.throws(
      () => {
        for (const byte of bytes) utf8.push(Uint8Array.of(byte))
        utf8.finish()
      },
      (error: { code?: string }) => error.code === 'GOSSIP_MESSAGE_MALFORMED',
    )
  })
}

reader.run()
