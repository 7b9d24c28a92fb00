/** A bulk document becomes groups as it arrives, and nothing a stranger sends makes that take more than its bounds. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type JsonValue, sealedJson } from '../../../src/core/index.ts'
import { BulkDecoder, BulkText } from '../../../src/transports/index.ts'

const decoder = suite('bulk decoder')

const HEAD = { id: 'a', generation: 1, from: 0, gcVersion: 0, maxVersion: 9, top: 9 }
const VALUE_BYTES_MAX = 1_000

type Group = Record<string, unknown> & { entries: unknown[][] }

function decode(text: string, chunkBytes = 1_000, valueBytesMax = VALUE_BYTES_MAX): Group[] {
  const groups: Group[] = []
  const tested = new BulkDecoder({ valueBytesMax, onGroup: (group) => groups.push(group as Group) })
  const bytes = new TextEncoder().encode(text)
  for (let at = 0; at < bytes.length; at += chunkBytes) tested.push(bytes.subarray(at, at + chunkBytes))
  tested.finish()
  return groups
}

function assertRefused(text: string, problem?: RegExp): void {
  const isRight = (error: { code?: string; message: string }): boolean =>
    error.code === 'GOSSIP_MESSAGE_MALFORMED' && (problem?.test(error.message) ?? true)
  for (const chunkBytes of [1, 7, 65_536]) assert.throws(() => decode(text, chunkBytes), isRight, text.slice(0, 100))
}

function textOf(groups: readonly JsonValue[]): string {
  const waiting = [...groups]
  const text = new BulkText({ next: () => waiting.shift() })
  let all = ''
  for (let slice = text.next(); slice !== undefined; slice = text.next()) all += slice
  return all
}

decoder('groups come out as they went in, values sealed and tombstones as they are', () => {
  const sent = [
    {
      ...HEAD,
      entries: [
        ['k', { a: [1, 'x', null] }, 1],
        ['gone', 2],
        ['leased', 'v', 3, 500],
      ],
      transport: { host: 'h', port: 1 },
    },
    { ...HEAD, id: 'b', entries: [], old: true },
  ]
  assert.equal(JSON.parse(textOf(sent)), sent)
  for (const chunkBytes of [1, 3, 10_000]) {
    const groups = decode(textOf(sent), chunkBytes)
    assert.is(groups.length, 2)
    const [value = [], deleted = [], leased = []] = groups[0]?.entries ?? []
    assert.equal(sealedJson(value[1])?.value, { a: [1, 'x', null] })
    assert.is(sealedJson(value[1])?.bytes, JSON.stringify({ a: [1, 'x', null] }).length)
    assert.equal(deleted, ['gone', 2])
    assert.equal([leased[0], leased[2], leased[3]], ['leased', 3, 500])
    assert.equal({ ...groups[0], entries: [] }, { ...sent[0], entries: [] })
    assert.equal({ ...groups[1] }, sent[1])
  }
})

decoder('an empty transfer is a document too', () => {
  assert.is(textOf([]), '[]')
  assert.equal(decode('[]'), [])
})

decoder('each group is handed on before the next has begun', () => {
  const seen: unknown[] = []
  const tested = new BulkDecoder({ valueBytesMax: 100, onGroup: (group) => seen.push(group) })
  tested.push(new TextEncoder().encode(textOf([{ ...HEAD, entries: [] }]).slice(0, -1)))
  assert.is(seen.length, 1)
  assert.is(tested.isOver, false)
  assert.throws(() => tested.finish(), /malformed/)
})

decoder('what stands elsewhere than in groups is refused', () => {
  const texts = [
    '{}',
    '[1]',
    '[[]]',
    '["x"]',
    '[null]',
    '[{"a":1}',
    '[{"entries":[1]}]',
    '[{"entries":[{}]}]',
    '[{"entries":{}}',
  ]
  for (const text of [
    ...texts,
    '[{"id":"a","id":"b"}]',
    '[{"entries":[],"entries":[]}]',
    '[{"entries":[["k",1,2,3,4]]}]',
    '[{}]x',
  ]) {
    assertRefused(text)
  }
})

decoder('a value over the limit is refused before its end', () => {
  const text = `[{"entries":[["k","${'x'.repeat(VALUE_BYTES_MAX - 2)}",1]]}]`
  assert.is(decode(text)[0]?.entries.length, 1)
  const problem = /takes over 1000 bytes/
  const endless = `[{"entries":[["k","${'x'.repeat(VALUE_BYTES_MAX + 5_000)}`
  assertRefused(endless, problem)
  assertRefused(`[{"entries":[["k",[${'1,'.repeat(VALUE_BYTES_MAX)}`, problem)
  assertRefused(`[{"entries":[["k",{"${'x'.repeat(VALUE_BYTES_MAX + 5_000)}`, problem)
})

decoder('names and numbers may not be endless either', () => {
  const long = 'x'.repeat(10_000)
  assertRefused(`[{"entries":[["${long}`)
  assertRefused(`[{"${long}`)
  assertRefused(`[{"transport":"${long}`)
  assertRefused(`[{"from":${'1'.repeat(10_000)}`)
  assertRefused(`[{"entries":[["k",${'1'.repeat(10_000)}`)
})

decoder('a group that does not end is refused', () => {
  assertRefused(`[{"entries":[${'["k",1,1],'.repeat(30_000)}`, /a group takes over/)
  assertRefused(`[{"entries":[${'[],'.repeat(30_000)}`, /a group takes over/)
  assertRefused(`[{${Array.from({ length: 100_000 }, (_, i) => `"f${i}":1`).join()}`, /a group takes over/)
})

decoder('a bomb of brackets is refused at 64 levels', () => {
  assertRefused(`[{"entries":[["k",${'['.repeat(500)}`, /nested over 64 levels/)
  assertRefused(`[{"entries":[["k",${'{"a":'.repeat(500)}`, /nested over 64 levels/)
  assertRefused(`[{"transport":${'['.repeat(500)}`, /nested over 64 levels/)
})

decoder('names of every object are names like any other', () => {
  const [group] = decode('[{"__proto__":1,"entries":[["__proto__",{"__proto__":{"x":1}},1]]}]')
  const value = sealedJson(group?.entries[0]?.[1])?.value as Record<string, JsonValue>
  assert.equal(Object.keys(value), ['__proto__'])
  assert.is(Object.getPrototypeOf(value), Object.prototype)
  assert.is((Object.prototype as unknown as Record<string, unknown>)['x'], undefined)
})

decoder.run()
