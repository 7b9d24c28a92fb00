/** Hostile input in the shape, more or less, of the old dialect. */

import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue } from '../../../src/core/index.ts'
import { checkProperty } from '../../harness/property.ts'
import { addressOf, OldWorld } from './old-world.ts'

const shapes = suite('old shapes')

const OWN = { id: 'old', maxVersionSeen: 0, transport: addressOf('old') }

/** A fingerprint of all that a message could have changed. */
function stateOf(world: OldWorld): string {
  const { engine } = world
  const ids = ['me', ...engine.peers().map((peer) => peer.id)]
  const maps = ids.map((id) => [id, engine.explain(id, world.now), world.read(id)])
  return JSON.stringify([maps, engine.generation])
}

shapes('a digest with one field out of shape is refused whole', () => {
  const badVersions = [-1, 1.5, 2 ** 53, null, '1', undefined]
  const badItems: readonly unknown[] = [
    ...badVersions.map((maxVersionSeen) => ({ id: 'other', maxVersionSeen, transport: {} })),
    ...['', 'x'.repeat(300), 7, null, undefined, {}].map((id) => ({ id, maxVersionSeen: 1, transport: {} })),
    { id: 'other', maxVersionSeen: 1, transport: 'x'.repeat(2_000) },
    null,
    7,
    'old',
    [],
    ['other', 1],
  ]
  for (const item of badItems) {
    const world = new OldWorld()
    world.meet('old')
    const before = stateOf(world)
    world.hear('digest', 'old', [item as JsonValue, OWN])
    assert.equal(world.errors, ['GOSSIP_MESSAGE_MALFORMED'], JSON.stringify(item))
    assert.is(stateOf(world), before)
    assert.equal(world.sent, [])
  }
})

shapes('an own entry out of shape is refused', () => {
  for (const maxVersionSeen of [-1, 1.5, 2 ** 53 - 1, null]) {
    const world = new OldWorld()
    world.hear('digest', 'old', [{ ...OWN, maxVersionSeen }])
    assert.equal(world.errors, ['GOSSIP_MESSAGE_MALFORMED'])
    assert.equal(world.engine.peers(), [])
  }
})

shapes('an old peer that was told of itself lists itself twice; the last entry counts', () => {
  const world = new OldWorld()
  world.meet('old')
  world.hear('digest', 'old', [{ ...OWN, maxVersionSeen: 9 }, OWN])
  world.hearDeltas('old', [['a', 1, 1]])
  assert.equal(world.read('old'), { a: 1 })
})

shapes('old peers can hold peers without an address; listing one is no fault', () => {
  const world = new OldWorld()
  world.hear('digest', 'old', [{ id: 'other', maxVersionSeen: 0 }, OWN])
  assert.equal(world.errors, [])
})

shapes('flat deltas with one part out of shape are refused whole', () => {
  const bad: readonly unknown[] = [
    ['old', 'b', 2],
    ['old', 'b', 2, 2, 2],
    ['old', 'b', 2, '2'],
    ['old', 'b', 2, 0],
    ['old', 'b', 2, -1],
    ['old', 'b', 2, 2.5],
    ['old', 'b', 2, 2 ** 53],
    ['old', 'b', 2, 1],
    ['old', 7, 2, 2],
    [7, 'b', 2, 2],
    ['other', 'b', 2, null],
    null,
    {},
    'delta',
  ]
  for (const delta of bad) {
    const world = new OldWorld()
    world.meet('old')
    const before = stateOf(world)
    world.hear('deltas', 'old', [['old', 'a', 1, 1], delta as JsonValue])
    assert.equal(world.errors, ['GOSSIP_MESSAGE_MALFORMED'], JSON.stringify(delta))
    assert.is(stateOf(world), before)
  }
})

shapes('an old peer under this node’s own id is refused', () => {
  const world = new OldWorld()
  world.hearDigest('me', 4)
  world.hearDeltas('me', [['a', 1, 1]])
  assert.equal(world.errors, ['GOSSIP_MESSAGE_MALFORMED', 'GOSSIP_MESSAGE_MALFORMED'])
  assert.equal(world.read('me'), {})
})

shapes('a flat digest out of shape is refused', () => {
  const own = { ...OWN, generation: 4, clusterId: 'gossipmonger', flat: true }
  for (const bad of [{ generation: -1 }, { generation: '4' }, { clusterId: 7 }, { transport: 'x'.repeat(2_000) }]) {
    const world = new OldWorld()
    world.hear('digest', 'old', [{ ...own, ...bad }] as JsonValue)
    assert.equal(world.errors, ['GOSSIP_MESSAGE_MALFORMED'], JSON.stringify(bad))
    assert.equal(world.sent, [])
  }
})

shapes('names that objects have are names like others', () => {
  const world = new OldWorld()
  world.meet('__proto__')
  world.hear('deltas', '__proto__', [['__proto__', '__proto__', { constructor: 1 }, 1]])
  assert.equal(world.engine.read('__proto__', '__proto__', world.now)?.value, { constructor: 1 })
})

const id = fc.constantFrom('old', 'me', 'other', '__proto__', 'constructor', '')
const number = fc.oneof(fc.nat(5), fc.constantFrom(-1, 0.5, 2 ** 53 - 1, 2 ** 60, null))
const loose = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>
const item = fc.oneof(
  { weight: 4, arbitrary: fc.record({ id, maxVersionSeen: number, transport: loose }, { requiredKeys: [] }) },
  {
    weight: 1,
    arbitrary: fc.record({ id, flat: fc.boolean(), generation: number, clusterId: id }, { requiredKeys: [] }),
  },
  { weight: 1, arbitrary: loose },
)
const delta = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(id, fc.oneof(id, loose), loose, number) },
  { weight: 1, arbitrary: loose },
)
const message = fc.oneof(
  fc.record({ kind: fc.constant('digest' as const), from: id, payload: fc.array(item, { maxLength: 4 }) }),
  fc.record({ kind: fc.constant('deltas' as const), from: id, payload: fc.array(delta, { maxLength: 4 }) }),
)

shapes('no message throws, and no old peer writes what another one owns', () => {
  checkProperty(
    fc.property(fc.array(message, { maxLength: 12 }), (messages) => {
      const world = new OldWorld()
      world.meet('old')
      world.engine.set('mine', 1, {}, world.now)
      for (const { kind, from, payload } of messages) {
        const before = JSON.stringify(
          ['me', 'other', 'old'].filter((owner) => owner !== from).map((owner) => world.read(owner)),
        )
        world.hear(kind, from, payload as JsonValue)
        const after = JSON.stringify(
          ['me', 'other', 'old'].filter((owner) => owner !== from).map((owner) => world.read(owner)),
        )
        assert.is(after, before)
        world.pass(1_000)
      }
      assert.equal(world.read('me'), { mine: 1 })
    }),
  )
})

shapes.run()
