/** Rules R22 to R24 of the design: leaving, new lives, whom a round contacts. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { nextGeneration } from '../../../src/core/index.ts'
import { EnginePool } from '../../harness/engine-pool.ts'
import { beat, entry } from '../../harness/forge.ts'
import { VirtualCluster } from '../../harness/virtual-cluster.ts'

const rules = suite('rules of coming and going')

function started(options: ConstructorParameters<typeof EnginePool>[0], ...names: string[]): EnginePool {
  const pool = new EnginePool(options)
  for (const name of names) pool.start(name)
  return pool
}

function status(pool: EnginePool, at: string, id: string): string | undefined {
  return pool.engine(at).explain(id, pool.now)?.status
}

function leave(pool: EnginePool, name: string): void {
  pool.input(name, (now) => pool.engine(name).leave(now))
}

rules('R22: a new life that is known by its deltas alone, here or elsewhere, is neither dead nor gone', () => {
  for (const facts of [{ left: true }, { silentMs: 5_000 }] as const) {
    const pool = started({}, 'a')
    beat(pool, 'a', 'z', 1, entry('c', { heartbeat: 5, ...facts }))
    beat(pool, 'a', 'z', 2, entry('c', { generation: 2, heartbeat: 0 }))
    assert.is(status(pool, 'a', 'c'), 'unproven')
    beat(pool, 'a', 'z', 3, entry('c', { generation: 2, heartbeat: 1 }))
    beat(pool, 'a', 'z', 4, entry('c', { generation: 2, heartbeat: 2 }))
    assert.is(status(pool, 'a', 'c'), 'live')
  }
})

rules('R22: a goodbye beats every heartbeat, is no failure, and old news cannot bring the peer back', () => {
  const pool = started({ seeds: ['a'] }, 'a', 'b', 'c')
  pool.live(5_000)
  leave(pool, 'c')
  pool.deliverAll()
  pool.live(1_000)
  pool.crash('c')
  pool.live(5_000)
  const { generation } = pool.engine('c')
  for (const name of ['a', 'b']) {
    beat(pool, name, 'old', 1, entry('c', { generation, heartbeat: 1e6 }))
    beat(pool, name, 'old', 2, entry('c', { generation, heartbeat: 2e6 }))
  }
  pool.live(40_000)
  for (const name of ['a', 'b']) {
    assert.is(status(pool, name, 'c'), 'left')
    assert.is(pool.process(name).told('peer left').length, 1)
    assert.equal(
      pool
        .process(name)
        .told('peer dead')
        .filter(({ peerId }) => peerId === 'c'),
      [],
    )
  }
})

rules('R22: a goodbye is taken when as many peers as a round contacts have listed it as such', () => {
  const pool = started({ fanout: 2, seeds: ['a'] }, 'a', 'b', 'c', 'd')
  pool.live(5_000)
  leave(pool, 'd')
  assert.equal(pool.process('d').told('leave taken'), [])
  pool.deliverAll()
  assert.is(pool.process('d').told('leave taken').length, 1)
})

rules('R22: a goodbye that is lost is said again, soon', () => {
  const pool = started({ fanout: 2, seeds: ['a'] }, 'a', 'b', 'c', 'd')
  pool.live(5_000)
  leave(pool, 'd')
  pool.letters = []
  pool.live(600)
  assert.is(pool.process('d').told('leave taken').length, 1)
})

rules('R22: with nobody to tell, a goodbye is taken at once', () => {
  const pool = started({}, 'a')
  leave(pool, 'a')
  assert.is(pool.process('a').told('leave taken').length, 1)
})

rules('R22: news of myself does not make a node that leaves begin another life', () => {
  const pool = started({}, 'a', 'b')
  pool.exchange('a', 'b')
  leave(pool, 'a')
  const { generation } = pool.engine('a')
  beat(pool, 'a', 'z', 1, entry('a', { generation: generation + 9 }))
  assert.is(pool.engine('a').generation, generation)
})

rules('R22: a peer that left comes back as another life', () => {
  const pool = started({ seeds: ['a'] }, 'a', 'b')
  pool.live(3_000)
  leave(pool, 'b')
  pool.deliverAll()
  assert.is(status(pool, 'a', 'b'), 'left')
  pool.start('b')
  pool.live(3_000)
  assert.is(status(pool, 'a', 'b'), 'live')
})

rules('R23: every life has a generation above the one before, with chance in it', () => {
  assert.is(
    nextGeneration(1_024, () => 0),
    1_025,
  )
  assert.is(
    nextGeneration(1_024, () => 0.999_999),
    2_048,
  )
})

rules('R23: nothing of a life is continued but its entries', () => {
  const pool = started({}, 'a', 'b')
  pool.set('a', 'x', 1)
  pool.exchange('b', 'a')
  pool.start('a')
  pool.set('a', 'y', 1)
  pool.exchange('b', 'a')
  assert.equal(pool.read('b', 'a'), { y: 1 })
})

rules('R23: a restart whose clock went back takes over from what is known of its former life', () => {
  const pool = started({ seeds: ['b'] }, 'a', 'b')
  pool.set('a', 'x', 1)
  pool.live(2_000)
  const { generation } = pool.engine('a')
  pool.start('a', { generation: 5 })
  pool.set('a', 'y', 1)
  pool.live(3_000)
  assert.ok(pool.engine('a').generation > generation)
  assert.equal(pool.read('b', 'a'), { y: 1 })
  assert.is(status(pool, 'b', 'a'), 'live')
})

rules('R24: a partition longer than detection heals by itself', () => {
  const cluster = new VirtualCluster(1)
  const names = Array.from({ length: 12 }, (_, index) => `p${index}`)
  for (const name of names) cluster.add(name, ['p0'])
  cluster.run(20_000)
  const half = (name: string): boolean => names.indexOf(name) < 6
  cluster.network = { passes: (from, to) => half(from) === half(to) }
  cluster.run(120_000)
  for (const name of names)
    for (const other of names) {
      if (half(name) !== half(other)) assert.is(cluster.node(name).engine.peer(other)?.status, 'dead')
    }
  cluster.network = {}
  cluster.run(20_000)
  for (const name of names)
    for (const other of names) {
      if (name !== other) assert.is(cluster.node(name).engine.peer(other)?.status, 'live')
    }
})

rules('R24: when both halves have retired each other, the seeds heal the partition', () => {
  const cluster = new VirtualCluster(1, { deadPeerGracePeriodMs: 40_000 })
  const names = Array.from({ length: 6 }, (_, index) => `p${index}`)
  for (const name of names) cluster.add(name, ['p0'])
  cluster.run(10_000)
  const half = (name: string): boolean => names.indexOf(name) < 3
  cluster.network = { passes: (from, to) => half(from) === half(to) }
  cluster.run(200_000)
  assert.is(cluster.node('p0').engine.peers().length, 2)
  assert.is(cluster.node('p5').engine.peers().length, 2)
  cluster.network = {}
  cluster.run(30_000)
  for (const name of names)
    assert.is(
      cluster
        .node(name)
        .engine.peers()
        .filter((peer) => peer.status === 'live').length,
      5,
    )
})

rules('R24: without seeds a dead peer is tried for as long as it is known', () => {
  const pool = started({}, 'a', 'b')
  for (let i = 0; i < 3; i++) {
    pool.pass(1_000)
    pool.exchange('a', 'b')
  }
  for (let i = 0; i < 600; i++) {
    pool.pass(1_000)
    pool.letters = []
  }
  assert.equal([status(pool, 'a', 'b'), status(pool, 'b', 'a')], ['dead', 'dead'])
  pool.live(3_000)
  assert.equal([status(pool, 'a', 'b'), status(pool, 'b', 'a')], ['live', 'live'])
})

rules.run()
