import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MalformedMessageError } from '../../../src/core/errors.ts'
import { GENERATION_MAX, isName, parseDeltas, VERSION_MAX } from '../../../src/core/reconcile/index.ts'
import { checkProperty } from '../../harness/property.ts'
import { jsonKey, jsonText, jsonValue } from '../json/json-arbitraries.ts'
import { noArray, noCount, noJson, noName, noObject, shown, withField } from './hostile-values.ts'

const parsing = suite('parse-deltas')

const GROUP = {
  id: 'owner',
  generation: 2,
  transport: 'address',
  from: 3,
  gcVersion: 1,
  maxVersion: 9,
  top: 12,
  entries: [
    ['a', 'value', 4],
    ['b', 6],
    ['c', null, 8, 500],
  ],
}

function parse(deltas: unknown, valueBytesMax = 100): ReturnType<typeof parseDeltas> {
  return parseDeltas(deltas, 1_000, valueBytesMax)
}

function refuses(deltas: unknown, why: string): void {
  assert.throws(
    () => parse(deltas),
    (error: unknown) => error instanceof MalformedMessageError,
    why,
  )
}

function refusesEach(values: readonly unknown[], groupOf: (value: unknown) => unknown, where: string): void {
  for (const value of values) refuses([GROUP, groupOf(value)], `${where} = ${shown(value)}`)
}

function withEntry(entry: unknown): object {
  return { ...GROUP, entries: [entry] }
}

parsing('what has the right shape is read, field by field', () => {
  const [group] = parse([GROUP])
  assert.ok(group)
  const { id, generation, transport, from, gcVersion, maxVersion, top } = group
  assert.equal({ id, generation, transport, from, gcVersion, maxVersion, top, entries: GROUP.entries }, GROUP)
  const read = group.entries.map(({ key, value, version, isTombstone, expiresAt }) => [
    key,
    value,
    version,
    isTombstone,
    expiresAt,
  ])
  assert.equal(read, [
    ['a', 'value', 4, false, undefined],
    ['b', null, 6, true, undefined],
    ['c', null, 8, false, 1_500],
  ])
})

parsing('deltas that are no array, or have a group that is no object, are refused', () => {
  for (const value of noArray) refuses(value, `deltas = ${shown(value)}`)
  refusesEach([...noObject, []], (value) => value, 'group')
  refusesEach(noArray, (value) => withField(GROUP, 'entries', value), 'entries')
  refusesEach(noArray, (value) => withEntry(value), 'entry')
})

parsing('counts that are no counts are refused', () => {
  for (const field of ['generation', 'from', 'gcVersion', 'maxVersion', 'top']) {
    refusesEach(noCount, (value) => withField(GROUP, field, value), field)
  }
})

parsing('ids and keys that are no names are refused', () => {
  refusesEach(noName, (value) => withField(GROUP, 'id', value), 'id')
  refusesEach(noName, (value) => withEntry([value, 1, 5]), 'key')
  refusesEach(noName, (value) => withEntry([value, 5]), 'key of a tombstone')
})

parsing('an address that is no JSON is refused', () => {
  refusesEach([...noJson, 'x'.repeat(1_023)], (value) => withField(GROUP, 'transport', value), 'transport')
  assert.is(parse([withField(GROUP, 'transport', undefined)])[0]?.transport, undefined)
})

parsing('an entry with neither 2, 3 nor 4 parts is refused', () => {
  refusesEach([[], ['a'], ['a', 1, 5, 7, 9]], withEntry, 'entry')
})

parsing('versions and rests that are no counts are refused', () => {
  refusesEach(noCount, (value) => withEntry(['a', value]), 'version of a tombstone')
  refusesEach(noCount, (value) => withEntry(['a', 1, value]), 'version')
  refusesEach(noCount, (value) => withEntry(['a', 1, 5, value]), 'rest')
})

parsing('a value that is no JSON, or too large, is refused', () => {
  refusesEach([...noJson, undefined], (value) => withEntry(['a', value, 5]), 'value')
  assert.is(parse([withEntry(['a', 'x'.repeat(98), 5])])[0]?.entries.length, 1)
  refuses([withEntry(['a', 'x'.repeat(99), 5])], '101 bytes')
  refuses([withEntry(['a', '€'.repeat(33), 5])], 'bytes, not characters')
})

parsing('versions that do not ascend within (from, maxVersion] are refused', () => {
  refuses([withEntry(['a', 1, 3])], 'at from')
  refuses([withEntry(['a', 1, 10])], 'above maxVersion')
  refuses(
    [
      {
        ...GROUP,
        entries: [
          ['a', 1, 5],
          ['b', 1, 5],
        ],
      },
    ],
    'equal',
  )
  refuses(
    [
      {
        ...GROUP,
        entries: [
          ['a', 1, 6],
          ['b', 5],
        ],
      },
    ],
    'descending',
  )
})

parsing('figures that contradict each other are refused', () => {
  refuses([{ ...GROUP, maxVersion: 2, entries: [] }], 'maxVersion below from')
  refuses([{ ...GROUP, top: 8 }], 'top below maxVersion')
  refuses([{ ...GROUP, gcVersion: 13 }], 'top below gcVersion')
})

parsing('the flag of an old peer is true or absent', () => {
  refusesEach([null, false, 0, 1, 'true', {}, []], (value) => withField(GROUP, 'old', value), 'old')
  assert.is(parse([{ ...GROUP, old: true }])[0]?.isOld, true)
  assert.is(parse([GROUP])[0]?.isOld, false)
})

parsing('a generation or version too high to go on from is refused', () => {
  refuses([{ ...GROUP, generation: GENERATION_MAX + 1 }], 'generation')
  refuses([{ ...GROUP, top: VERSION_MAX + 1 }], 'top')
})

parsing('a lease of any length gives an exact time', () => {
  const [group] = parse([withEntry(['a', 1, 5, Number.MAX_SAFE_INTEGER])])
  assert.ok(Number.isSafeInteger(group?.entries[0]?.expiresAt))
})

parsing('one bad group spoils the whole message, so nothing of it is applied', () => {
  refuses([GROUP, { ...GROUP, top: -1 }], 'second group')
})

parsing('values are frozen copies, with fields named like parts of every object', () => {
  const value: unknown = JSON.parse('{"__proto__":{"x":[1]},"constructor":{"prototype":2}}')
  const [group] = parse([withEntry(['__proto__', value, 5])])
  const entry = group?.entries[0]
  assert.is(entry?.key, '__proto__')
  assert.is(JSON.stringify(entry?.value), JSON.stringify(value))
  assert.is.not(entry?.value, value)
  assert.ok(Object.isFrozen(entry?.value))
  assert.is(({} as { x?: unknown }).x, undefined)
})

parsing('any JSON whatever is either read or refused as malformed', () => {
  const field = fc.oneof(jsonKey, fc.constantFrom(...Object.keys(GROUP)))
  const changed = fc.tuple(field, jsonValue).map(([name, value]) => ({ ...GROUP, [name]: value }))
  const entry = fc.array(fc.oneof(jsonValue, fc.nat(12), jsonText), { maxLength: 5 })
  const entries = fc.array(entry, { maxLength: 3 }).map((list) => ({ ...GROUP, entries: list }))
  checkProperty(
    fc.property(fc.oneof(jsonValue, fc.array(fc.oneof(changed, entries, jsonValue))), (json) => {
      try {
        parse(json)
      } catch (error) {
        assert.instance(error, MalformedMessageError)
      }
    }),
    { numRuns: 1_000 },
  )
})

parsing('a key is a name of up to 256 bytes of JSON text', () => {
  for (const key of ['x'.repeat(256), 'é'.repeat(128), '"'.repeat(128), '😀'.repeat(64)]) {
    assert.ok(isName(key))
    assert.is(parse([withEntry([key, 5])])[0]?.entries[0]?.key, key)
  }
})

parsing.run()
