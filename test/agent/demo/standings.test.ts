import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type NodeFacts, type Standing, standings, standingsMeasure } from '../../../src/agent/demo/index.ts'
import type { Explanation } from '../../../src/core/index.ts'

const suiteOfStandings = suite('standings')

type Known = Partial<Explanation> & { readonly id: string }

function known(id: string, facts: Partial<Explanation> = {}): Known {
  return { generation: 1, gcVersion: 1, maxVersionSeen: 11, hash: 'h', isStale: false, ...facts, id }
}

/** `a` owns ten writes; what `b` knows of it is the argument. */
function between(copy: Known | undefined): readonly Standing[] {
  const facts = (copies: readonly Known[]): NodeFacts => ({
    rounds: 0,
    traffic: { messages: 0, bytes: 0 },
    errors: {},
    copies: copies as readonly Explanation[],
  })
  const empty = known('b', { maxVersionSeen: 1, hash: 'e' })
  return standings(
    new Map([
      ['a', facts([known('a'), empty])],
      ['b', facts(copy === undefined ? [empty] : [empty, copy])],
    ]),
  )
}

suiteOfStandings('copies that stand where their owners stand are complete', () => {
  const all = between(known('a'))
  assert.equal(
    all.map(({ isComplete }) => isComplete),
    [true, true],
  )
  assert.equal(standingsMeasure(all), {
    isDone: true,
    moved: 12,
    text: '10 of 10 writes have arrived, 2 of 2 copies are complete',
  })
})

suiteOfStandings('an unknown owner, a version below, another hash, another life or a stale view is incomplete', () => {
  const arrived = [
    undefined,
    known('a', { maxVersionSeen: 5 }),
    known('a', { hash: 'x' }),
    known('a', { generation: 0 }),
    known('a', { isStale: true }),
  ].map((copy) => {
    const { isDone, text } = standingsMeasure(between(copy))
    assert.not(isDone)
    return text.split(' ')[0]
  })
  assert.equal(arrived, ['0', '4', '10', '0', '10'])
})

suiteOfStandings.run()
