import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  covers,
  cutPage,
  type DigestHead,
  entriesOf,
  type IdRange,
  isName,
  itemsOf,
  type Page,
  type PeerEntry,
  writeDigest,
} from '../../../src/core/reconcile/index.ts'
import { checkProperty } from '../../harness/property.ts'

const paging = suite('digest-page')

const NUMBERS = { maxVersionSeen: 1, generation: 1, heartbeat: 1, gcVersion: 1 }

const OWN: DigestHead['own'] = {
  kind: 'peer',
  id: 'me',
  ...NUMBERS,
  transport: 'address',
  silentMs: undefined,
  isOld: false,
}

const HEAD = { own: OWN, clusterId: 'cluster', step: 1, answers: undefined, asker: undefined } as const

/** Fewest bytes with which the own entry and any one of these ids fit. */
const ROOM = 1_500

const name: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
    fc.constantFrom('__proto__', 'constructor', 'toString', 'a', 'aa', 'b', '\u{1F600}', '\uffff', '"'),
  )
  .filter(isName)

const names: fc.Arbitrary<string[]> = fc
  .uniqueArray(name, { maxLength: 40 })
  .map((ids) => ids.filter((id) => id !== OWN.id).sort())

function entryOf(id: string): PeerEntry {
  const big = Number.MAX_SAFE_INTEGER
  const numbers = { maxVersionSeen: big, generation: big, heartbeat: big, gcVersion: big }
  return { kind: 'peer', id, ...numbers, transport: undefined, silentMs: big, isOld: true }
}

function pageOf(ids: readonly string[], facts: { start: number; bytesMax: number; bytesBound: number }): Page {
  return cutPage({ head: HEAD, entries: entriesOf(ids.map(entryOf)), ...facts })
}

function textOf(page: Page): string {
  return JSON.stringify(writeDigest(page.digest))
}

/** One cycle of pages. */
function cycle(ids: readonly string[], bytesMax: number): Page[] {
  const pages: Page[] = []
  let start = 0
  do {
    const page = pageOf(ids, { start, bytesMax, bytesBound: Number.POSITIVE_INFINITY })
    pages.push(page)
    start = page.next
  } while (start !== 0)
  return pages
}

function idsOf(page: Page): string[] {
  return itemsOf(page.digest).map((item) => item.id)
}

function claimOf(page: Page): IdRange {
  const { claim } = page.digest
  assert.ok(claim)
  return claim as IdRange
}

paging('a cycle of pages lists every id exactly once', () => {
  checkProperty(
    fc.property(names, fc.integer({ min: ROOM, max: 4_000 }), (ids, bytesMax) => {
      assert.equal(cycle(ids, bytesMax).flatMap(idsOf), ids)
    }),
  )
})

paging('the claims of a cycle tile all ids, listed or not, without gap and overlap', () => {
  checkProperty(
    fc.property(names, name, fc.integer({ min: ROOM, max: 4_000 }), (ids, anyId, bytesMax) => {
      const pages = cycle(ids, bytesMax)
      for (const id of [...ids, anyId]) assert.is(pages.filter((page) => covers(claimOf(page), id)).length, 1, id)
    }),
  )
})

paging('a page claims all it lists', () => {
  checkProperty(
    fc.property(names, fc.integer({ min: ROOM, max: 4_000 }), (ids, bytesMax) => {
      for (const page of cycle(ids, bytesMax)) for (const id of idsOf(page)) assert.ok(covers(claimOf(page), id))
    }),
  )
})

paging('a page stays within its budget', () => {
  checkProperty(
    fc.property(names, fc.integer({ min: ROOM, max: 4_000 }), (ids, bytesMax) => {
      for (const page of cycle(ids, bytesMax)) {
        const bytes = Buffer.byteLength(textOf(page))
        assert.ok(bytes <= bytesMax, `${bytes} > ${bytesMax}`)
      }
    }),
  )
})

paging('a page ends only where the next entry would not have fitted', () => {
  const ids = Array.from({ length: 40 }, (_, index) => `peer-${index}`).sort()
  const pages = cycle(ids, 2_000)
  for (const page of pages.slice(0, -1)) {
    const more = pageOf([ids[page.next] as string], { start: 0, bytesMax: 1, bytesBound: 1 }).digest
    const following = JSON.stringify((writeDigest(more) as readonly object[]).slice(1))
    const bytes = Buffer.byteLength(textOf(page)) + Buffer.byteLength(following) - 1
    assert.ok(bytes > 2_000 - 20, `${bytes} bytes would have been used`)
  }
})

paging('the sender among the entries is neither listed twice nor counted', () => {
  const ids = Array.from({ length: 40 }, (_, index) => `a-${index}`)
  const all = [...ids, OWN.id, 'z'].sort()
  const without = cycle([...ids, 'z'].sort(), 2_000)
  const withOwn = cycle(all, 2_000)
  assert.equal(withOwn.map(idsOf), without.map(idsOf))
  assert.equal(
    withOwn.map((page) => textOf(page).length),
    without.map((page) => textOf(page).length),
  )
})

paging('at the smallest budget every page still has one entry', () => {
  const pages = cycle(['a', 'b', 'c'], 1)
  assert.equal(pages.map(idsOf), [['a'], ['b'], ['c']])
})

paging('a claim takes no more of a name than tells it from its neighbour', () => {
  const ids = Array.from({ length: 9 }, (_, i) => `node ${i} ${'of a very long name '.repeat(10)}`)
  const bounds = cycle(ids, 900).map((page) => claimOf(page).to)
  assert.equal(bounds.slice(0, 3), ['node 1', 'node 2', 'node 3'])
})

paging('without peers there is one page that claims everything', () => {
  const pages = cycle([], 1)
  assert.equal(pages.map(claimOf), [{ from: null, to: null }])
})

paging('what fits for certain is one page that claims everything', () => {
  const page = pageOf(['a', 'b'], { start: 1, bytesMax: 9_000, bytesBound: 9_000 })
  assert.equal(idsOf(page), ['a', 'b'])
  assert.equal(claimOf(page), { from: null, to: null })
  assert.is(page.next, 0)
})

paging('a start beyond the ids begins anew', () => {
  const page = pageOf(['a'], { start: 7, bytesMax: 1, bytesBound: 9_000 })
  assert.equal(idsOf(page), ['a'])
  assert.is(claimOf(page).from, null)
})

paging('a range is half-open, in code-unit order, and null is open', () => {
  assert.ok(covers({ from: 'b', to: 'd' }, 'b'))
  assert.not(covers({ from: 'b', to: 'd' }, 'd'))
  assert.ok(covers({ from: null, to: 'd' }, ''))
  assert.ok(covers({ from: 'b', to: null }, '\uffff'))
  // By code units the surrogates of an emoji stand below U+FFFF, by code points above.
  assert.ok(covers({ from: null, to: '\uffff' }, '\u{1F600}'))
})

paging.run()
