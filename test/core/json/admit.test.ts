import vm from 'node:vm'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidValueError } from '../../../src/core/errors.ts'
import { admitJson, deepEqual, type JsonValue } from '../../../src/core/json/index.ts'
import { checkProperty } from '../../harness/property.ts'
import { jsonKey, jsonValue, throughText } from './json-arbitraries.ts'

const admit = suite('admit')

class Account {
  balance = 1
}

function cycle(): unknown {
  const value: Record<string, unknown> = {}
  value['self'] = [value]
  return value
}

function nested(levels: number): unknown {
  let value: unknown = 1
  for (let i = 0; i < levels; i++) value = [value]
  return value
}

/** Everything that looks like data and that JSON cannot say, or would say as something else. */
const FORBIDDEN: Record<string, () => unknown> = {
  undefined: () => undefined,
  bigint: () => 1n,
  function: () => () => 1,
  symbol: () => Symbol('a'),
  NaN: () => Number.NaN,
  Infinity: () => Number.POSITIVE_INFINITY,
  '-Infinity': () => Number.NEGATIVE_INFINITY,
  'a Date': () => new Date(0),
  'a Map': () => new Map([[1, 2]]),
  'a Set': () => new Set([1]),
  'a RegExp': () => /a/,
  'a Buffer': () => Buffer.from('a'),
  'a typed array': () => new Uint8Array(2),
  'a boxed string': () => Object('a'),
  'an error': () => new Error('a'),
  'a promise': () => Promise.resolve(1),
  'an instance of a class': () => new Account(),
  'a sparse array': () => Array(2),
  'a high surrogate alone': () => 'a\ud83d',
  'a low surrogate alone': () => '\ude00a',
  'a key with a lone surrogate': () => ({ '\ud83d': 1 }),
  'a cycle': cycle,
  'nesting over 64 levels': () => nested(65),
}

function refusalOf(value: unknown): InvalidValueError | undefined {
  try {
    admitJson(value)
    return undefined
  } catch (error) {
    if (error instanceof InvalidValueError) return error
    throw error
  }
}

function isFrozenThroughout(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.isFrozen(value) && Object.values(value).every(isFrozenThroughout)
}

admit('admits every JSON value unchanged', () => {
  checkProperty(
    fc.property(jsonValue, (value) => {
      assert.is(JSON.stringify(admitJson(value).value), JSON.stringify(value))
      assert.ok(deepEqual(admitJson(value).value, throughText(value)))
    }),
    { numRuns: 1_000 },
  )
})

admit('measures what it admits', () => {
  checkProperty(
    fc.property(jsonValue, (value) => {
      assert.is(admitJson(value).bytes, Buffer.byteLength(JSON.stringify(value)))
    }),
    { numRuns: 1_000 },
  )
})

admit('freezes its copy at every level', () => {
  checkProperty(fc.property(jsonValue, (value) => isFrozenThroughout(admitJson(value).value)))
})

admit('admits what it admitted', () => {
  checkProperty(
    fc.property(jsonValue, (value) => {
      const once = admitJson(value)
      assert.is(JSON.stringify(admitJson(once.value)), JSON.stringify(once))
    }),
  )
})

admit('shares nothing with the original, and leaves it as it was', () => {
  const original = { list: [1, { deep: 'a' }] }
  const { value } = admitJson(original)
  original.list[0] = 2
  ;(original.list[1] as { deep: string }).deep = 'b'
  assert.is(JSON.stringify(value), '{"list":[1,{"deep":"a"}]}')
  assert.not.ok(Object.isFrozen(original))
})

admit('refuses everything that JSON cannot say', () => {
  for (const [kind, make] of Object.entries(FORBIDDEN)) {
    const refusal = refusalOf(make())
    assert.ok(refusal !== undefined, `${kind} was admitted`)
    assert.is(refusal.code, 'GOSSIP_VALUE_INVALID', kind)
  }
})

admit('refuses it at any depth, and says where', () => {
  for (const [kind, make] of Object.entries(FORBIDDEN)) {
    const refusal = refusalOf({ list: [0, { at: make() }] })
    assert.ok(refusal?.path.startsWith('$.list[1].at'), `${kind}: ${refusal?.path}`)
  }
})

admit('the path of a refusal stays short, however long the names', () => {
  const path = refusalOf({ ['k'.repeat(5_000)]: undefined })?.path ?? ''
  assert.ok(path.length > 0 && path.length <= 200)
})

admit('admits 64 levels', () => {
  assert.is(JSON.stringify(admitJson(nested(64)).value), JSON.stringify(nested(64)))
})

admit('a value used twice is no cycle', () => {
  const shared = { a: 1 }
  assert.is(JSON.stringify(admitJson([shared, shared]).value), '[{"a":1},{"a":1}]')
})

admit('names that every object has already are data like any other', () => {
  checkProperty(
    fc.property(jsonKey, jsonValue, (key, field) => {
      const text = `{${JSON.stringify(key)}:${JSON.stringify(field)}}`
      const value = admitJson(JSON.parse(text)).value as Record<string, JsonValue>
      assert.is(JSON.stringify(value), text)
      assert.equal(Object.keys(value), [key])
      assert.is(Object.getPrototypeOf(value), Object.prototype)
    }),
  )
})

admit('a field named __proto__ changes no prototype', () => {
  const { value } = admitJson(JSON.parse('{"__proto__":{"admin":true}}'))
  assert.is((value as Record<string, unknown>)['admin'], undefined)
  assert.is(JSON.stringify(value), '{"__proto__":{"admin":true}}')
})

admit('-0 becomes 0, as it would on the way', () => {
  const { value } = admitJson([-0])
  assert.ok(Object.is((value as readonly number[])[0], 0))
})

admit('plain objects of another realm, or without a prototype, are plain', () => {
  assert.is(JSON.stringify(admitJson(vm.runInNewContext('({ a: [1] })')).value), '{"a":[1]}')
  assert.is(JSON.stringify(admitJson(Object.assign(Object.create(null), { a: 1 })).value), '{"a":1}')
})

admit.run()
