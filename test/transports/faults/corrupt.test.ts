import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { deepEqual, isPlainObject, type JsonValue, seededRandom } from '../../../src/core/index.ts'
import { type Corruption, corrupt } from '../../../src/transports/faults/corrupt.ts'
import { jsonValue, throughText } from '../../core/json/json-arbitraries.ts'
import { checkProperty } from '../../harness/property.ts'

const corruption = suite('faults: corruption')

const DIGEST: JsonValue = [
  { id: 'ann', generation: 5, transport: { host: 'here', port: 1 }, claim: { from: null, to: null }, left: true },
  ['ben', 7],
]
const DELTAS: JsonValue = [{ id: 'ann', transport: 0.25, top: 3, entries: [['key', { deep: ['value'] }, 3]] }]

function corruptions(payload: JsonValue, kind: Corruption, count: number = 500): JsonValue[] {
  return Array.from({ length: count }, (_, seed) => corrupt(payload, kind, seededRandom(seed)))
}

corruption('always changes something, leaves the original alone, and stays JSON', () => {
  checkProperty(
    fc.property(jsonValue, fc.nat(), fc.constantFrom<Corruption>('shape', 'any'), (value, seed, kind) => {
      const payload = throughText(value)
      const before = JSON.stringify(payload)
      const damaged = corrupt(payload, kind, seededRandom(seed))
      assert.is(JSON.stringify(payload), before)
      assert.not(deepEqual(damaged, payload), JSON.stringify(damaged))
      assert.ok(deepEqual(throughText(damaged), damaged))
    }),
  )
})

corruption('the same dice do the same damage', () => {
  assert.equal(corruptions(DIGEST, 'any', 50), corruptions(DIGEST, 'any', 50))
})

corruption(
  'any place: fields and items go, numbers change, types are swapped, text is cut, and the whole goes too',
  () => {
    const damaged = corruptions(DIGEST, 'any')
    const first = damaged.flatMap((digest) => (Array.isArray(digest) && isPlainObject(digest[0]) ? [digest[0]] : []))
    const count = (isMatch: (fields: Record<string, unknown>) => boolean): number => first.filter(isMatch).length
    assert.ok(damaged.some((digest) => !Array.isArray(digest)))
    assert.ok(damaged.some((digest) => Array.isArray(digest) && digest.length === 1))
    assert.ok(count((fields) => !('generation' in fields)) > 0)
    assert.ok(count((fields) => fields['generation'] === 6) > 0)
    assert.ok(count((fields) => typeof fields['generation'] === 'string') > 0)
    assert.ok(count((fields) => fields['id'] === 'an') > 0)
    assert.ok(count((fields) => isPlainObject(fields['transport']) && fields['transport']['host'] !== 'here') > 0)
  },
)

corruption('shape: addresses and values are left alone, and all else is hit', () => {
  const digests = new Set(corruptions(DIGEST, 'shape').map(placeHit))
  assert.equal([...digests].sort(), ['', '0', '0.claim', '0.generation', '0.id', '0.left', '1'])
  const deltas = new Set(corruptions(DELTAS, 'shape').map(placeHit))
  assert.equal([...deltas].sort(), ['', '0', '0.entries', '0.entries.0', '0.id', '0.top'])
})

corruption('shape: what is there already is not put there again', () => {
  for (const payload of [null, -1, 0.5, '']) assert.not(corruptions(payload, 'shape', 50).includes(payload))
})

corruption('text is cut between characters', () => {
  const cut = corruptions('😀😀', 'any', 200).filter((value) => typeof value === 'string')
  assert.equal([...new Set(cut)].sort(), ['', '😀'])
})

corruption('a name like __proto__ is a name like any other', () => {
  const payload = JSON.parse('[{"__proto__": 5}]') as JsonValue
  const damaged = corruptions(payload, 'shape', 100).map((value) => JSON.stringify(value))
  assert.ok(damaged.includes('[{"__proto__":-1}]'))
  const any = corruptions(payload, 'any', 100).map((value) => JSON.stringify(value))
  assert.ok(any.includes('[{}]') && any.includes('[{"__proto__":6}]'))
})

corruption.run()

/** The path of the one place where something stands that the protocol never allows. */
function placeHit(value: JsonValue): string {
  const hits: string[] = []
  const walk = (part: JsonValue, path: string): void => {
    if (part === null ? !/claim\./.test(path) : part === -1 || part === 0.5 || part === '') hits.push(path)
    else if (typeof part === 'object' && part !== null) {
      for (const [key, inner] of Object.entries(part)) walk(inner, path === '' ? key : `${path}.${key}`)
    }
  }
  walk(value, '')
  assert.is(hits.length, 1)
  return hits[0] as string
}
