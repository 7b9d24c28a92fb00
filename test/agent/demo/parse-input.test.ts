import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '../../../src/agent/cli/index.ts'
import { parseInput } from '../../../src/agent/demo/index.ts'
import { jsonValue, throughText } from '../../core/json/json-arbitraries.ts'
import { checkProperty } from '../../harness/property.ts'

const input = suite('parse input')

const parse = (text: string, isLines?: boolean): ReadonlyMap<string, unknown> =>
  parseInput(text, { name: 'x.json', isLines, valueBytesMax: 100 })

function refuses(text: string, ...says: string[]): void {
  assert.throws(
    () => parse(text),
    (error: unknown) => {
      assert.instance(error, UsageError)
      assert.is((error as UsageError).code, 'GOSSIP_INPUT_INVALID')
      for (const part of says) assert.ok((error as UsageError).message.includes(part), (error as UsageError).message)
      return true
    },
  )
}

const key = fc
  .oneof(fc.string({ minLength: 1, maxLength: 20 }), fc.constantFrom('__proto__', 'constructor', '0', 'key', 'value'))
  .filter((text) => !text.startsWith('$gossip/'))

input('what is written as an object or as lines comes back as it was', () => {
  const entries = fc.uniqueArray(fc.tuple(key, jsonValue), { minLength: 1, maxLength: 8, selector: ([name]) => name })
  checkProperty(
    fc.property(entries, (list) => {
      const rules = { name: 'x', valueBytesMax: 1_000_000 }
      const expected = new Map(list.map(([name, value]) => [name, throughText(value)]))
      const fields = list.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
      const lines = list.map(([name, value]) => JSON.stringify({ key: name, value }))
      assert.ok(isDeepStrictEqual(parseInput(`{${fields.join(',\n')}}`, { ...rules, isLines: false }), expected))
      assert.ok(isDeepStrictEqual(parseInput(lines.join('\r\n'), { ...rules, isLines: true }), expected))
      assert.ok(isDeepStrictEqual(parseInput(`\n${lines.join('\n\n')}\n`, { ...rules, isLines: undefined }), expected))
    }),
  )
})

input('a text on one line is lines only if it is one key with one value', () => {
  assert.equal(parse('{"key": "a", "value": 1}'), new Map([['a', 1]]))
  assert.equal(parse('{"key": "a", "value": 1, "more": 2}').size, 3)
  assert.equal(parse('{"key": "a", "value": 1}', false).size, 2)
})

input('a mistake in an object is told with its line', () => {
  refuses('{\n  "a": 1,\n  "b": oops\n}', 'x.json cannot be used', 'line 3: ')
  refuses('{\n  "a": 1,\n', 'line 2: ')
  refuses('{\n  "a": 1\n  "b": 2\n}', 'line 3: ')
  refuses('{\n  "a": "tab\t"\n}', 'line 2: ')
  refuses('[1]', 'has to begin an object')
  refuses('', 'line 1: ')
})

input('every mistake in lines is told with its line', () => {
  const lines = ['{"key": "a", "value": 1}', '{"key": "b"}', 'oops', '', '{"key": "a", "value": 2}', '[]']
  refuses(lines.join('\n'), 'line 2: has to be', 'line 3: ', 'line 5: the key a stands here a second time', 'line 6: ')
})

input('of many mistakes the first ten are told, and how many more there are', () => {
  refuses(`{"key": "a", "value": 1}\n${'oops\n'.repeat(25)}`, 'line 11: ', 'and 15 more')
})

input('a value over the limit is told with its key and size', () => {
  refuses(JSON.stringify({ fits: 'x'.repeat(98), large: 'x'.repeat(99) }), 'key large: the value takes 101 bytes')
})

input('keys that cannot be set are told', () => {
  refuses('{"": 1}', 'a key has to be a text of 1 to 256 bytes')
  refuses(JSON.stringify({ ['é'.repeat(129)]: 1 }), 'a key has to be a text of 1 to 256 bytes')
  refuses('{"$gossip/x": 1}', 'must not begin with $gossip/')
})

input('values that cannot be replicated are told', () => {
  refuses(`{"deep": ${'['.repeat(70)}${']'.repeat(70)}}`, 'key deep: the value cannot be replicated')
  refuses('{"half": "\\ud800"}', 'key half: the value cannot be replicated')
})

input('no keys at all is a mistake', () => refuses('{}', 'there are no keys'))

input.run()
