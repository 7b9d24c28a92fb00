import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  type Copy,
  compareCopy,
  compareOwners,
  differenceText,
  type ExpectedCopy,
  verdictText,
} from '../../../src/agent/demo/index.ts'

const compare = suite('compare')

const expected: ExpectedCopy = {
  owner: 'a',
  generation: 7,
  hash: '00ff',
  entries: new Map<string, ExpectedCopy['entries'] extends ReadonlyMap<string, infer V> ? V : never>([
    ['color', 'red'],
    ['list', [1, { deep: [true, null] }]],
    ['__proto__', { constructor: 0 }],
  ]),
}

const exact: Copy = { generation: 7, hash: '00ff', entries: [...expected.entries] }

function texts(copy: Copy): string[] {
  return compareCopy('b', copy, expected).map(differenceText)
}

compare('an exact copy has no differences, whatever the order of its keys', () => {
  assert.equal(texts(exact), [])
  assert.equal(texts({ ...exact, entries: [...exact.entries].reverse() }), [])
})

compare('a value that differs deep inside is found', () => {
  const entries = exact.entries.map(([key, value]) => (key === 'list' ? [key, [1, { deep: [true, 0] }]] : [key, value]))
  assert.equal(texts({ ...exact, entries: entries as unknown as Copy['entries'] }), [
    `b holds a's key list as [1,{"deep":[true,0]}] instead of [1,{"deep":[true,null]}]`,
  ])
})

compare('a missing key is found', () => {
  const entries = exact.entries.filter(([key]) => key !== '__proto__')
  assert.equal(texts({ ...exact, entries }), [`b lacks a's key __proto__`])
})

compare('a key too many is found, as a deleted one that came back would be', () => {
  assert.equal(texts({ ...exact, entries: [...exact.entries, ['ghost', 1]] }), [
    `b holds a's key ghost, which should not exist: 1`,
  ])
})

compare('a key listed twice is found', () => {
  assert.equal(texts({ ...exact, entries: [...exact.entries, ['color', 'red']] }), [
    `b lists a's key color more than once`,
  ])
})

compare('another generation and another hash are found, even where all keys agree', () => {
  assert.equal(texts({ ...exact, generation: 6, hash: '00fe' }), [
    `b holds a's map with generation 6 instead of 7`,
    `b holds a's map with hash "00fe" instead of "00ff"`,
  ])
})

compare('an owner too few and one too many are found', () => {
  assert.equal(compareOwners('a', ['a', 'b', 'x'], ['a', 'b', 'c']).map(differenceText), [
    'a does not know c',
    'a knows x, who is not of this cluster',
  ])
})

compare('the verdict says identical only without differences', () => {
  const verdict = { nodes: 2, copies: 4, values: 6 }
  assert.match(verdictText({ ...verdict, differences: [] }), /^identical: all 2 nodes .*\(4 copies, 6 values/)
  const differences = compareOwners('a', ['a'], ['a', ...Array.from({ length: 25 }, (_, i) => `n${i}`)])
  const text = verdictText({ ...verdict, differences })
  assert.match(text, /^DIFFERENT: 25 differences/)
  assert.match(text, /\n {2}a does not know n0\n/)
  assert.match(text, /and 5 more$/)
})

compare.run()
