/** Rule (c): the versions under which old peers see this cluster. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue, OutMessage } from '../../../src/core/index.ts'
import { addressOf, EPOCH_MS, GENERATION, OldWorld } from './old-world.ts'

const versions = suite('versions')

function deltasTo(sent: readonly OutMessage[], id: string): JsonValue {
  return sent
    .filter((message) => message.kind === 'deltas' && message.to.id === id)
    .flatMap((m) => m.payload as JsonValue[])
}

function ownVersionIn(sent: readonly OutMessage[]): JsonValue | undefined {
  const digest = sent.find((message) => message.kind === 'digest')?.payload as readonly Record<string, JsonValue>[]
  return digest?.find((item) => item['id'] === 'me')?.['maxVersionSeen']
}

versions('a part of the generation is added to what old peers see of this node, tombstones go out as null', () => {
  const world = new OldWorld()
  world.meet('old')
  world.engine.set('a', 1, {}, world.now)
  world.engine.set('b', [2], {}, world.now)
  world.engine.delete('a', world.now)
  void world.sent
  world.hearDigest('old', 0, { me: 0 })
  const { sent } = world
  assert.equal(deltasTo(sent, 'old'), [
    ['me', 'b', [2], EPOCH_MS + 3],
    ['me', 'a', null, EPOCH_MS + 4],
  ])
  assert.is(ownVersionIn(sent), EPOCH_MS + 4)
})

versions('an old peer is sent only what it lacks of this life, and all of it when it knows a former one', () => {
  const world = new OldWorld()
  world.meet('old')
  world.engine.set('a', 1, {}, world.now)
  world.engine.set('b', 2, {}, world.now)
  void world.sent
  world.hearDigest('old', 0, { me: EPOCH_MS + 2 })
  assert.equal(deltasTo(world.sent, 'old'), [['me', 'b', 2, EPOCH_MS + 3]])
  world.hearDigest('old', 0, { me: EPOCH_MS - 5_000 })
  assert.equal((deltasTo(world.sent, 'old') as JsonValue[]).length, 2)
  world.hearDigest('old', 0, { me: EPOCH_MS + 3 })
  assert.equal(deltasTo(world.sent, 'old'), [])
  assert.is(world.engine.generation, GENERATION)
})

versions("another new peer's map is passed on with its own generation's part, an old peer's as it is", () => {
  const world = new OldWorld()
  world.meet('old')
  world.meet('other')
  world.hearDeltas('other', [['k', 'v', 1]])
  world.hearNew('friend')
  const life = { generation: 9 * 1_024 + 3, from: 0, gcVersion: 1, maxVersion: 2, top: 2, entries: [['n', 1, 2]] }
  world.hear('deltas', 'friend', [{ id: 'third', transport: addressOf('third'), ...life }])
  void world.sent
  world.hearDigest('old', 0, { other: 0, third: 0 })
  assert.equal((deltasTo(world.sent, 'old') as JsonValue[][]).sort(), [
    ['other', 'k', 'v', 1],
    ['third', 'n', 1, 9 + 2],
  ])
  world.hearDigest('old', 0, { other: 1, third: 9 + 2 })
  assert.equal(deltasTo(world.sent, 'old'), [])
})

versions('a lapsed lease goes out as null, a running one as its value', () => {
  const world = new OldWorld()
  world.meet('old')
  world.hearNew('friend')
  const life = { generation: 1_024, from: 0, gcVersion: 1, maxVersion: 3, top: 3 }
  const entries = [
    ['lapsed', 1, 2, 0],
    ['running', 2, 3, 60_000],
  ]
  world.hear('deltas', 'friend', [{ id: 'third', transport: addressOf('third'), ...life, entries }])
  void world.sent
  world.hearDigest('old', 0, { third: 0 })
  assert.equal(deltasTo(world.sent, 'old'), [
    ['third', 'lapsed', null, 3],
    ['third', 'running', 2, 4],
  ])
})

versions(
  'a claim above this life makes the node take a generation whose versions lie above it, without counting',
  () => {
    const world = new OldWorld()
    world.meet('old')
    world.engine.set('a', 1, {}, world.now)
    void world.sent
    for (let claims = 0; claims < 10; claims++) {
      const claim = EPOCH_MS + 2_000 + 100 * claims
      world.hearDigest('old', 0, { me: claim })
      assert.is(Math.floor(world.engine.generation / 1_024), claim + 1)
      assert.equal(deltasTo(world.sent, 'old'), [['me', 'a', 1, claim + 2]])
    }
    assert.not(world.engine.isFrozen)
  },
)

versions('a claim in the future is not believed, and the old peer is not asked to tell it again and again', () => {
  const world = new OldWorld()
  world.meet('old')
  const claim = EPOCH_MS + 3_600_000
  void world.sent
  world.hearDigest('old', 0, { me: claim })
  assert.is(world.engine.generation, GENERATION)
  assert.is(ownVersionIn(world.sent), claim)
  world.now = 3_700_000
  world.hearDigest('old', 0, { me: claim })
  assert.is(Math.floor(world.engine.generation / 1_024), claim + 1)
})

versions('flat deltas are cut at the message limit, at the end of their order', () => {
  const world = new OldWorld({ deltaBytesMax: 600 })
  world.meet('old')
  for (let i = 0; i < 40; i++) world.engine.set(`key${i}`, 'x'.repeat(40), {}, world.now)
  void world.sent
  let claim = 0
  for (let leg = 0; leg < 10; leg++) {
    world.hearDigest('old', 0, { me: claim })
    const deltas = deltasTo(world.sent, 'old') as [string, string, string, number][]
    assert.ok(JSON.stringify(deltas).length <= 600)
    for (const [, , , version] of deltas) {
      assert.is(version, claim === 0 ? EPOCH_MS + 2 : claim + 1)
      claim = version
    }
  }
  assert.is(claim, EPOCH_MS + 41)
})

versions('deltas about a peer with a name that old peers fall over are not sent to them', () => {
  const world = new OldWorld()
  world.meet('old')
  world.hearNew('friend')
  const life = { generation: 1_024, from: 0, gcVersion: 1, maxVersion: 2, top: 2, entries: [['n', 1, 2]] }
  world.hear('deltas', 'friend', [{ id: 'toString', transport: addressOf('third'), ...life }])
  void world.sent
  world.hearDigest('old', 0, { toString: 0 })
  assert.equal(deltasTo(world.sent, 'old'), [])
})

versions.run()
