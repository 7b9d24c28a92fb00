import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Candidate, inOrder, type Order } from '../../../src/core/flow/index.ts'
import { PeerMap } from '../../../src/core/state/index.ts'
import { makeGroup, put } from '../../harness/make-group.ts'
import { seededRandom } from '../../harness/seeded-random.ts'

const order = suite('order')

/** A peer with this many entries, of which somebody lacks those above `from`. */
function candidate(id: string, entries: number, from = 0): Candidate {
  const map = new PeerMap(id, 1)
  const group = makeGroup(
    Array.from({ length: entries }, (_, index) => put(`k${index}`, index + 1)),
    { id },
  )
  map.accept(group, 0, Number.MAX_SAFE_INTEGER)
  return { map, transport: id, from, maxVersionMin: 0 }
}

function ids(candidates: readonly Candidate[], by: Order, random = seededRandom(1)): string[] {
  return inOrder(candidates, by, random).map(({ map }) => map.id)
}

order('S2.25 depth serves the peer with most to say first, counted above what is held', () => {
  assert.equal(ids([candidate('few', 2), candidate('most', 9), candidate('held', 20, 19)], 'scuttle-depth'), [
    'most',
    'few',
    'held',
  ])
})

order('breadth and equal depths leave the order to chance, so that nobody is last for ever', () => {
  const candidates = ['a', 'b', 'c'].map((id) => candidate(id, 2))
  for (const by of ['scuttle-breadth', 'scuttle-depth'] as const) {
    const random = seededRandom(1)
    const firsts = new Set(Array.from({ length: 50 }, () => ids(candidates, by, random)[0]))
    assert.is(firsts.size, 3, by)
  }
})

order("an embedder's function ranks, and is told who lacks how much", () => {
  const asked: [string, number][] = []
  const priority = (id: string, lacking: number): number => {
    asked.push([id, lacking])
    return id === 'b' ? 1 : 0
  }
  assert.is(ids([candidate('a', 5, 2), candidate('b', 1)], priority)[0], 'b')
  assert.equal(asked, [
    ['a', 3],
    ['b', 1],
  ])
})

order('a function that gives no number still leaves everybody in', () => {
  const candidates = ['a', 'b', 'c'].map((id) => candidate(id, 2))
  for (const bad of [Number.NaN, undefined, Number.POSITIVE_INFINITY, 'x']) {
    assert.equal(ids(candidates, () => bad as number).sort(), ['a', 'b', 'c'])
  }
})

order.run()
