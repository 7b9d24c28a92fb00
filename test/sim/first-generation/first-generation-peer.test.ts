/** The model against the real package, input by input. */

import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { FirstGenerationPeer } from '../../../src/sim/first-generation/index.ts'
import { checkProperty } from '../../harness/property.ts'
import { addressOf, hostileStep, IDS, wellFormedStep } from './arbitraries.ts'
import { Pair } from './pair.ts'

const differential = suite('first-generation-peer')

const ADA = { id: 'ada', transport: addressOf('ada', 1) }

/** Both clocks: one as real machines have it, and one that begins where a contact counts as none. */
const startMs = fc.constantFrom<number>(1_700_000_000_000, 0)
const seeds = fc.constantFrom<readonly string[]>([], ['ada'], ['ada', 'me'], ['7', 'bob', 'nobody'])
const setup = fc.record({ seeds, seed: fc.nat(), startMs, deltasMax: fc.constantFrom(undefined, 1, 3) })

type Setup = typeof setup extends fc.Arbitrary<infer T> ? T : never

function pairOf({ seeds: ids, seed, startMs: at, deltasMax }: Setup): Pair {
  const refs = ids.map((id, i) => (i === 2 ? { transport: addressOf(id, 1) } : { id, transport: addressOf(id, 1) }))
  const options = deltasMax === undefined ? {} : { deltasMax, gossipIntervalMs: 700 }
  return new Pair({ id: 'me', transport: addressOf('me', 1), seeds: refs, ...options }, seed, at)
}

differential('no input of a well-behaved cluster tells the model from the package', () => {
  const steps = fc.array(wellFormedStep, { minLength: 1, maxLength: 60, size: 'max' })
  checkProperty(
    fc.property(setup, steps, (given, list) => {
      const pair = pairOf(given)
      pair.start()
      for (const step of list) pair.run(step)
      assert.not.ok(pair.isDead)
    }),
    { numRuns: 150 },
  )
})

differential('what ends the package ends the model, in the same turn, and nothing else does', () => {
  const steps = fc.array(hostileStep, { minLength: 1, maxLength: 25, size: 'max' })
  checkProperty(
    fc.property(setup, steps, (given, list) => {
      const pair = pairOf(given)
      pair.start()
      for (const step of list) pair.run(step)
    }),
    { numRuns: 200 },
  )
})

differential('an hour of regular, then failing neighbours leaves no difference in a single verdict', () => {
  const pair = pairOf({ seeds: ['ada'], seed: 7, startMs: 1_700_000_000_000, deltasMax: undefined })
  const verdicts = new Set<string>()
  pair.start()
  for (let turn = 0; turn < 240; turn++) {
    for (const [i, id] of IDS.slice(1).entries()) {
      // Each keeps silent for a third of all turns, each speaks at its own pace.
      if ((turn + 13 * i) % 60 < 20) continue
      const from = { id, transport: addressOf(id, 1) }
      for (let k = 0; k < 1 + i; k++) {
        pair.run({ do: 'digest', from, payload: [{ id, maxVersionSeen: 0, transport: addressOf(id, 1) }] })
        pair.run({ do: 'wait', ms: 911 + 377 * i })
      }
    }
    pair.run({ do: 'wait', ms: 4_000 })
    for (const { id, isLive } of pair.model.peers()) verdicts.add(`${id} ${isLive}`)
  }
  for (const id of IDS.slice(1)) for (const isLive of [true, false]) assert.ok(verdicts.has(`${id} ${isLive}`), id)
})

differential('a dead peer lives again at any suspicion below the threshold', () => {
  const pair = pairOf({ seeds: [], seed: 1, startMs: 1, deltasMax: undefined })
  pair.start()
  const speak = (): void => pair.run({ do: 'digest', from: ADA, payload: [] })
  for (let i = 0; i < 150; i++) {
    speak()
    pair.run({ do: 'wait', ms: 40 })
  }
  pair.run({ do: 'wait', ms: 3_000 })
  assert.equal(pair.model.peers(), [{ id: 'ada', isLive: false, maxVersionSeen: 0 }])
  speak()
  pair.run({ do: 'wait', ms: pair.real.deadline - pair.nowMs })
  assert.equal(pair.model.peers(), [{ id: 'ada', isLive: true, maxVersionSeen: 0 }])
})

differential('messages share nothing with what it holds or was given', () => {
  const peer = new FirstGenerationPeer({ id: 'me', transport: { host: 'me' }, seeds: [], random: () => 0 })
  const value = { list: [1] }
  peer.set('k', value)
  const digest = [
    { id: 'me', maxVersionSeen: 0 },
    { id: 'bob', maxVersionSeen: 4, transport: 1 },
  ]
  peer.receiveDigest(ADA, digest, 1)
  assert.equal(digest[1], { id: 'bob', maxVersionSeen: 4, transport: 1 })
  const [first] = peer.takeMessages()
  assert.equal(first, { kind: 'deltas', to: ADA, payload: [['me', 'k', { list: [1] }, 1]] })
  const sent = first?.payload as unknown as [[string, string, { list: number[] }]]
  sent[0][2].list.push(2)
  assert.equal(peer.entries('me').get('k'), { value: { list: [1] }, version: 1 })
  assert.equal(peer.takeMessages(), [])
})

differential('there is nothing to do before the start, and a round at once after it', () => {
  const peer = new FirstGenerationPeer({ id: 'me', transport: 1, seeds: [ADA], random: () => 0 })
  assert.is(peer.deadline, Number.POSITIVE_INFINITY)
  peer.start(500)
  assert.is(peer.deadline, 500)
  peer.tick(499)
  assert.equal(peer.takeMessages(), [])
  peer.tick(501)
  assert.equal(peer.takeMessages(), [
    { kind: 'digest', to: ADA, payload: [{ id: 'me', maxVersionSeen: 0, transport: 1 }] },
  ])
  assert.is(peer.deadline, 1_501)
})

differential('an interval or a number of deltas out of range is refused', () => {
  const made = (options: object) => () =>
    new FirstGenerationPeer({ id: 'me', transport: 1, seeds: [], random: () => 0, ...options })
  for (const options of [
    { gossipIntervalMs: 0 },
    { gossipIntervalMs: 2 ** 31 },
    { deltasMax: 0 },
    { deltasMax: 1.5 },
  ]) {
    assert.throws(made(options), (error: { code?: string }) => error.code === 'GOSSIP_OPTION_INVALID')
  }
})

differential.run()
