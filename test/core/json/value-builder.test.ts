/** What is built step by step passes the same gate as what is admitted as a whole, and nothing else can look like it. */

import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { admitJson, type JsonValue, sealedJson, ValueBuilder } from '../../../src/core/json/index.ts'
import { parseDeltas } from '../../../src/core/reconcile/index.ts'
import { checkProperty } from '../../harness/property.ts'
import { jsonValue, throughText } from './json-arbitraries.ts'

const builder = suite('value builder')

function steps(to: ValueBuilder, value: JsonValue): void {
  if (typeof value === 'string') {
    for (const part of halves(value)) to.part(part)
    to.string()
  } else if (typeof value === 'number') to.number(value)
  else if (typeof value !== 'object' || value === null) to.literal(value)
  else if (Array.isArray(value)) {
    to.openArray()
    for (const item of value as readonly JsonValue[]) steps(to, item)
    to.closeArray()
  } else {
    to.openObject()
    for (const [key, field] of Object.entries(value)) {
      to.part(key)
      to.key()
      steps(to, field as JsonValue)
    }
    to.closeObject()
  }
}

/** Two parts, with no pair of surrogates cut. */
function halves(text: string): string[] {
  const units = Array.from(text)
  const middle = units.length >> 1
  return [units.slice(0, middle).join(''), units.slice(middle).join('')]
}

function isFrozen(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.isFrozen(value) && Object.values(value).every((item) => isFrozen(item as JsonValue))
}

builder('builds what admitJson admits: the same value, the same size, frozen', () => {
  checkProperty(
    fc.property(fc.array(jsonValue, { minLength: 1, maxLength: 3 }), (values) => {
      const tested = new ValueBuilder(1_000_000)
      for (const value of values.map(throughText)) {
        steps(tested, value)
        assert.ok(tested.isComplete)
        const built = tested.take(1_000_000)
        const admitted = admitJson(value)
        assert.ok(isDeepStrictEqual(built.value, admitted.value))
        assert.is(built.bytes, admitted.bytes)
        assert.is(built.bytes, Buffer.byteLength(JSON.stringify(value)))
        assert.ok(isFrozen(built.value))
      }
    }),
  )
})

builder('a value of the limit passes, one byte more does not, wherever it is', () => {
  checkProperty(
    fc.property(jsonValue, (value) => {
      const sent = throughText(value)
      const { bytes } = admitJson(sent)
      steps(new ValueBuilder(bytes), sent)
      assert.throws(
        () => steps(new ValueBuilder(bytes - 1), sent),
        (e: { code?: string }) => e.code === 'GOSSIP_VALUE_INVALID',
      )
    }),
  )
})

builder('a string is refused before its end has come', () => {
  const tested = new ValueBuilder(10)
  tested.part('12345')
  assert.throws(() => tested.part('67890'), /takes over 10 bytes/)
})

builder('64 levels pass, 65 do not', () => {
  const tested = new ValueBuilder(1_000)
  for (let level = 0; level < 64; level++) tested.openArray()
  assert.throws(() => tested.openArray(), /nested over 64 levels/)
})

builder('steps in the wrong place are refused', () => {
  const wrong: ((to: ValueBuilder) => void)[] = [
    (to) => to.closeArray(),
    (to) => to.key(),
    (to) => to.number(Number.NaN),
    (to) => [to.openObject(), to.closeArray()],
    (to) => [to.openObject(), to.number(1)],
    (to) => [to.openObject(), to.key(), to.closeObject()],
    (to) => [to.openArray(), to.key()],
    (to) => [to.openObject(), to.key(), to.number(1), to.key()],
    (to) => [to.number(1), to.number(2)],
    (to) => to.part('\ud800'),
  ]
  for (const step of wrong) {
    assert.throws(
      () => step(new ValueBuilder(1_000)),
      (e: { code?: string }) => e.code === 'GOSSIP_VALUE_INVALID',
      step.toString(),
    )
  }
})

builder('what was not built is never taken for built', () => {
  const tested = new ValueBuilder(1_000)
  tested.number(5)
  const sealed = tested.take(1_000)
  assert.is(sealedJson(sealed), sealed)
  for (const fake of [
    { value: 5, bytes: 1 },
    { ...sealed },
    Object.create(sealed),
    JSON.parse(JSON.stringify(sealed)),
    null,
    5,
  ]) {
    assert.is(sealedJson(fake), undefined)
  }
})

builder('an admitted value goes into a group as it is, and its like from the network is a value like any other', () => {
  const tested = new ValueBuilder(1_000)
  steps(tested, { a: [1] })
  const sealed = tested.take(1_000)
  const group = (value: unknown): unknown => [
    { id: 'a', generation: 1, from: 0, gcVersion: 0, maxVersion: 1, top: 1, entries: [['k', value, 1]] },
  ]
  const [taken] = parseDeltas(group(sealed), 0, 100)
  assert.is(taken?.entries[0]?.value, sealed.value)
  assert.is(taken?.entries[0]?.bytes, parseDeltas(group({ a: [1] }), 0, 100)[0]?.entries[0]?.bytes)
  const [plain] = parseDeltas(group({ value: 1, bytes: 0 }), 0, 100)
  assert.equal(plain?.entries[0]?.value, { value: 1, bytes: 0 })
  assert.throws(() => parseDeltas(group(sealed), 0, sealed.bytes - 1), /takes over/)
})

builder.run()
