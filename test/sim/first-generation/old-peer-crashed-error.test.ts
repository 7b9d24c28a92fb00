/** What ends a process of the first generation, shown on the real package each time, and what is left of it then. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue } from '../../../src/core/index.ts'
import { FirstGenerationPeer, OldPeerCrashedError } from '../../../src/sim/first-generation/index.ts'
import { Pair, type Step } from './pair.ts'

const crashes = suite('old-peer-crashed-error')

const ADA = { id: 'ada', transport: 'there' }

function digestOf(payload: JsonValue): Step & { do: 'digest' } {
  return { do: 'digest', from: ADA, payload }
}

function deltasOf(payload: JsonValue): Step {
  return { do: 'deltas', from: ADA, payload }
}

const FATAL: readonly [name: string, step: Step][] = [
  ['a digest that is no list', digestOf({})],
  ['an item null', digestOf([null])],
  ['an item that is a text', digestOf(['ada'])],
  ['a sender with a name that every object has', { ...digestOf([]), from: { id: 'constructor', transport: 1 } }],
  [
    'an answer to a sender without an address',
    { ...digestOf([{ id: 'me', maxVersionSeen: 0 }]), from: { id: 'b', transport: null } },
  ],
  ['deltas that are no list', deltasOf('x')],
  ['a delta in the form of our groups', deltasOf([{ id: 'ada', entries: [] }])],
  ['a delta of a peer with a name that every object has', deltasOf([['toString', 'k', 1, 1]])],
]

function pair(): Pair {
  const made = new Pair({ id: 'me', transport: 'here', seeds: [] }, 1, 1_700_000_000_000)
  made.start()
  made.run({ do: 'set', key: 'k', value: 1 })
  return made
}

for (const [name, step] of FATAL) {
  crashes(`${name} ends it`, () => {
    const both = pair()
    both.run(step)
    assert.ok(both.isDead)
  })
}

const HARMLESS: readonly [name: string, step: Step][] = [
  ['an item with a name that every object has', digestOf([{ id: 'constructor', maxVersionSeen: 1, transport: 1 }])],
  [
    'a group of ours where an item should be',
    digestOf([{ id: 'bob', from: 0, maxVersion: 1, transport: 1, entries: [] }]),
  ],
  ['a delta of an unknown peer', deltasOf([['bob', 'k', 1, 1]])],
  ['an empty delta', deltasOf([[]])],
]

for (const [name, step] of HARMLESS) {
  crashes(`${name} does not end it`, () => {
    const both = pair()
    both.run(step)
    assert.not.ok(both.isDead)
  })
}

crashes('an item without an address ends it in the round that chooses that peer, not before', () => {
  const both = pair()
  both.run(digestOf([{ id: 'cyd', maxVersionSeen: 3 }]))
  assert.not.ok(both.isDead)
  for (let round = 0; round < 100; round++) both.run({ do: 'wait', ms: 1_000 })
  assert.ok(both.isDead)
})

crashes('keys that are a list end it when their length is written', () => {
  const both = pair()
  both.run(digestOf([{ id: 'cyd', maxVersionSeen: 0, transport: 1, data: [] }]))
  assert.not.ok(both.isDead)
  both.run(deltasOf([['cyd', 'length', 1, 1]]))
  assert.ok(both.isDead)
})

crashes('names the peer and what it did, and keeps the cause', () => {
  const peer = new FirstGenerationPeer({ id: 'me', transport: 1, seeds: [], random: () => 0 })
  try {
    peer.receiveDigest(ADA, [null], 1)
    assert.unreachable()
  } catch (error) {
    assert.instance(error, OldPeerCrashedError)
    const { code, peerId, during, cause } = error as OldPeerCrashedError
    assert.equal([code, peerId, during], ['GOSSIP_SIM_OLD_PEER_CRASHED', 'me', 'digest'])
    assert.instance(cause, TypeError)
  }
})

crashes('nothing of the last turn is sent, what went before is, and then it is silent', () => {
  const peer = new FirstGenerationPeer({ id: 'me', transport: 1, seeds: [], random: () => 0 })
  peer.set('k', 1)
  peer.start(1)
  peer.receiveDigest(
    ADA,
    [
      { id: 'me', maxVersionSeen: 0 },
      { id: 'cyd', live: false },
    ],
    1,
  )
  // Chosen in this round: first `ada`, who is live, then `cyd`, who is dead and has no address.
  assert.throws(
    () => peer.tick(1),
    (error: unknown) => error instanceof OldPeerCrashedError && error.during === 'round',
  )
  assert.equal(
    peer.takeMessages().map(({ kind }) => kind),
    ['deltas'],
  )
  assert.is(peer.deadline, Number.POSITIVE_INFINITY)
  peer.start(2)
  peer.receiveDigest(ADA, [{ id: 'me', maxVersionSeen: 0 }], 2)
  peer.tick(2)
  assert.equal(peer.takeMessages(), [])
})

crashes('an error of whoever runs the model is passed on as it is', () => {
  const random = (): number => {
    throw new Error('no chance')
  }
  const peer = new FirstGenerationPeer({ id: 'me', transport: 1, seeds: [], random })
  peer.start(1)
  assert.throws(() => peer.tick(1), /^no chance$/)
})

crashes.run()
