/** Rule (d): how the life of an old peer is kept for it, and how it is made to show life. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { addressOf, OldWorld } from './old-world.ts'

const heartbeats = suite('heartbeats')

heartbeats('a first digest makes an old peer known, a second in a later round makes it live', () => {
  const world = new OldWorld()
  world.hearDigest('old', 0)
  world.hearDigest('old', 0)
  assert.is(world.engine.peer('old')?.status, 'unproven')
  world.pass(1_000)
  world.hearDigest('old', 0)
  assert.is(world.engine.peer('old')?.status, 'live')
  assert.ok(world.engine.peer('old')?.isOld)
})

heartbeats('an old peer has one rise in a round of this node, however often it is heard', () => {
  const world = new OldWorld()
  world.meet('old')
  for (let round = 0; round < 5; round++) {
    const before = world.engine.peer('old')?.heartbeat as number
    for (let i = 0; i < 7; i++) world.hearDigest('old', 0)
    world.hearDeltas('old', [['a', 1, 1]])
    assert.is(world.engine.peer('old')?.heartbeat, before + 1)
    world.pass(1_000)
  }
})

heartbeats('flat deltas show life as a digest does', () => {
  const world = new OldWorld()
  world.meet('old')
  for (let round = 0; round < 60; round++) {
    world.hearDeltas('old', [['a', 1, 1]])
    world.pass(1_000)
  }
  assert.is(world.engine.peer('old')?.status, 'live')
})

heartbeats('an old peer that is silent is called dead, and revived by one word', () => {
  const world = new OldWorld()
  world.meet('old')
  world.pass(60_000)
  assert.is(world.engine.peer('old')?.status, 'dead')
  world.hearDigest('old', 0)
  assert.is(world.engine.peer('old')?.status, 'live')
})

heartbeats('what other old peers list is no life: it makes nobody known and revives nobody', () => {
  const world = new OldWorld()
  world.meet('other')
  for (let round = 0; round < 60; round++) {
    world.hearDigest('old', 0, { other: 0, ghost: 0 })
    world.pass(1_000)
  }
  assert.is(world.engine.peer('other')?.status, 'dead')
  assert.is(world.engine.peer('ghost'), undefined)
})

heartbeats('a rise continues what another node of ours told of it', () => {
  const world = new OldWorld()
  const entry = { id: 'old', maxVersionSeen: 0, gcVersion: 0, generation: 6, heartbeat: 40, old: true as const }
  world.hearNew('friend', [{ ...entry, transport: addressOf('old') }])
  world.pass(6_000)
  world.hearDigest('old', 0)
  assert.is(world.engine.peer('old')?.generation, 6)
  assert.is(world.engine.peer('old')?.heartbeat, 41)
})

heartbeats('it is listed to itself one below what is held, so that every digest draws an answer', () => {
  const world = new OldWorld()
  world.meet('old')
  world.hearDeltas('old', [
    ['a', 1, 1],
    ['b', 2, 2],
    ['c', 3, 3],
  ])
  assert.is(world.versionAsked('old'), 2)
  world.hearDigest('old', 9)
  assert.is(world.versionAsked('old'), 2, 'also while more is known to come')
})

heartbeats('nodes that meet an old peer at once keep the same life for it', () => {
  const [one, two] = [new OldWorld({ id: 'one' }), new OldWorld({ id: 'two' })]
  for (const world of [one, two]) world.hearDigest('old', 3)
  assert.is(one.engine.peer('old')?.generation, two.engine.peer('old')?.generation)
})

heartbeats('an old peer that comes back after it was retired begins a life above the retired one', () => {
  const world = new OldWorld()
  const removal = { id: 'old', generation: 3, heartbeat: 900, ageMs: 1_000 }
  world.hearNew('friend', [removal])
  world.pass(6_000)
  world.hearDigest('old', 0)
  assert.is(world.engine.peer('old')?.generation, 4)
})

heartbeats('a peer learned of by its group alone is known to be old', () => {
  const world = new OldWorld()
  world.hearNew('friend')
  const life = { generation: 1, from: 0, gcVersion: 0, maxVersion: 2, top: 2, entries: [['n', 1, 2]] }
  world.hear('deltas', 'friend', [{ id: 'old', transport: addressOf('old'), ...life, old: true }])
  assert.ok(world.engine.peer('old')?.isOld)
  world.hear('deltas', 'friend', [{ id: 'old', transport: addressOf('old'), ...life, generation: 2, old: true }])
  assert.ok(world.engine.peer('old')?.isOld)
  void world.sent
  world.pass(1_000)
  const digest = world.sent.find((message) => message.to.id === 'old')?.payload as readonly Record<string, unknown>[]
  assert.is(digest[0]?.['flat'], true)
})

heartbeats('its goodbye does not wait for old peers, who cannot take note of it', () => {
  const world = new OldWorld()
  world.meet('old')
  world.engine.leave(world.now)
  assert.ok(world.engine.takeEvents().some((event) => event.type === 'leave taken'))
})

heartbeats.run()
