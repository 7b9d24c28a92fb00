import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isAhead, lackOf, type Standing } from '../../../src/core/reconcile/index.ts'
import { PeerMap } from '../../../src/core/state/index.ts'
import { makeGroup, put } from '../../harness/make-group.ts'

const lack = suite('lack')

/** My copy: generation 2 at (gcVersion, maxVersionSeen). */
function mine(gcVersion: number, maxVersionSeen: number): PeerMap {
  const map = new PeerMap('owner', 2)
  const entries = [put('a', 1), put('b', maxVersionSeen)]
  map.accept(makeGroup(entries, { generation: 2, gcVersion }), 0, Number.MAX_SAFE_INTEGER)
  return map
}

function at(gcVersion: number, maxVersionSeen: number, generation = 2): Standing {
  return { generation, gcVersion, maxVersionSeen }
}

lack('who does not know the peer gets everything', () => {
  assert.equal(lackOf(mine(4, 9), undefined), { from: 0, maxVersionMin: 0 })
})

lack('who has an earlier life gets everything, who has a later one nothing', () => {
  assert.equal(lackOf(mine(4, 9), at(8, 20, 1)), { from: 0, maxVersionMin: 0 })
  assert.is(lackOf(mine(4, 9), at(1, 1, 3)), undefined)
})

lack('who is behind gets what follows his maxVersionSeen', () => {
  assert.equal(lackOf(mine(4, 9), at(4, 6)), { from: 6, maxVersionMin: 0 })
})

lack('who is level gets nothing', () => {
  assert.is(lackOf(mine(4, 9), at(4, 9)), undefined)
  assert.is(lackOf(mine(4, 9), at(5, 12)), undefined)
})

lack('who ends exactly at what I collected need not start over', () => {
  assert.equal(lackOf(mine(4, 9), at(1, 4)), { from: 4, maxVersionMin: 0 })
})

lack('who ends one below what I collected must start over', () => {
  assert.equal(lackOf(mine(4, 9), at(1, 3)), { from: 0, maxVersionMin: 0 })
})

lack('who has all but has not collected is told so from where I end', () => {
  assert.equal(lackOf(mine(4, 9), at(1, 9)), { from: 9, maxVersionMin: 0 })
  assert.equal(lackOf(mine(4, 9), at(1, 12)), { from: 9, maxVersionMin: 0 })
})

lack('who is half-way through a newer snapshot gets a group only if it reaches the end of his', () => {
  assert.is(lackOf(mine(4, 9), at(10, 5)), undefined)
  assert.equal(lackOf(mine(4, 10), at(10, 5)), { from: 5, maxVersionMin: 10 })
})

lack('who is half-way through the same snapshot gets its rest', () => {
  assert.equal(lackOf(mine(7, 9), at(7, 5)), { from: 5, maxVersionMin: 0 })
})

lack('a copy that is half-way through a snapshot is passed on to nobody', () => {
  const half = new PeerMap('owner', 2)
  half.accept(makeGroup([put('a', 3)], { generation: 2, gcVersion: 5 }), 0, Number.MAX_SAFE_INTEGER)
  assert.is(lackOf(half, undefined), undefined)
  assert.is(lackOf(half, at(0, 0, 1)), undefined)
})

lack('somebody is ahead with a later life, a higher version or a higher gcVersion', () => {
  assert.ok(isAhead(at(1, 1, 3), mine(4, 9)))
  assert.ok(isAhead(at(4, 10), mine(4, 9)))
  assert.ok(isAhead(at(5, 9), mine(4, 9)))
  assert.not(isAhead(at(4, 9), mine(4, 9)))
  assert.not(isAhead(at(8, 20, 1), mine(4, 9)))
})

lack('somebody who cannot pass his copy on is not ahead', () => {
  assert.not(isAhead(at(0, 0, 3), mine(4, 9)))
  assert.not(isAhead(at(12, 11), mine(4, 9)))
})

lack.run()
