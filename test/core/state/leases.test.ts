import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Leases, PeerMap } from '../../../src/core/state/index.ts'
import { gone, makeGroup, put } from '../../harness/make-group.ts'
import { checkProperty } from '../../harness/property.ts'

const leases = suite('leases')

/** A complete map that shows its entries, and a heap that watches them. */
function watched(expiries: readonly number[]): { map: PeerMap; tested: Leases } {
  const map = new PeerMap('owner', 1)
  const tested = new Leases()
  const entries = expiries.map((expiresAt, index) => put(`k${index}`, index + 1, index, expiresAt))
  map.accept(makeGroup(entries), 0, Number.MAX_SAFE_INTEGER)
  for (const entry of entries) tested.add(map, entry)
  return { map, tested }
}

function lapsedKeys(tested: Leases, now: number): string[] {
  const keys: string[] = []
  for (let lease = tested.pollLapsed(now); lease !== undefined; lease = tested.pollLapsed(now))
    keys.push(lease.entry.key)
  return keys
}

leases('without leases there is nothing to wait for', () => {
  const tested = new Leases()
  assert.is(tested.nextAt, Number.POSITIVE_INFINITY)
  assert.is(tested.pollLapsed(1e9), undefined)
})

leases('an entry without a lease is not watched', () => {
  const tested = new Leases()
  tested.add(new PeerMap('owner', 1), put('a', 1))
  assert.is(tested.nextAt, Number.POSITIVE_INFINITY)
})

leases('leases lapse in the order of their times, at their time and not before', () => {
  checkProperty(
    fc.property(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 200 }), (expiries) => {
      const { tested } = watched(expiries)
      const sorted = [...expiries].sort((a, b) => a - b)
      const seen: number[] = []
      for (let now = 0; now <= 500; now += 7) {
        for (let lease = tested.pollLapsed(now); lease !== undefined; lease = tested.pollLapsed(now)) {
          assert.ok(lease.expiresAt <= now)
          seen.push(lease.expiresAt)
        }
        assert.ok(tested.nextAt > now)
      }
      lapsedKeys(tested, 507)
      assert.equal(seen, sorted.slice(0, seen.length))
      assert.is(tested.nextAt, Number.POSITIVE_INFINITY)
    }),
    { numRuns: 100 },
  )
})

leases('an overwritten or deleted entry does not lapse', () => {
  const { map, tested } = watched([100, 100, 100])
  map.accept(makeGroup([put('k0', 4), gone('k1', 5)], { from: 3 }), 0, Number.MAX_SAFE_INTEGER)
  assert.equal(lapsedKeys(tested, 100), ['k2'])
})

leases('a renewed entry lapses once, at its new time', () => {
  const { map, tested } = watched([100])
  const renewed = put('k0', 2, 0, 300)
  map.accept(makeGroup([renewed], { from: 1 }), 0, Number.MAX_SAFE_INTEGER)
  tested.add(map, renewed)
  assert.equal(lapsedKeys(tested, 299), [])
  assert.equal(lapsedKeys(tested, 300), ['k0'])
})

leases('a key renewed a hundred thousand times costs a bounded heap', () => {
  const map = new PeerMap('owner', 1)
  const tested = new Leases()
  for (let version = 1; version <= 100_000; version++) {
    const entry = put('k', version, 0, 1_000_000 + version)
    map.accept(makeGroup([entry], { from: version - 1 }), 0, Number.MAX_SAFE_INTEGER)
    tested.add(map, entry)
  }
  assert.ok(tested.size <= 200, `${tested.size} leases`)
})

leases('leases of maps that were let go of do not pile up, however long they would have lasted', () => {
  const tested = new Leases()
  for (let i = 0; i < 2_000; i++) {
    const map = new PeerMap('owner', 1)
    const entry = put('k', 1, 0, 1e12)
    map.accept(makeGroup([entry]), 0, Number.MAX_SAFE_INTEGER)
    tested.add(map, entry)
    map.release()
  }
  assert.ok(tested.size <= 200, `${tested.size} leases`)
})

leases('entries of a map that readers do not see yet are kept when the heap is rebuilt', () => {
  const { map, tested } = watched([1_000])
  map.accept(makeGroup([put('new', 1, 0, 500)], { generation: 2, gcVersion: 9, top: 9 }), 0, Number.MAX_SAFE_INTEGER)
  tested.add(map, [...map.entriesAfter(0)][0] as ReturnType<typeof put>)
  const other = watched(Array.from({ length: 300 }, () => 2_000))
  for (const entry of other.map.entriesAfter(0)) tested.add(other.map, entry)
  map.accept(makeGroup([], { generation: 2, from: 1, gcVersion: 9, maxVersion: 9 }), 0, Number.MAX_SAFE_INTEGER)
  assert.equal(lapsedKeys(tested, 500), ['new'])
})

leases.run()
