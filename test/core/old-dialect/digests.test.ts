/** Rule (b): what old peers, and peers that may be old, are told in digests; and `flat`, which says so to a new reader. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue, OutMessage } from '../../../src/core/index.ts'
import { addressOf, EPOCH_MS, GENERATION, OldWorld } from './old-world.ts'

const digests = suite('digests')

type Item = Readonly<Record<string, JsonValue | undefined>>

const EVERYTHING = 2 ** 53 - 1

/** The only digest among messages to a peer. */
function digestTo(sent: readonly OutMessage[], id: string | undefined): readonly Item[] {
  const found = sent.filter((message) => message.kind === 'digest' && message.to.id === id)
  assert.is(found.length, 1, `digests to ${id}`)
  return found[0]?.payload as readonly Item[]
}

function idsIn(digest: readonly Item[]): readonly JsonValue[] {
  return digest.map((item) => item['id'] as JsonValue).sort()
}

digests(
  'S2.24 an old peer is told of live peers, itself and this node, each with nothing but id, version and address',
  () => {
    const world = new OldWorld()
    world.meet('old')
    world.meet('other')
    world.hearNew('unproven')
    void world.sent
    world.hearDigest('old', 0)
    assert.equal(digestTo(world.sent, 'old'), [
      {
        id: 'me',
        maxVersionSeen: EPOCH_MS + 1,
        transport: addressOf('me'),
        generation: GENERATION,
        clusterId: 'gossipmonger',
        flat: true,
      },
      { id: 'old', maxVersionSeen: 0, transport: addressOf('old') },
      { id: 'other', maxVersionSeen: EVERYTHING, transport: addressOf('other') },
    ])
  },
)

digests('the dead and the retired are not told to old peers', () => {
  const world = new OldWorld()
  world.meet('other')
  for (let round = 0; round < 60; round++) {
    world.hearDigest('old', 0)
    world.pass(1_000)
  }
  assert.is(world.engine.peer('other')?.status, 'dead')
  world.hearNew('friend', [{ id: 'gone', generation: 4, heartbeat: 9, ageMs: 5 }])
  assert.is(world.engine.explain('gone', world.now)?.status, 'removed')
  void world.sent
  world.hearDigest('old', 0)
  assert.equal(idsIn(digestTo(world.sent, 'old')), ['me', 'old'])
})

digests('a peer without an address, or with a name that old peers fall over, is not told to them', () => {
  const world = new OldWorld()
  world.meet('old')
  for (const heartbeat of [1, 2]) {
    const life = { maxVersionSeen: 1, gcVersion: 0, generation: 5, heartbeat }
    const named = { ...life, id: 'constructor', transport: addressOf('there') }
    world.hearNew('friend', [named, { ...life, id: 'nowhere' }], { heartbeat })
  }
  assert.is(world.engine.peer('constructor')?.status, 'live')
  assert.is(world.engine.peer('nowhere')?.status, 'live')
  void world.sent
  world.hearDigest('old', 0)
  assert.equal(idsIn(digestTo(world.sent, 'old')), ['friend', 'me', 'old'])
})

digests('a seed that may be old is told what old peers can read, and nothing of itself', () => {
  const world = new OldWorld({ seeds: [addressOf('seed')] })
  world.pass(1_000)
  assert.equal(idsIn(digestTo(world.sent, undefined)), ['me'])
})

digests("a seed at a live new node's address is told in the engine's dialect", () => {
  const world = new OldWorld()
  for (const heartbeat of [1, 2]) world.hearNew('friend', [], { heartbeat })
  void world.sent
  world.engine.sendDigest({ transport: addressOf('friend') }, world.now)
  world.pass(0)
  assert.is(digestTo(world.sent, undefined)[0]?.['step'], 1)
})

digests('a node of ours that has not shown life may be an old one by now and is told what both can read', () => {
  const world = new OldWorld()
  world.hearNew('friend', [
    { id: 'hearsay', maxVersionSeen: 1, gcVersion: 0, generation: 5, heartbeat: 1, transport: 'x' },
  ])
  void world.sent
  world.pass(1_000)
  assert.equal(digestTo(world.sent, 'hearsay')[0]?.['flat'], true)
})

digests('a dead node of ours may come back as an old one and is told what both can read', () => {
  const world = new OldWorld()
  world.hearNew('friend')
  world.hearNew('friend', [], { heartbeat: 2 })
  world.pass(60_000)
  assert.is(world.engine.peer('friend')?.status, 'dead')
  void world.sent
  world.pass(1_000)
  assert.equal(digestTo(world.sent, 'friend')[0]?.['flat'], true)
})

digests('a digest that does not fit is cut, and successive ones tell of everybody', () => {
  const world = new OldWorld({ digestBytesMax: 420 })
  for (let i = 0; i < 6; i++) world.meet(`other${i}`)
  const told = new Set<JsonValue>()
  for (let round = 0; round < 12; round++) {
    for (let i = 0; i < 6; i++) world.hearDigest(`other${i}`, 0)
    world.pass(1_000)
    world.hearDigest('old', 0)
    for (const { kind, to, payload } of world.sent) {
      assert.ok(JSON.stringify(payload).length <= 420)
      if (kind === 'digest' && to.id === 'old') for (const id of idsIn(payload as readonly Item[])) told.add(id)
    }
  }
  assert.equal([...told].sort(), ['me', 'old', 'other0', 'other1', 'other2', 'other3', 'other4', 'other5'])
})

digests('a flat digest of a node of ours is answered with a step-1 digest, and nothing else of it is read', () => {
  const world = new OldWorld()
  const own = { id: 'friend', maxVersionSeen: EPOCH_MS + 9, transport: addressOf('friend'), generation: 4, flat: true }
  const other = { id: 'other', maxVersionSeen: EVERYTHING, transport: addressOf('other') }
  world.hear('digest', 'friend', [{ ...own, clusterId: 'gossipmonger' }, other])
  assert.equal(world.engine.peers(), [])
  const [item] = digestTo(world.sent, 'friend')
  assert.is(item?.['step'], 1)
  assert.is(item?.['flat'], undefined)
  assert.equal(world.errors, [])
})

digests('two nodes of ours that take each other for old find out', () => {
  const [one, two] = [new OldWorld({ id: 'one' }), new OldWorld({ id: 'two' })]
  one.meet('two')
  two.meet('one')
  assert.ok(one.engine.peer('two')?.isOld)
  one.pass(1_000)
  let legs = 0
  for (let isQuiet = false; !isQuiet && legs < 10; legs++) {
    const [fromOne, fromTwo] = [one.sent, two.sent]
    for (const { kind, payload } of fromOne) two.hear(kind, 'one', payload)
    for (const { kind, payload } of fromTwo) one.hear(kind, 'two', payload)
    isQuiet = fromOne.length === 0 && fromTwo.length === 0
  }
  assert.ok(legs < 10, 'it ends')
  assert.not(one.engine.peer('two')?.isOld)
  assert.not(two.engine.peer('one')?.isOld)
  assert.is(one.engine.peer('two')?.generation, GENERATION)
})

digests("a flat digest of another cluster's node is refused", () => {
  const world = new OldWorld()
  const own = { id: 'friend', maxVersionSeen: 9, transport: addressOf('friend'), generation: 4, flat: true }
  world.hear('digest', 'friend', [{ ...own, clusterId: 'another' }])
  assert.equal(world.errors, ['GOSSIP_CLUSTER_FOREIGN'])
  assert.equal(world.sent, [])
})

digests('a flat digest of another process under my id counts as news of myself, my own does not', () => {
  const world = new OldWorld()
  const own = { id: 'me', maxVersionSeen: 9, transport: addressOf('me'), clusterId: 'gossipmonger', flat: true }
  world.hear('digest', 'me', [{ ...own, generation: GENERATION }])
  assert.is(world.engine.generation, GENERATION)
  world.hear('digest', 'me', [{ ...own, generation: GENERATION + 1 }])
  assert.ok(world.engine.generation > GENERATION + 1)
})

digests('whom only an old peer knows is sent a digest now and then, ever more rarely, and is not made a peer', () => {
  const world = new OldWorld()
  world.meet('old')
  const rounds: number[] = []
  for (let round = 0; round < 130; round++) {
    world.hearDigest('old', 0, { stranger: 7, me: 0 })
    if (world.sent.some((message) => message.to.id === 'stranger')) rounds.push(round)
    world.pass(1_000)
  }
  assert.equal(rounds, [0, 1, 3, 7, 15, 31, 63, 127])
  assert.is(world.engine.peer('stranger'), undefined)
})

digests('at most one stranger a round is tried, and everybody has a turn', () => {
  const world = new OldWorld()
  world.meet('old')
  const tried: (string | undefined)[] = []
  for (let round = 0; round < 4; round++) {
    for (const id of ['old', 'old']) world.hearDigest(id, 0, { a: 1, b: 1, c: 1, d: 1 })
    tried.push(...world.sent.map((message) => message.to.id).filter((id) => id !== 'old'))
    world.pass(1_000)
    void world.sent
  }
  assert.equal(tried.sort(), ['a', 'b', 'c', 'd'])
})

digests('a node that leaves says nothing more to old peers', () => {
  const world = new OldWorld()
  world.meet('old')
  world.engine.leave(world.now)
  world.pass(1_000)
  assert.equal(
    world.sent.filter((message) => message.to.id === 'old'),
    [],
  )
})

digests.run()
