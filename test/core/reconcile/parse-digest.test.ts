import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MalformedMessageError } from '../../../src/core/errors.ts'
import {
  GENERATION_MAX,
  isName,
  itemsOf,
  pairItemsOf,
  parseDigest,
  VERSION_MAX,
  writeDigest,
} from '../../../src/core/reconcile/index.ts'
import { checkProperty } from '../../harness/property.ts'
import { jsonKey, jsonValue } from '../json/json-arbitraries.ts'
import { noArray, noCount, noJson, noName, noObject, shown, withField } from './hostile-values.ts'

const parsing = suite('parse-digest')

const OWN = {
  id: 'me',
  maxVersionSeen: 3,
  transport: 'address',
  generation: 2,
  heartbeat: 9,
  gcVersion: 1,
  clusterId: 'cluster',
  step: 1,
  claim: { from: null, to: 'm' },
}
const PEER = {
  id: 'other',
  maxVersionSeen: 3,
  transport: { port: 1 },
  generation: 2,
  heartbeat: 9,
  gcVersion: 1,
  silentMs: 7,
}
const REMOVAL = { id: 'gone', generation: 2, heartbeat: 9, ageMs: 7 }
const PAIR = ['other', 9]

function refuses(digest: unknown, why: string, known: readonly string[] = []): void {
  assert.throws(
    () => parseDigest(digest, 'me', known),
    (error: unknown) => error instanceof MalformedMessageError,
    why,
  )
}

function refusesEach(values: readonly unknown[], digestOf: (value: unknown) => unknown, where: string): void {
  for (const value of values) refuses(digestOf(value), `${where} = ${shown(value)}`)
}

parsing('what has the right shape is read, field by field', () => {
  const digest = parseDigest([OWN, PEER, REMOVAL, PAIR], 'me')
  assert.equal(digest.claim, { from: null, to: 'm' })
  assert.is(digest.step, 1)
  assert.is(digest.clusterId, 'cluster')
  const { id, maxVersionSeen, transport, generation, heartbeat, gcVersion } = OWN
  const numbers = { id, maxVersionSeen, transport, generation, heartbeat, gcVersion }
  assert.equal(digest.own, { kind: 'peer', ...numbers, silentMs: undefined, isOld: false })
  assert.equal(itemsOf(digest), [
    { kind: 'peer', ...PEER, isOld: false },
    { kind: 'removal', ...REMOVAL },
  ])
  assert.equal(pairItemsOf(digest.pairs), [{ id: 'other', heartbeat: 9 }])
})

parsing('the sender is found by its id, wherever it stands', () => {
  assert.is(parseDigest([PEER, PAIR, OWN], 'me').own.id, 'me')
  refuses([PEER], 'no own entry')
  refuses([], 'empty')
  refuses([['me', 9]], 'a pair is no own entry')
})

parsing('a digest that is no array, or has an item that is no object, is refused', () => {
  refusesEach(noArray, (value) => value, 'digest')
  refusesEach(noObject, (value) => [OWN, value], 'item')
})

parsing('counts of entries that are no counts are refused', () => {
  for (const field of ['maxVersionSeen', 'generation', 'heartbeat', 'gcVersion']) {
    refusesEach(noCount, (value) => [withField(OWN, field, value)], `own ${field}`)
    refusesEach(noCount, (value) => [OWN, withField(PEER, field, value)], `peer ${field}`)
  }
  const present = noCount.slice(1)
  refusesEach(present, (value) => [OWN, withField(PEER, 'silentMs', value)], 'silentMs')
  refusesEach(present, (value) => [withField(OWN, 'answers', value)], 'answers')
})

parsing('counts of removal records that are no counts are refused', () => {
  for (const field of ['generation', 'heartbeat'])
    refusesEach(noCount, (value) => [OWN, withField(REMOVAL, field, value)], `removal ${field}`)
  refusesEach(noCount, (value) => [OWN, withField(REMOVAL, 'ageMs', value)], 'ageMs')
})

parsing('ids that are no names are refused', () => {
  refusesEach(noName, (value) => [OWN, withField(PEER, 'id', value)], 'peer id')
  refusesEach(noName, (value) => [OWN, withField(REMOVAL, 'id', value)], 'removal id')
  refusesEach(noName, (value) => [OWN, [value, 9]], 'pair id')
  refusesEach(noName, (value) => [withField(OWN, 'id', value)], 'own id')
})

parsing('pairs that are no pairs are refused', () => {
  refusesEach(noCount, (value) => [OWN, ['other', value]], 'pair heartbeat')
  refusesEach([[], ['other'], ['other', 9, 9], [9, 'other']], (value) => [OWN, value], 'pair')
})

parsing('a step other than 1 and 2 is refused', () => {
  refusesEach([undefined, null, 0, 3, 1.5, '1', true, {}], (value) => [withField(OWN, 'step', value)], 'step')
})

parsing('a cluster that is no name is refused', () => {
  refusesEach(noName, (value) => [withField(OWN, 'clusterId', value)], 'clusterId')
})

parsing('an address that is no JSON or over 1 KiB is refused, and an own entry without one', () => {
  const long = 'x'.repeat(1_023)
  refusesEach([...noJson, long], (value) => [withField(OWN, 'transport', value)], 'own transport')
  refusesEach([...noJson, long], (value) => [OWN, withField(PEER, 'transport', value)], 'peer transport')
  refuses([withField(OWN, 'transport', undefined)], 'own transport missing')
  assert.is(parseDigest([withField(OWN, 'transport', 'x'.repeat(1_022))], 'me').own.id, 'me')
})

parsing('a claim that is no claim is refused', () => {
  refusesEach([...noObject.slice(1), [], [null, null]], (value) => [withField(OWN, 'claim', value)], 'claim')
  for (const bound of ['from', 'to']) {
    const bad = noName.filter((value) => value !== null)
    refusesEach(bad, (value) => [withField(OWN, 'claim', withField({ from: null, to: null }, bound, value))], bound)
  }
})

parsing('flags are true or absent', () => {
  for (const flag of ['left', 'old']) {
    refusesEach([null, false, 0, 1, 'true', {}, []], (value) => [OWN, withField(PEER, flag, value)], flag)
  }
  assert.is(parseDigest([{ ...OWN, left: true }], 'me').own.heartbeat, Number.MAX_SAFE_INTEGER)
  assert.is(parseDigest([{ ...OWN, old: true }], 'me').own.isOld, true)
})

parsing('a generation or version too high to go on from is refused', () => {
  refuses([{ ...OWN, generation: GENERATION_MAX + 1 }], 'generation')
  refuses([{ ...OWN, maxVersionSeen: VERSION_MAX + 1 }], 'maxVersionSeen')
  refuses([{ ...OWN, gcVersion: VERSION_MAX + 1 }], 'gcVersion')
  assert.is(parseDigest([{ ...OWN, generation: GENERATION_MAX }], 'me').own.generation, GENERATION_MAX)
})

parsing('ids named like parts of every object are ordinary', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']
  const items = names.map((id) => ({ ...PEER, id }))
  assert.equal(
    itemsOf(parseDigest([OWN, ...items], 'me')).map((item) => item.id),
    names,
  )
  for (const id of names) assert.is(parseDigest([{ ...OWN, id }], id).own.id, id)
})

parsing('fields cannot be smuggled in through a prototype', () => {
  refuses(
    [OWN, JSON.parse('{"__proto__":{"id":"x","generation":1,"heartbeat":1,"gcVersion":1,"maxVersionSeen":1}}')],
    'proto',
  )
  refuses([OWN, Object.create({ ...PEER })], 'inherited')
})

parsing('unknown fields are ignored, so that later versions can add some', () => {
  const digest = [
    { ...OWN, later: [1] },
    { ...PEER, constructor: 1 },
  ]
  assert.is(itemsOf(parseDigest(digest, 'me')).length, 1)
})

parsing('a known id is recognised wherever it stands, and what is none is refused all the same', () => {
  const known = ['a', 'b', 'other', 'z']
  for (const ids of [
    ['a', 'b', 'other', 'z'],
    ['z', 'a', 'other'],
    ['0', 'b', 'bb', 'zz'],
    ['other', 'other'],
  ]) {
    const items = ids.map((id) => ({ ...PEER, id }))
    const pairs = ids.map((id): [string, number] => [id, 9])
    const digest = parseDigest([OWN, ...items, ...pairs], 'me', known)
    assert.equal(digest, parseDigest([OWN, ...items, ...pairs], 'me'), String(ids))
  }
  for (const id of noName) {
    refuses([OWN, withField(PEER, 'id', id)], 'id', known)
    refuses([OWN, [id, 9]], 'pair', known)
  }
})

parsing('any JSON whatever is either read or refused as malformed', () => {
  const field = fc.oneof(jsonKey, fc.constantFrom(...Object.keys(OWN), 'silentMs', 'ageMs', 'left', 'answers'))
  const item = fc.oneof(jsonValue, fc.dictionary(field, jsonValue), fc.tuple(jsonValue, jsonValue))
  checkProperty(
    fc.property(fc.oneof(jsonValue, fc.array(item)), fc.boolean(), (json, isIntroduced) => {
      const digest: unknown = isIntroduced && Array.isArray(json) ? [OWN, ...json] : json
      try {
        parseDigest(digest, 'me')
      } catch (error) {
        assert.instance(error, MalformedMessageError)
      }
    }),
    { numRuns: 1_000 },
  )
})

parsing('what was written is what is read', () => {
  const count = fc.nat()
  const id = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .filter((name) => isName(name) && name !== 'me')
  const numbers = { id, maxVersionSeen: count, generation: count, heartbeat: count, gcVersion: count }
  const peer = fc.record(
    { ...numbers, transport: jsonValue, silentMs: count },
    { requiredKeys: ['id', 'maxVersionSeen', 'generation', 'heartbeat', 'gcVersion'] },
  )
  const removal = fc.record({ id, generation: count, heartbeat: count, ageMs: count })
  const item = fc.oneof(peer, removal, fc.tuple(id, count))
  checkProperty(
    fc.property(fc.array(item, { maxLength: 8 }), (items) => {
      const digest = JSON.parse(JSON.stringify([OWN, ...items])) as object[]
      const written = writeDigest(parseDigest(digest, 'me')) as readonly object[]
      // Pairs are written after the entries; the order is free.
      const expected = [...digest.filter((one) => !Array.isArray(one)), ...digest.filter((one) => Array.isArray(one))]
      assert.is(JSON.stringify(written.map(sorted)), JSON.stringify(expected.map(sorted)))
    }),
    { numRuns: 300 },
  )
})

function sorted(item: object): object {
  return Array.isArray(item) ? item : Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
}

parsing.run()
