import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { admitJson, type JsonValue } from '../../../src/core/json/index.ts'
import { OwnMap } from '../../../src/core/state/index.ts'

const ownMap = suite('own-map')

function make(): OwnMap {
  return new OwnMap('me', 1)
}

function set(own: OwnMap, key: string, value: JsonValue, now = 0, ttlMs?: number): number | undefined {
  return own.set(key, admitJson(value), { ttlMs }, now)?.version
}

function tombstones(own: OwnMap): readonly string[] {
  return [...own.map.entriesAfter(0)].filter((entry) => entry.isTombstone).map((entry) => entry.key)
}

const RULES = { tombstoneGraceMs: 1_000, snapshotMs: 0 }

ownMap('every write takes the next version', () => {
  const own = make()
  assert.is(set(own, 'a', 1), 2)
  assert.is(set(own, 'b', 1), 3)
  assert.is(own.delete('a', 0)?.version, 4)
  assert.is(own.map.maxVersionSeen, 4)
})

ownMap('setting a deep-equal value writes nothing, whatever the order of its fields', () => {
  const own = make()
  set(own, 'a', { x: 1, y: [1, { z: null }] })
  assert.is(set(own, 'a', { y: [1, { z: null }], x: 1 }), undefined)
  assert.is(set(own, 'a', { y: [1, { z: 0 }], x: 1 }), 3)
})

ownMap('minus zero is zero, so setting it again writes nothing', () => {
  const own = make()
  set(own, 'a', 0)
  assert.is(set(own, 'a', -0), undefined)
})

ownMap('a lease that begins, is renewed or ends is a write even at the same value', () => {
  const own = make()
  set(own, 'a', 1)
  assert.is(set(own, 'a', 1, 0, 100), 3)
  assert.is(set(own, 'a', 1, 50, 100), 4)
  assert.is(own.map.shown('a')?.expiresAt, 150)
  assert.is(set(own, 'a', 1, 60), 5)
  assert.is(own.map.shown('a')?.expiresAt, undefined)
  assert.is(set(own, 'a', 1, 70), undefined)
})

ownMap('a lapsed key can be set again to the same value', () => {
  const own = make()
  set(own, 'a', 1, 0, 100)
  assert.is(set(own, 'a', 1, 100), 3)
})

ownMap('deleting what is not there, or is deleted, writes nothing', () => {
  const own = make()
  assert.is(own.delete('a', 0), undefined)
  set(own, 'a', 1)
  assert.ok(own.delete('a', 0))
  assert.is(own.delete('a', 0), undefined)
  assert.is(own.map.maxVersionSeen, 3)
})

ownMap('a lapsed key can be deleted: that is how its tombstone is written', () => {
  const own = make()
  set(own, 'a', 1, 0, 100)
  assert.is(own.delete('a', 100)?.isTombstone, true)
})

ownMap('another life numbers what is readable from 1, in order, without tombstones and lapsed keys', () => {
  const own = make()
  set(own, 'late', 1)
  set(own, 'early', 1)
  set(own, 'late', 2)
  set(own, 'deleted', 1)
  own.delete('deleted', 0)
  set(own, 'lapsed', 1, 0, 10)
  set(own, 'leased', 1, 0, 100)
  own.beginLife(5, 50)
  const entries = [...own.map.entriesAfter(0)].map(({ key, version, expiresAt }) => [key, version, expiresAt])
  assert.equal(entries, [
    ['early', 1, undefined],
    ['late', 2, undefined],
    ['leased', 3, 100],
  ])
  assert.equal([own.map.generation, own.map.gcVersion, own.map.maxVersionSeen], [5, 3, 3])
})

ownMap('an empty life begins at version 1', () => {
  const own = make()
  own.beginLife(5, 0)
  assert.equal([own.map.gcVersion, own.map.maxVersionSeen], [1, 1])
})

ownMap('a tombstone younger than the grace is kept, and so is everything after it', () => {
  const own = make()
  for (const key of ['a', 'b', 'c']) set(own, key, 1)
  own.delete('a', 0)
  own.delete('b', 900)
  own.collect(RULES, 1_500)
  assert.equal(tombstones(own), ['b'])
  assert.is(own.map.gcVersion, 5)
})

ownMap('a tombstone exactly as old as the grace is forgotten', () => {
  const own = make()
  set(own, 'a', 1)
  own.delete('a', 0)
  own.collect(RULES, 999)
  assert.equal(tombstones(own), ['a'])
  own.collect(RULES, 1_499)
  assert.equal(tombstones(own), [])
})

ownMap('collections are half a grace apart', () => {
  const own = make()
  for (const key of ['a', 'b']) set(own, key, 1)
  own.delete('a', 0)
  own.delete('b', 100)
  own.collect(RULES, 1_000)
  own.collect(RULES, 1_499)
  assert.equal(tombstones(own), ['b'])
  own.collect(RULES, 1_500)
  assert.equal(tombstones(own), [])
})

ownMap('collections are a snapshot apart when that takes longer', () => {
  const own = make()
  const rules = { tombstoneGraceMs: 1_000, snapshotMs: 5_000 }
  for (const key of ['a', 'b']) set(own, key, 1)
  own.delete('a', 0)
  own.collect(rules, 1_000)
  own.delete('b', 1_000)
  own.collect(rules, 5_999)
  assert.equal(tombstones(own), ['b'])
  own.collect(rules, 6_000)
  assert.equal(tombstones(own), [])
})

ownMap('a life that has just begun is not collected at once', () => {
  const own = make()
  own.beginLife(5, 10_000)
  set(own, 'a', 1, 10_000)
  own.delete('a', 10_000)
  own.collect({ tombstoneGraceMs: 1_000, snapshotMs: 5_000 }, 14_999)
  assert.equal(tombstones(own), ['a'])
})

ownMap.run()
