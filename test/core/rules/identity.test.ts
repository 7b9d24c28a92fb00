/** Rules R14 and R15 of the design: news of oneself, and of other clusters. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue } from '../../../src/core/index.ts'
import { EnginePool, type Letter } from '../../harness/engine-pool.ts'
import { beat, entry, group, ownEntry, tellDeltas, tellDigest } from '../../harness/forge.ts'

const rules = suite('rules of identity')

function started(options: ConstructorParameters<typeof EnginePool>[0], ...names: string[]): EnginePool {
  const pool = new EnginePool(options)
  for (const name of names) pool.start(name)
  return pool
}

/** Letters of one exchange. */
function record(pool: EnginePool, use: () => void): Letter[] {
  const letters: Letter[] = []
  pool.onSend = (letter) => letters.push(letter)
  use()
  pool.onSend = () => {}
  return letters
}

function codes(pool: EnginePool, name: string): (string | undefined)[] {
  return pool
    .process(name)
    .told('error')
    .map(({ error }) => (error as { code?: string }).code)
}

rules('R14: what others say of my map is never applied; a higher generation or version of mine is taken over', () => {
  const pool = started({}, 'a', 'b')
  pool.set('a', 'x', 1)
  pool.exchange('b', 'a')
  const { generation } = pool.engine('a')
  beat(pool, 'a', 'z', 1)
  tellDeltas(pool, 'a', 'z', group('a', [['x', 2, 90]], { generation, maxVersion: 90, top: 90 }))
  assert.equal(pool.read('a', 'a'), { x: 1 })
  const second = pool.engine('a').generation
  assert.ok(second > generation && second <= generation + 1_025)
  beat(pool, 'a', 'z', 2, entry('a', { generation: second + 50_000 }))
  const third = pool.engine('a').generation
  assert.ok(third > second + 50_000)
  pool.exchange('b', 'a')
  assert.equal(pool.read('b', 'a'), { x: 1 })
  assert.is(pool.engine('b').peer('a')?.generation, third)
})

rules('R14: a higher heartbeat of my own generation is left by a takeover, as often as it comes', () => {
  const pool = started({}, 'a')
  for (let i = 1; i <= 10; i++) {
    const { generation } = pool.engine('a')
    beat(pool, 'a', 'z', i, entry('a', { generation, heartbeat: 9_999 }))
    assert.ok(pool.engine('a').generation > generation)
  }
  assert.not(pool.engine('a').isFrozen)
})

rules('R14: a pair that is ahead of me is taken over, unless it answers a digest of a former life of mine', () => {
  const pool = started({}, 'a')
  pool.input('a', (now) => pool.engine('a').gossip(now))
  const asked = pool.engine('a').heartbeat
  const { generation } = pool.engine('a')
  tellDigest(pool, 'a', 'z', ownEntry('z', { heartbeat: 1, answers: asked }), ['a', asked])
  assert.is(pool.engine('a').generation, generation)
  tellDigest(pool, 'a', 'z', ownEntry('z', { heartbeat: 2, answers: asked }), ['a', asked + 1])
  const second = pool.engine('a').generation
  assert.ok(second > generation)
  const former = ownEntry('z', { heartbeat: 3, answers: asked, asker: generation })
  tellDigest(pool, 'a', 'z', former, ['a', pool.engine('a').heartbeat + 1])
  assert.is(pool.engine('a').generation, second)
})

rules('R14: my own generation at another address is a copy of me, and is left by a takeover', () => {
  const pool = started({}, 'a')
  const { generation } = pool.engine('a')
  beat(pool, 'a', 'z', 1, entry('a', { generation, heartbeat: 0, transport: 'a' }))
  assert.is(pool.engine('a').generation, generation)
  beat(pool, 'a', 'z', 2, entry('a', { generation, heartbeat: 0, transport: 'elsewhere' }))
  const second = pool.engine('a').generation
  assert.ok(second > generation)
  tellDeltas(pool, 'a', 'z', group('a', [], { generation: second, transport: 'elsewhere', maxVersion: 0 }))
  assert.ok(pool.engine('a').generation > second)
})

rules('R14: what JSON leaves out of an address makes it no other address', () => {
  const pool = started({}, 'a')
  const { engine } = pool.process('a')
  const transport = { port: 1, host: 'here', family: undefined } as unknown as JsonValue
  pool.input('a', (now) => engine.start({ generation: engine.generation + 1, transport }, now))
  const { generation } = engine
  const heard = { ...entry('a', { generation, heartbeat: 0 }), transport: { host: 'here', port: 1 } }
  beat(pool, 'a', 'z', 1, heard)
  assert.is(engine.generation, generation)
})

rules('R14: who speaks under the generation of a peer that is known at another address is told of that one', () => {
  const pool = new EnginePool({ fanout: 1 })
  pool.start('a')
  pool.start('b')
  pool.exchange('a', 'b')
  const { generation } = pool.engine('a')
  const copy = pool.start('copy', { id: 'a', generation })
  pool.exchange('copy', 'b')
  assert.ok(copy.engine.generation > generation)
  assert.is(pool.engine('a').generation, generation)
})

rules('R14: a removal record of mine is taken over and never counts', () => {
  const pool = started({}, 'a')
  for (let i = 1; i <= 10; i++) {
    const { generation } = pool.engine('a')
    beat(pool, 'a', 'z', i, { id: 'a', generation: generation + i, heartbeat: 9, ageMs: 5 })
    assert.ok(pool.engine('a').generation > generation + i)
  }
  assert.not(pool.engine('a').isFrozen)
})

rules(
  'R14: a fourth higher generation within the grace is a second process: this one stops and readers see a frozen view',
  () => {
    const pool = started({}, 'a', 'b')
    pool.set('a', 'x', 1)
    for (let i = 1; i <= 3; i++) beat(pool, 'a', 'z', i, entry('a', { generation: pool.engine('a').generation + 5 }))
    assert.not(pool.engine('a').isFrozen)
    beat(pool, 'a', 'z', 4, entry('a', { generation: pool.engine('a').generation + 5 }))
    assert.ok(pool.engine('a').isFrozen)
    assert.is(pool.process('a').told('conflict').length, 1)
    assert.throws(
      () => pool.set('a', 'x', 2),
      (error: { code?: string }) => error.code === 'GOSSIP_ID_CONFLICT',
    )
    assert.throws(
      () => pool.delete('a', 'x'),
      (error: { code?: string }) => error.code === 'GOSSIP_ID_CONFLICT',
    )
    assert.equal(pool.read('a', 'a'), { x: 1 })
    assert.is(pool.engine('a').explain('a', pool.now)?.status, 'conflict')
    assert.equal(
      record(pool, () => {
        pool.exchange('b', 'a')
        pool.pass(10_000)
      }).filter(({ from }) => from === 'a'),
      [],
    )
  },
)

rules('R14: a second process that knows nobody but the first one is told that its id is taken', () => {
  const pool = started({}, 'a')
  pool.start('copy', { id: 'a', generation: pool.engine('a').generation - 1 })
  pool.ask('copy', 'a')
  pool.deliverAll()
  assert.ok(pool.engine('copy').generation > pool.engine('a').generation)
  for (let i = 0; i < 4; i++)
    for (const [from, to] of [
      ['a', 'copy'],
      ['copy', 'a'],
    ] as const) {
      pool.ask(from, to)
      pool.deliverAll()
    }
  assert.is([pool.engine('a'), pool.engine('copy')].filter((engine) => engine.isFrozen).length, 1)
})

rules('R14: who is himself his own seed answers nothing', () => {
  const pool = started({}, 'a')
  const letters = record(pool, () => {
    pool.ask('a', 'a')
    pool.deliverAll()
  })
  assert.is(letters.length, 1)
})

rules('R14: four higher generations with a grace between them are four restarts', () => {
  const pool = started({ deadPeerGracePeriodMs: 10_000 }, 'a')
  for (let i = 1; i <= 8; i++) {
    beat(pool, 'a', 'z', i, entry('a', { generation: pool.engine('a').generation + 5 }))
    pool.pass(4_000)
  }
  assert.not(pool.engine('a').isFrozen)
})

rules('R15: a digest of another cluster is refused with a code and changes nothing', () => {
  const pool = new EnginePool()
  pool.start('a')
  pool.start('foreign', { options: { clusterId: 'other' } })
  pool.set('foreign', 'x', 1)
  pool.exchange('foreign', 'a')
  pool.exchange('a', 'foreign')
  for (const name of ['a', 'foreign']) {
    assert.equal(pool.engine(name).peers(), [])
    assert.equal(codes(pool, name), ['GOSSIP_CLUSTER_FOREIGN'])
  }
})

rules('R15: deltas are read only from a sender that was asked or has passed the checks', () => {
  const pool = started({ seeds: ['seed'] }, 'a')
  const deltas = group('p', [['x', 1, 1]])
  tellDeltas(pool, 'a', 'z', deltas)
  assert.equal(codes(pool, 'a'), ['GOSSIP_SENDER_UNKNOWN'])
  assert.equal(pool.engine('a').peers(), [])
  beat(pool, 'a', 'z', 1)
  tellDeltas(pool, 'a', 'z', deltas)
  assert.equal(pool.read('a', 'p'), { x: 1 })
  pool.ask('a', 'asked')
  tellDeltas(pool, 'a', 'asked', group('q', [['x', 1, 1]]))
  assert.equal(pool.read('a', 'q'), { x: 1 })
  pool.engine('a').admitSender('hello')
  tellDeltas(pool, 'a', 'hello', group('r', [['x', 1, 1]]))
  assert.equal(pool.read('a', 'r'), { x: 1 })
})

rules.run()
