import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Candidate, type Order, type PackBudget, type Packed, pack } from '../../../src/core/flow/index.ts'
import { parseDeltas } from '../../../src/core/reconcile/index.ts'
import { type Entry, PeerMap } from '../../../src/core/state/index.ts'
import { gone, makeGroup, put } from '../../harness/make-group.ts'
import { checkProperty } from '../../harness/property.ts'
import { seededRandom } from '../../harness/seeded-random.ts'
import { jsonValue } from '../json/json-arbitraries.ts'

const packing = suite('pack')

const NO_LIMIT = Number.MAX_SAFE_INTEGER

function candidate(id: string, entries: readonly Entry[], facts: Partial<Candidate> = {}): Candidate {
  const map = new PeerMap(id, 1)
  map.accept(makeGroup(entries, { id }), 0, NO_LIMIT)
  return { map, transport: id, from: 0, maxVersionMin: 0, ...facts }
}

/** As many keys with text of this many bytes. */
function texts(count: number, bytes: number): Entry[] {
  return Array.from({ length: count }, (_, index) => put(`k${index}`, index + 1, 'x'.repeat(bytes - 2)))
}

function packed(
  candidates: readonly Candidate[],
  budget: Partial<PackBudget> = {},
  order: Order = 'scuttle-depth',
): Packed {
  return pack(candidates, { bytesMax: NO_LIMIT, deltasMax: NO_LIMIT, ...budget }, order, seededRandom(1), 0)
}

function counts(result: Packed): Record<string, number> {
  return Object.fromEntries(result.groups.map((group) => [group.id, group.entries.length]))
}

const anyCandidate: fc.Arbitrary<Candidate> = fc
  .record({
    id: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 9 }).filter((id) => id.trim() !== ''),
    transport: fc.option(jsonValue, { nil: undefined }),
    isOld: fc.boolean(),
    from: fc.nat(9),
    values: fc.array(
      fc.tuple(jsonValue, fc.constantFrom('set', 'delete', 'lease'), fc.integer({ min: 1, max: 1e12 })),
      { maxLength: 12 },
    ),
  })
  .map(({ id, transport, isOld, from, values }) => {
    let version = 0
    const entries = values.map(([value, kind, step], index) => {
      version += step
      if (kind === 'delete') return gone(`k${index}`, version)
      return put(`k${index}`, version, value, kind === 'lease' ? step : undefined)
    })
    const above = entries[Math.min(from, entries.length - 1)]?.version ?? 0
    return candidate(id, entries, { transport, isOld, from: from === 0 ? 0 : above })
  })

packing('without a limit everything goes, and the group vouches for all I hold', () => {
  const map = new PeerMap('a', 1)
  map.accept(makeGroup([put('x', 3), gone('y', 5)], { id: 'a', maxVersion: 8, top: 11 }), 0, NO_LIMIT)
  const { groups, oversize } = packed([{ map, transport: 'here', from: 0, maxVersionMin: 0 }])
  const facts = { id: 'a', generation: 1, from: 0, gcVersion: 0, maxVersion: 8, top: 11, transport: 'here' }
  assert.equal(groups, [
    {
      ...facts,
      entries: [
        ['x', 3, 3],
        ['y', 5],
      ],
    },
  ])
  assert.equal(oversize, [])
})

packing('the bytes it counts are those of the JSON or more, and never above the budget', () => {
  checkProperty(
    fc.property(
      fc.array(anyCandidate, { maxLength: 6 }),
      fc.integer({ min: 64, max: 3_000 }),
      fc.constantFrom<Order>('scuttle-depth', 'scuttle-breadth'),
      (candidates, bytesMax, order) => {
        const { groups, bytes } = packed(candidates, { bytesMax }, order)
        const actual = Buffer.byteLength(JSON.stringify(groups))
        assert.ok(actual <= bytes && bytes <= Math.max(bytesMax, 2), `${actual} <= ${bytes} <= ${bytesMax}`)
      },
    ),
    { numRuns: 300 },
  )
})

packing('what is packed is a prefix of what is lacking, and vouches for exactly that', () => {
  checkProperty(
    fc.property(
      fc.array(anyCandidate, { maxLength: 6 }),
      fc.integer({ min: 64, max: 3_000 }),
      fc.nat(20),
      fc.constantFrom<Order>('scuttle-depth', 'scuttle-breadth'),
      (candidates, bytesMax, deltasMax, order) => {
        const unique = [...new Map(candidates.map((each) => [each.map.id, each])).values()]
        for (const group of packed(unique, { bytesMax, deltasMax: deltasMax + 1 }, order).groups) {
          const { map, from } = unique.find((each) => each.map.id === group.id) as Candidate
          const lacking = [...map.entriesAfter(from)]
          assert.equal(
            group.entries.map((entry) => entry[0]),
            lacking.slice(0, group.entries.length).map((entry) => entry.key),
          )
          const isWhole = group.entries.length === lacking.length
          assert.is(group.maxVersion, isWhole ? map.maxVersionSeen : lacking[group.entries.length - 1]?.version)
          assert.is(group.top, map.top)
        }
      },
    ),
    { numRuns: 300 },
  )
})

packing('what is packed passes the checks of the other side', () => {
  checkProperty(
    fc.property(fc.array(anyCandidate, { maxLength: 4 }), (candidates) => {
      const { groups } = packed(candidates.filter(({ transport }) => JSON.stringify(transport ?? 0).length < 900))
      const read = parseDeltas(JSON.parse(JSON.stringify(groups)), 0, NO_LIMIT)
      assert.is(read.length, groups.length)
    }),
  )
})

packing('depth fills with the longest first, breadth gives everybody a share', () => {
  const candidates = [candidate('short', texts(3, 100)), candidate('long', texts(30, 100))]
  assert.equal(counts(packed(candidates, { bytesMax: 1_500 }, 'scuttle-depth')), { long: 12 })
  const shared = counts(packed(candidates, { bytesMax: 1_500 }, 'scuttle-breadth'))
  assert.is(shared['short'], 3)
  assert.ok((shared['long'] ?? 0) >= 7, JSON.stringify(shared))
})

packing('the limit of entries counts all groups together', () => {
  const candidates = [candidate('a', texts(3, 10)), candidate('b', texts(9, 10))]
  assert.equal(counts(packed(candidates, { deltasMax: 10 })), { b: 9, a: 1 })
})

packing('a group without entries goes when it has something else to say', () => {
  const { groups } = packed([candidate('a', texts(3, 10), { from: 3 })])
  assert.equal(
    groups.map(({ from, maxVersion, entries }) => [from, maxVersion, entries.length]),
    [[3, 3, 0]],
  )
})

packing('a group cut before its first entry is left out', () => {
  const { groups } = packed([candidate('a', texts(3, 100))], { bytesMax: 150 })
  assert.equal(groups, [])
})

packing('an entry too large for any message is told, and stops neither its neighbours nor the message', () => {
  const large = candidate('large', [
    put('first', 1),
    put('huge', 2, 'x'.repeat(5_000)),
    ...texts(50, 9).map((e) => put(e.key, e.version + 2)),
  ])
  const small = candidate('small', texts(3, 100))
  const first = packed([large, small], { bytesMax: 1_000 })
  assert.equal(counts(first), { large: 1, small: 3 })
  assert.equal(first.oversize, [])
  const second = packed([{ ...large, from: 1 }, small], { bytesMax: 1_000 })
  assert.equal(counts(second), { small: 3 })
  assert.equal(second.oversize, ['large'])
})

packing('an entry that only has no room beside others is not told as too large', () => {
  const candidates = [candidate('a', texts(2, 400)), candidate('b', texts(1, 400))]
  const { oversize, groups } = packed(candidates, { bytesMax: 1_100 })
  assert.is(groups.length, 1)
  assert.equal(oversize, [])
})

packing('a group that would end too early for its receiver is left out, and its room goes to others', () => {
  const stuck = candidate('stuck', texts(30, 100), { maxVersionMin: 30 })
  const other = candidate('other', texts(3, 100))
  for (const order of ['scuttle-depth', 'scuttle-breadth'] as const) {
    assert.is(counts(packed([stuck, other], { bytesMax: 1_500 }, order))['stuck'], undefined)
    assert.is(counts(packed([stuck, other], { bytesMax: 1_500 }, order))['other'], 3, order)
    assert.is(counts(packed([stuck, other], { deltasMax: 10 }, order))['other'], 3, order)
  }
  assert.equal(counts(packed([stuck, other], { bytesMax: 9_000 })), { stuck: 30, other: 3 })
})

packing.run()
