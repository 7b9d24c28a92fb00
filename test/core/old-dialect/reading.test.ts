/** Rule (a): whose flat deltas are read, about whom, and when. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { addressOf, OldWorld } from './old-world.ts'

const reading = suite('reading')

reading('keys of an old peer that was asked are read, in the order they come', () => {
  const world = new OldWorld()
  world.meet('old')
  world.hearDeltas('old', [
    ['a', 1, 1],
    ['b', { deep: [2] }, 2],
  ])
  assert.equal(world.read('old'), { a: 1, b: { deep: [2] } })
})

reading('what an old peer says of others is not read', () => {
  const world = new OldWorld()
  world.meet('old')
  world.meet('other')
  world.hear('deltas', 'old', [
    ['other', 'a', 1, 1],
    ['me', 'b', 2, 1],
    ['old', 'c', 3, 1],
  ])
  assert.equal(world.read('other'), {})
  assert.equal(world.read('me'), {})
  assert.equal(world.read('old'), { c: 3 })
})

reading('nothing is read of an old peer that was not asked since its state began', () => {
  const world = new OldWorld()
  world.meet('other')
  world.hearDeltas('old', [['c', 3, 3]])
  world.hearDeltas('old', [['c', 3, 3]])
  assert.equal(world.read('old'), {}, 'versions 1 and 2 may never come')
  assert.is(world.versionAsked('old'), 0)
  world.hearDeltas('old', [
    ['a', 1, 1],
    ['c', 3, 3],
  ])
  assert.equal(world.read('old'), { a: 1, c: 3 })
})

reading('in the first 5 s of a node nothing is read: it may answer what a former life of the node asked', () => {
  const world = new OldWorld()
  world.hearDigest('old', 4)
  world.pass(3_000)
  assert.is(world.versionAsked('old'), 0)
  world.hearDeltas('old', [['d', 4, 4]])
  assert.equal(world.read('old'), {})
  assert.is(world.engine.peer('old')?.map.maxVersionSeen, 0)
})

reading('for 5 s after a restart nothing is read and no digest counts as asked', () => {
  const world = new OldWorld()
  world.meet('old')
  world.hearDeltas('old', [
    ['a', 1, 1],
    ['b', 2, 2],
  ])
  world.hearDigest('old', 1, {}, addressOf('elsewhere'))
  assert.is(world.engine.peer('old')?.generation, 2)
  world.pass(4_000)
  assert.is(world.versionAsked('old'), 0)
  world.hearDeltas('old', [['c', 3, 3]], addressOf('elsewhere'))
  assert.is(world.engine.peer('old')?.map.maxVersionSeen, 0, 'within the 5 s')
  world.now += 1_500
  world.hearDeltas('old', [['c', 3, 3]], addressOf('elsewhere'))
  assert.is(world.engine.peer('old')?.map.maxVersionSeen, 0, 'not asked after the 5 s')
  assert.is(world.versionAsked('old'), 0)
  world.hearDeltas('old', [['z', 1, 1]], addressOf('elsewhere'))
  assert.equal(world.read('old'), { z: 1 })
})

reading('a reset that another node of ours told of counts too', () => {
  const world = new OldWorld()
  world.meet('old')
  world.hearDeltas('old', [['a', 1, 1]])
  const entry = { id: 'old', maxVersionSeen: 0, gcVersion: 0, generation: 2, heartbeat: 1, old: true as const }
  world.hearNew('friend', [{ ...entry, transport: addressOf('old') }])
  assert.is(world.engine.peer('old')?.generation, 2)
  world.hearDeltas('old', [['c', 3, 3]])
  assert.is(world.engine.peer('old')?.map.maxVersionSeen, 0)
})

reading('flat deltas of a node of ours are not read', () => {
  const world = new OldWorld()
  world.hearNew('friend')
  world.pass(6_000)
  for (let i = 0; i < 3; i++) {
    world.hear('deltas', 'friend', [['friend', 'a', 1, 1]])
    world.pass(1_000)
  }
  assert.equal(world.read('friend'), {})
  assert.not(world.engine.peer('friend')?.isOld, 'nor do they say what it is')
})

reading('a message that overlaps what is held adds only what is new', () => {
  const world = new OldWorld()
  world.meet('old')
  world.hearDeltas('old', [
    ['a', 1, 1],
    ['b', 2, 2],
  ])
  world.hearDigest('old', 3)
  assert.is(world.versionAsked('old'), 1)
  world.hearDeltas('old', [
    ['b', 2, 2],
    ['c', 3, 3],
  ])
  world.hearDeltas('old', [
    ['a', 1, 1],
    ['b', 2, 2],
  ])
  assert.equal(world.read('old'), { a: 1, b: 2, c: 3 })
  assert.is(world.engine.peer('old')?.generation, 1)
})

reading('a value no message of this cluster can carry is passed over, and what comes after it is read', () => {
  const world = new OldWorld({ valueBytesMax: 100 })
  world.meet('old')
  world.hearDeltas('old', [
    ['a', 1, 1],
    ['b', 'x'.repeat(200), 2],
    ['', 3, 3],
    ['c', 4, 4],
  ])
  assert.equal(world.read('old'), { a: 1, c: 4 })
  world.pass(10_000)
  world.hearDeltas('old', [
    ['a', 1, 1],
    ['b', 'x'.repeat(200), 2],
    ['', 3, 3],
    ['c', 4, 4],
  ])
  assert.is(world.engine.peer('old')?.generation, 1, 'and is no sign of a restart')
})

reading('an old peer without keys is complete at once', () => {
  const world = new OldWorld()
  world.meet('old', 0)
  assert.not(world.engine.explain('old', world.now)?.isStale)
})

reading.run()
