/** What a node does that does not accept old peers, and how it gets on with nodes that do. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Gossipmonger, InvalidOptionError, RefusedMessageError } from '../../../src/core/index.ts'
import { MixedCluster } from './mixed-cluster.ts'
import { addressOf, OldWorld } from './old-world.ts'

const refusal = suite('refusal')

refusal('old messages are refused with a coded error, and never answered', () => {
  const world = new OldWorld({ isAccepted: false })
  world.hearDigest('old', 3, { me: 0 })
  world.hearDeltas('old', [['a', 1, 1]])
  assert.equal(world.errors, ['GOSSIP_OLD_PEER_REFUSED', 'GOSSIP_OLD_PEER_REFUSED'])
  assert.is(world.engine.stats.messagesRefused, 2)
  assert.equal(world.sent, [])
  assert.equal(world.engine.peers(), [])
})

refusal('the error names the option and the peer', () => {
  const cluster = new MixedCluster(1, { acceptOldPeers: false })
  const { errors } = cluster.addNew('new', [])
  cluster.addOld('old', ['new'])
  cluster.run(5_000)
  const [error] = errors
  assert.instance(error, RefusedMessageError)
  assert.match((error as Error).message, 'acceptOldPeers')
  assert.is(((error as RefusedMessageError).peer as { id: string }).id, 'old')
  assert.is(cluster.old('old').storage.get('new'), undefined)
})

refusal('an old peer that others told of is never written to', () => {
  const world = new OldWorld({ isAccepted: false })
  const entry = { id: 'old', maxVersionSeen: 0, gcVersion: 0, generation: 6, heartbeat: 40, old: true as const }
  world.hearNew('friend', [{ ...entry, transport: addressOf('old') }])
  world.pass(10_000)
  const { sent } = world
  assert.ok(sent.some((message) => message.to.id === 'friend'))
  assert.not(sent.some((message) => message.to.id === 'old'))
})

refusal('a node that accepts and one that refuses meet all the same, whoever knows the other', () => {
  for (const [seedsOfOne, seedsOfTwo] of [
    [['two'], []],
    [[], ['one']],
  ] as const) {
    const cluster = new MixedCluster(1)
    cluster.addNew('one', seedsOfOne)
    cluster.addNew('two', seedsOfTwo, { acceptOldPeers: false })
    cluster.addOld('old', ['one'], { k: 1 })
    const tookMs = cluster.runUntil(() => cluster.new('two').get('old', 'k') === 1, 30_000)
    assert.ok(tookMs < 30_000, 'and one tells the other what the old peer says')
    for (const error of cluster.news.get('two')?.errors ?? []) {
      assert.is((error as { code?: string }).code, 'GOSSIP_OLD_PEER_REFUSED', 'the old peer may have heard of it')
    }
  }
})

refusal('seeds of a node that refuses are told in the dialect of the engine, as if there were no other', () => {
  const world = new OldWorld({ isAccepted: false, seeds: [addressOf('seed')] })
  world.pass(1_000)
  for (const { payload } of world.sent) assert.is((payload as readonly Record<string, unknown>[])[0]?.['step'], 1)
})

refusal('a node whose name old peers cannot bear may not accept them', () => {
  const transport = { digest() {}, deltas() {}, on() {}, off() {} }
  for (const id of ['constructor', '__proto__', 'toString']) {
    assert.throws(
      () => new Gossipmonger({ id }, { transport, acceptOldPeers: true }),
      (error: unknown) => error instanceof InvalidOptionError && error.option === 'acceptOldPeers',
    )
    assert.not.throws(() => new Gossipmonger({ id }, { transport }))
  }
})

refusal.run()
