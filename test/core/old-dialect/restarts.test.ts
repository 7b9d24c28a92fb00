/** Rule (e): what shows that an old peer has started again, what follows from it, and what shows nothing. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue } from '../../../src/core/index.ts'
import { addressOf, type Delta, GENERATION, OldWorld } from './old-world.ts'

const restarts = suite('restarts')

/** A world that holds an old peer's keys and has let everything settle. */
function holding(deltas: readonly Delta[]): OldWorld {
  const world = new OldWorld()
  const last = deltas.at(-1)?.[2] ?? 0
  world.meet('old')
  world.hearDigest('old', last)
  for (let i = 0; i < deltas.length; i += 4) {
    world.hearDeltas('old', deltas.slice(Math.max(0, i - 1), i + 4))
    world.pass(1_000)
  }
  world.pass(6_000)
  assert.is(world.engine.peer('old')?.map.maxVersionSeen, last + 1)
  return world
}

function generationOf(world: OldWorld, id = 'old'): number | undefined {
  return world.engine.peer(id)?.generation
}

const THREE: readonly Delta[] = [
  ['a', 1, 1],
  ['b', 2, 2],
  ['c', 3, 3],
]

restarts('two digests in succession that claim less than is held are a restart, one is not', () => {
  const world = holding(THREE)
  world.hearDigest('old', 2)
  assert.is(generationOf(world), 1)
  world.hearDigest('old', 3)
  world.hearDigest('old', 2)
  assert.is(generationOf(world), 1, 'not in succession')
  world.hearDigest('old', 2)
  assert.is(generationOf(world), 2)
})

restarts('an old peer that started again before its former keys were read is found out too', () => {
  const world = new OldWorld()
  world.meet('old', 9)
  world.hearDeltas('old', [
    ['a', 1, 1],
    ['b', 2, 2],
  ])
  world.pass(6_000)
  assert.equal(world.read('old'), {}, 'not complete')
  for (let i = 0; i < 2; i++) world.hearDigest('old', 2)
  assert.is(generationOf(world), 2)
})

restarts('digests that were overtaken by what the peer wrote last are no restart', () => {
  const world = holding(THREE)
  world.hearDeltas('old', [
    ['c', 3, 3],
    ['d', 4, 4],
  ])
  for (let i = 0; i < 4; i++) {
    world.hearDigest('old', 3)
    world.pass(1_000)
  }
  assert.is(generationOf(world), 1)
})

restarts('a restart resets the copy; readers keep the former map until the new one is complete', () => {
  const world = holding(THREE)
  for (let i = 0; i < 2; i++) world.hearDigest('old', 1)
  assert.is(world.engine.peer('old')?.map.maxVersionSeen, 0)
  assert.equal(world.read('old'), { a: 1, b: 2, c: 3 })
  world.pass(6_000)
  world.hearDigest('old', 1)
  assert.equal(world.read('old'), { a: 1, b: 2, c: 3 })
  world.hearDeltas('old', [['z', 9, 1]])
  assert.equal(world.read('old'), { z: 9 })
})

restarts('a life without keys is complete once it is said after the restart', () => {
  const world = holding(THREE)
  for (let i = 0; i < 2; i++) world.hearDigest('old', 0)
  assert.equal(world.read('old'), { a: 1, b: 2, c: 3 })
  world.pass(6_000)
  world.hearDigest('old', 0)
  assert.equal(world.read('old'), {})
})

restarts('a restarted peer is live, not dead', () => {
  const world = holding(THREE)
  for (let i = 0; i < 2; i++) world.hearDigest('old', 0)
  assert.is(world.engine.peer('old')?.status, 'live')
})

restarts('another address is a restart, and the new address is where it is reached', () => {
  for (const isDigest of [true, false]) {
    const world = holding(THREE)
    if (isDigest) world.hearDigest('old', 3, {}, addressOf('elsewhere'))
    else world.hearDeltas('old', [['c', 3, 3]], addressOf('elsewhere'))
    assert.is(generationOf(world), 2)
    assert.equal(world.engine.peer('old')?.transport, addressOf('elsewhere'))
  }
})

restarts('what comes late from the former address is not heard', () => {
  const world = holding(THREE)
  world.hearDigest('old', 3, {}, addressOf('elsewhere'))
  const { heartbeat } = world.engine.peer('old') as { heartbeat: number }
  world.pass(2_000)
  world.hearDigest('old', 3)
  world.hearDeltas('old', THREE)
  assert.is(generationOf(world), 2)
  assert.is(world.engine.peer('old')?.heartbeat, heartbeat)
  assert.equal(world.engine.peer('old')?.transport, addressOf('elsewhere'))
})

restarts('the last entry that comes back with another value, or as another key, is a restart', () => {
  for (const [key, value] of [
    ['c', 4],
    ['d', 3],
    ['c', null],
  ] as const) {
    const world = holding(THREE)
    assert.is(world.versionAsked('old'), 2)
    world.hearDeltas('old', [
      [key, value, 3],
      ['e', 5, 4],
    ])
    assert.is(generationOf(world), 2, `${key} ${value}`)
    assert.is(world.engine.peer('old')?.map.maxVersionSeen, 0, 'and nothing of the answer is taken')
  }
})

restarts('the last entry that does not come back, nor its key at a higher version, is a restart', () => {
  const world = holding(THREE)
  assert.is(world.versionAsked('old'), 2)
  world.hearDigest('old', 4)
  world.hearDeltas('old', [['e', 5, 4]])
  assert.is(generationOf(world), 2)
})

restarts('the last entry that comes back unchanged, or its key at a higher version, is none', () => {
  const world = holding(THREE)
  assert.is(world.versionAsked('old'), 2)
  world.hearDigest('old', 4)
  world.hearDeltas('old', [
    ['c', 3, 3],
    ['e', 5, 4],
  ])
  world.hearDigest('old', 5)
  assert.is(world.versionAsked('old'), 3)
  world.hearDeltas('old', [['e', 6, 5]])
  assert.is(generationOf(world), 1)
  assert.equal(world.read('old'), { a: 1, b: 2, c: 3, e: 6 })
})

restarts('an answer that is cut shows nothing by what is not in it', () => {
  const world = holding(THREE)
  assert.is(world.versionAsked('old'), 2)
  world.hearDigest('old', 20)
  // c may have been written again at 15, beyond the cut.
  const payload: JsonValue = [4, 5, 6, 7].map((version) => ['old', `e${version}`, 0, version])
  world.hear('deltas', 'old', [...(payload as JsonValue[]), ['other', 'k', 0, 1]])
  assert.is(generationOf(world), 1)
  assert.is(world.engine.peer('old')?.map.maxVersionSeen, 8)
})

restarts('an old peer that sends fewer deltas than others is not taken for one that has sent all', () => {
  const world = holding(THREE)
  assert.is(world.versionAsked('old'), 2)
  world.hearDigest('old', 20)
  world.hearDeltas('old', [
    ['e', 1, 4],
    ['f', 1, 5],
  ])
  assert.is(generationOf(world), 1)
})

restarts('a node of ours that speaks without generation twice in succession has gone back to the old package', () => {
  const world = new OldWorld()
  world.hearNew('friend', [], { heartbeat: 1 })
  world.hearDigest('friend', 2)
  assert.not(world.engine.peer('friend')?.isOld)
  world.hearNew('friend', [], { heartbeat: 2 })
  world.hearDigest('friend', 2)
  assert.not(world.engine.peer('friend')?.isOld, 'not in succession')
  void world.sent
  world.pass(1_000)
  const told = world.sent.find((message) => message.to.id === 'friend')?.payload as readonly Record<string, unknown>[]
  assert.is(told[0]?.['flat'], true, 'but is told nothing that an old one could not read')
  world.hearDigest('friend', 2)
  assert.ok(world.engine.peer('friend')?.isOld)
  assert.is(generationOf(world, 'friend'), GENERATION + 6)
})

restarts('an old peer that speaks as a node of ours is one, with the generation it has', () => {
  const world = holding(THREE)
  world.hearNew('old')
  assert.not(world.engine.peer('old')?.isOld)
  assert.is(generationOf(world), GENERATION + 5)
  void world.sent
  world.pass(1_000)
  const told = world.sent.find((message) => message.to.id === 'old')?.payload as readonly Record<string, unknown>[]
  assert.is(told[0]?.['step'], 1)
})

restarts.run()
