import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Entry, type Group, type Outcome, PeerMap } from '../../../src/core/state/index.ts'
import { gone, makeGroup, put } from '../../harness/make-group.ts'

const peerMap = suite('peer-map')

const NO_LIMIT = Number.MAX_SAFE_INTEGER

/** A copy of generation 1 that has taken in these entries, and vouches for `maxVersion`. */
function copyOf(entries: readonly Entry[], facts: Partial<Group> = {}): PeerMap {
  const map = new PeerMap('owner', 1)
  accept(map, makeGroup(entries, facts))
  return map
}

function accept(map: PeerMap, group: Group, now = 0): Outcome {
  return map.accept(group, now, NO_LIMIT)
}

function readable(map: PeerMap, now = 0): Record<string, unknown> {
  return Object.fromEntries([...map.readAll(now)].map((entry) => [entry.key, entry.value]))
}

function told(outcome: Outcome): Record<string, unknown> {
  return Object.fromEntries(
    Array.from(outcome.changes, (change) => [change.key, 'value' in change ? change.value : undefined]),
  )
}

function triple(map: PeerMap): readonly number[] {
  return [map.generation, map.gcVersion, map.maxVersionSeen]
}

peerMap('a group at or below what was collected is no reason to start over', () => {
  const map = copyOf([put('a', 5)], { gcVersion: 5 })
  assert.is(accept(map, makeGroup([put('b', 6)], { from: 5, gcVersion: 5 })).verdict, 'applied')
  assert.is(accept(map, makeGroup([put('c', 7)], { from: 6, gcVersion: 2 })).verdict, 'applied')
  assert.equal(triple(map), [1, 5, 7])
  assert.equal(readable(map), { a: 5, b: 6, c: 7 })
})

peerMap('a gcVersion that equals maxVersionSeen is adopted without starting over', () => {
  const map = copyOf([put('a', 4), gone('b', 5)])
  assert.is(accept(map, makeGroup([put('c', 6)], { from: 5, gcVersion: 5 })).verdict, 'applied')
  assert.equal(triple(map), [1, 5, 6])
  assert.equal(readable(map), { a: 4, c: 6 })
  assert.is(map.size, 2)
})

peerMap('a gcVersion one above maxVersionSeen starts the copy over', () => {
  const map = copyOf([put('a', 4), put('b', 5)])
  assert.is(accept(map, makeGroup([put('b', 5)], { gcVersion: 6, maxVersion: 6 })).verdict, 'applied')
  assert.equal(triple(map), [1, 6, 6])
  assert.equal(readable(map), { b: 5 })
})

peerMap('a gcVersion above maxVersionSeen without a snapshot from 0 is refused', () => {
  const map = copyOf([put('a', 4), put('b', 5)])
  assert.is(accept(map, makeGroup([put('c', 7)], { from: 5, gcVersion: 6 })).verdict, 'needs reset')
  assert.equal(triple(map), [1, 0, 5])
})

peerMap('a group that continues from above what is held is refused, for it would leave a hole', () => {
  const map = copyOf([put('a', 4)])
  assert.is(accept(map, makeGroup([put('b', 6)], { from: 5 })).verdict, 'hole')
  assert.equal(triple(map), [1, 0, 4])
})

peerMap('a group of an earlier life is refused', () => {
  const map = new PeerMap('owner', 2)
  assert.is(accept(map, makeGroup([put('a', 1)])).verdict, 'outdated')
  assert.equal(triple(map), [2, 0, 0])
})

peerMap('a group of a later life starts the copy over, even one that is then refused', () => {
  const map = copyOf([put('a', 4)])
  assert.is(accept(map, makeGroup([put('b', 6)], { generation: 2, from: 5 })).verdict, 'hole')
  assert.equal(triple(map), [2, 0, 0])
  assert.equal(readable(map), { a: 4 })
})

peerMap('half-way through a snapshot an older one that ends before it is refused', () => {
  const map = copyOf([put('a', 2)], { gcVersion: 9, top: 12 })
  assert.is(
    accept(map, makeGroup([put('ghost', 3)], { from: 2, gcVersion: 1, maxVersion: 8 })).verdict,
    'older snapshot',
  )
  assert.equal(triple(map), [1, 9, 2])
})

peerMap('half-way through a snapshot an older one that reaches its end is taken, and its tombstones delete', () => {
  const map = copyOf([put('a', 2)], { gcVersion: 9, top: 12 })
  const older = makeGroup([put('b', 7), gone('a', 8), put('c', 10), gone('d', 11)], { from: 2, gcVersion: 1 })
  assert.is(accept(map, older).verdict, 'applied')
  assert.equal(triple(map), [1, 9, 11])
  assert.equal([...map.entriesAfter(0)].map((entry) => entry.key).sort(), ['b', 'c', 'd'])
})

peerMap('a group applied twice changes nothing the second time', () => {
  const map = copyOf([put('a', 2), put('b', 3)])
  const group = makeGroup([put('b', 5), gone('a', 6)], { from: 3 })
  assert.equal(told(accept(map, group)), { b: 5, a: undefined })
  const before = [map.hash, map.bytes, map.size, ...triple(map)]
  assert.equal(accept(map, group).changes, [])
  assert.equal([map.hash, map.bytes, map.size, ...triple(map)], before)
})

peerMap('of an overlapping group only what is new is applied', () => {
  const map = copyOf([put('a', 2), put('b', 3)])
  assert.equal(told(accept(map, makeGroup([put('a', 2, 'other'), put('c', 4)]))), { c: 4 })
  assert.equal(readable(map), { a: 2, b: 3, c: 4 })
})

peerMap('maxVersionSeen rises to what the group vouches for, not to its last entry', () => {
  const map = copyOf([put('a', 2)], { maxVersion: 9 })
  assert.is(map.maxVersionSeen, 9)
})

peerMap('a deletion of a key that nobody could read is not told', () => {
  const map = copyOf([put('a', 2)])
  assert.equal(accept(map, makeGroup([gone('b', 3)], { from: 2 })).changes, [])
})

peerMap('a new life is not seen by readers until it is complete, and is then told as one difference', () => {
  const map = copyOf([put('same', 1, 'x'), put('other', 2, 'x'), put('lost', 3, 'x')])
  accept(map, makeGroup([], { maxVersion: 3 }))
  const first = makeGroup([put('same', 1, 'x')], { generation: 2, gcVersion: 3, top: 4 })
  assert.equal(accept(map, first).changes, [])
  assert.equal(readable(map), { same: 'x', other: 'x', lost: 'x' })
  assert.ok(map.isStale)
  assert.equal(
    accept(map, makeGroup([put('other', 2, 'y'), put('new', 3, 'y')], { generation: 2, from: 1, gcVersion: 3, top: 4 }))
      .changes,
    [],
  )
  const last = makeGroup([], { generation: 2, from: 3, gcVersion: 3, maxVersion: 4 })
  assert.equal(told(accept(map, last)), { lost: undefined, other: 'y', new: 'y' })
  assert.equal(readable(map), { same: 'x', other: 'y', new: 'y' })
  assert.not(map.isStale)
})

peerMap('every top received since the reset counts, the lower later ones too', () => {
  const map = new PeerMap('owner', 1)
  accept(map, makeGroup([put('a', 2)], { gcVersion: 1, top: 8 }))
  accept(map, makeGroup([put('b', 4)], { from: 2, gcVersion: 1, top: 4 }))
  assert.equal(readable(map), {})
  assert.is(map.top, 8)
  accept(map, makeGroup([put('c', 8)], { from: 4, gcVersion: 1 }))
  assert.equal(readable(map), { a: 2, b: 4, c: 8 })
})

peerMap('a copy is passed on once it has reached gcVersion, though readers wait for the top', () => {
  const map = copyOf([put('a', 2)], { gcVersion: 3, top: 8 })
  assert.not(map.isRelayable)
  accept(map, makeGroup([put('b', 3)], { from: 2, gcVersion: 3, top: 8 }))
  assert.ok(map.isRelayable)
  assert.ok(map.isStale)
})

peerMap('an empty copy is not passed on', () => {
  assert.not(new PeerMap('owner', 1).isRelayable)
})

peerMap('forgetting tombstones forgets all of them up to the version, however many', () => {
  const map = new PeerMap('owner', 1)
  const keys = Array.from({ length: 200 }, (_, index) => `k${index}`)
  accept(map, makeGroup(keys.map((key, index) => put(key, index + 1))))
  accept(
    map,
    makeGroup(
      keys.slice(5).map((key, index) => gone(key, 201 + index)),
      { from: 200 },
    ),
  )
  map.raiseGcVersion(map.maxVersionSeen - 1)
  const tombstones = [...map.entriesAfter(0)].filter((entry) => entry.isTombstone)
  assert.is(tombstones.length, 1)
  assert.is(map.size, 6)
})

peerMap('gcVersion may rise to maxVersionSeen and no further', () => {
  const map = copyOf([put('a', 2), gone('b', 3)])
  assert.throws(() => map.raiseGcVersion(4), /gcVersion rises/)
  map.raiseGcVersion(3)
  assert.throws(() => map.raiseGcVersion(3), /gcVersion rises/)
})

peerMap('a group that would make the map too large is refused, and one that makes it smaller is not', () => {
  const map = copyOf([put('a', 1, 'x'.repeat(80))])
  assert.is(map.accept(makeGroup([put('b', 2, 'x'.repeat(80))], { from: 1 }), 0, 150).verdict, 'too large')
  assert.equal(triple(map), [1, 0, 1])
  assert.is(map.accept(makeGroup([put('a', 2, 'x'.repeat(79))], { from: 1 }), 0, 100).verdict, 'applied')
})

peerMap('naming a key many times in one group wins no room', () => {
  const map = copyOf([put('a', 1, 'x'.repeat(500))])
  const repeated = [2, 3, 4, 5].map((version) => put('a', version, 'y'))
  const group = makeGroup([...repeated, put('b', 6, 'x'.repeat(900)), put('c', 7, 'x'.repeat(900))], { from: 1 })
  assert.is(map.accept(group, 0, 1_000).verdict, 'too large')
})

peerMap('a reset is measured without what it replaces', () => {
  const map = copyOf([put('a', 1, 'x'.repeat(80))])
  const snapshot = makeGroup([put('b', 8, 'x'.repeat(80))], { gcVersion: 8 })
  assert.is(map.accept(snapshot, 0, 150).verdict, 'applied')
  assert.equal(Object.keys(readable(map)), ['b'])
})

peerMap('bytes and size follow every change', () => {
  const map = copyOf([put('a', 1, 'long'), put('b', 2)])
  accept(map, makeGroup([put('a', 3, 's'), gone('b', 4)], { from: 2 }))
  assert.is(map.bytes, put('a', 3, 's').bytes + gone('b', 4).bytes)
  assert.is(map.size, 2)
  map.raiseGcVersion(4)
  assert.is(map.bytes, put('a', 3, 's').bytes)
})

peerMap('a new life of the owner has a first group even when it is empty', () => {
  const map = new PeerMap('owner', 1)
  map.beginLife(7, [])
  assert.equal(triple(map), [7, 1, 1])
  assert.ok(map.isRelayable)
  assert.not(map.isStale)
})

peerMap('keys and values named like parts of every object are ordinary', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
  const value: unknown = JSON.parse('{"__proto__":{"a":1},"constructor":2}')
  const map = copyOf(names.map((name, index) => put(name, index + 1, value as never)))
  for (const name of names) assert.is(JSON.stringify(map.read(name, 0)?.value), JSON.stringify(value))
  assert.is(map.read('valueOf', 0), undefined)
})

peerMap.run()
