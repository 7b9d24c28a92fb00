import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Candidates, chooseTargets, type TargetOptions } from '../../../src/core/membership/index.ts'
import type { PeerRef } from '../../../src/core/ports.ts'
import { seededRandom } from '../../harness/seeded-random.ts'

const targets = suite('targets')

const ROUNDS = 20_000

function peers(prefix: string, count: number): PeerRef[] {
  return Array.from({ length: count }, (_, index) => ({ id: `${prefix}${index}`, transport: `${prefix}${index}` }))
}

function candidates(facts: Partial<Candidates>): Candidates {
  const hopeful = facts.hopeful ?? []
  return { hopeful, dead: [], seeds: [], liveCount: hopeful.length, ...facts }
}

/** How often each address is contacted per round. */
function rates(from: Candidates, options: Partial<TargetOptions> = {}): Record<string, number> {
  const random = seededRandom(7)
  const counts: Record<string, number> = {}
  for (let round = 0; round < ROUNDS; round++) {
    const chosen = chooseTargets(from, { fanout: 3, minimumLivePeers: 1, ...options }, random)
    assert.is(new Set(chosen.map((peer) => JSON.stringify(peer.transport))).size, chosen.length, 'nobody twice')
    for (const peer of chosen) counts[peer.transport as string] = (counts[peer.transport as string] ?? 0) + 1 / ROUNDS
  }
  return counts
}

function isNear(actual: number | undefined, expected: number): void {
  assert.ok(Math.abs((actual ?? 0) - expected) < 0.015, `${actual} is not ${expected}`)
}

targets('S3.11 every hopeful peer is chosen equally often', () => {
  const measured = rates(candidates({ hopeful: peers('p', 10) }))
  for (const peer of peers('p', 10)) isNear(measured[peer.transport as string], 0.3)
})

targets('no more are chosen than there are', () => {
  assert.is(
    chooseTargets(candidates({ hopeful: peers('p', 2) }), { fanout: 3, minimumLivePeers: 1 }, seededRandom(1)).length,
    2,
  )
})

targets('S2.22 one dead peer is tried with chance dead / (live + 1)', () => {
  const measured = rates(candidates({ hopeful: peers('p', 9), dead: peers('d', 4) }))
  for (const peer of peers('d', 4)) isNear(measured[peer.transport as string], 0.1)
})

targets('when nobody is live a dead one is tried every round', () => {
  const measured = rates(candidates({ dead: peers('d', 2) }))
  isNear((measured['d0'] ?? 0) + (measured['d1'] ?? 0), 1)
})

targets('S3.11 with fewer live peers than seeds a seed is contacted every round', () => {
  const measured = rates(candidates({ hopeful: peers('p', 2), seeds: peers('s', 3) }))
  isNear((measured['s0'] ?? 0) + (measured['s1'] ?? 0) + (measured['s2'] ?? 0), 1)
})

targets('S2.22 S3.3 below the minimum of live peers a seed is contacted every round', () => {
  isNear(rates(candidates({ hopeful: peers('p', 4), seeds: peers('s', 1) }), { minimumLivePeers: 5 })['s0'], 1)
})

targets('otherwise a seed is contacted with chance seeds / (live + 1)', () => {
  const measured = rates(candidates({ hopeful: peers('p', 9), seeds: peers('s', 2) }))
  isNear(measured['s0'], 0.1)
  isNear(measured['s1'], 0.1)
})

targets('a seed that was not chosen is tried now and then, even when another one was', () => {
  const seeds = [...peers('p', 2), ...peers('s', 1)]
  const measured = rates(candidates({ hopeful: peers('p', 5), seeds }), { fanout: 5 })
  isNear(measured['s0'], 3 / 6)
})

targets('S3.3 a seed without an id is known again by its address', () => {
  const seeds = [{ transport: { host: 'a', port: 1 } }]
  const hopeful = [{ id: 'x', transport: { host: 'a', port: 1 } }]
  const chosen = chooseTargets(
    candidates({ hopeful, seeds, liveCount: 0 }),
    { fanout: 1, minimumLivePeers: 1 },
    seededRandom(1),
  )
  assert.is(chosen.length, 1)
})

targets('with nobody there nobody is chosen', () => {
  assert.equal(chooseTargets(candidates({}), { fanout: 3, minimumLivePeers: 1 }, seededRandom(1)), [])
})

targets.run()
