/** Stories of whole clusters in virtual time. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { EnginePool } from '../../harness/engine-pool.ts'
import { VirtualCluster } from '../../harness/virtual-cluster.ts'

const scenarios = suite('scenarios')

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `p${index}`)
}

function cluster(
  count: number,
  options: ConstructorParameters<typeof VirtualCluster>[1] = {},
  seed = 1,
): VirtualCluster {
  const made = new VirtualCluster(seed, options)
  made.keepsEvents = ({ type }) => type !== 'update'
  for (const name of names(count)) {
    made.add(name, ['p0'])
    made.set(name, 'k', name)
  }
  return made
}

/** Who tells a death, of whom. */
function deaths(made: VirtualCluster): string[] {
  return [...made.nodes.values()].flatMap((node) =>
    node.events.flatMap(({ event }) => (event.type === 'peer dead' ? [`${event.peerId} by ${node.id}`] : [])),
  )
}

/** Pairs of nodes that are up and do not hold each other live with all keys. */
function estranged(made: VirtualCluster): string[] {
  const up = [...made.nodes.values()].filter((node) => node.isUp)
  return up.flatMap((node) =>
    up
      .filter((other) => other !== node)
      .filter((other) => {
        const isLive = node.engine.peer(other.id)?.status === 'live'
        return !isLive || node.engine.read(other.id, 'k', made.now)?.value !== other.id
      })
      .map((other) => `${other.id} at ${node.id}`),
  )
}

scenarios('a peer that restarts at another address is found there, and its former life is forgotten', () => {
  const pool = new EnginePool({ seeds: ['b'] })
  for (const name of ['a', 'b', 'c']) pool.start(name)
  pool.set('a', 'old', 1)
  pool.live(5_000)
  pool.crash('a')
  pool.start('elsewhere', { id: 'a' })
  pool.set('elsewhere', 'new', 1)
  pool.live(4_000)
  for (const name of ['b', 'c']) {
    assert.is(pool.engine(name).peer('a')?.transport, 'elsewhere')
    assert.is(pool.engine(name).peer('a')?.status, 'live')
    assert.equal(pool.read(name, 'a'), { new: 1 })
    assert.equal(pool.process(name).told('peer dead'), [])
  }
})

scenarios(
  'S3.8 fifty nodes, a crash, a short grace: the dead is retired everywhere within two rounds and no ghost returns',
  () => {
    const made = cluster(50, { deadPeerGracePeriodMs: 40_000 })
    made.run(20_000)
    made.crash('p7')
    made.run(130_000)
    const removedAt: number[] = []
    for (const node of made.nodes.values()) {
      if (node.id === 'p7') continue
      const after = node.events.filter(({ at, event }) => at > 20_000 && 'peerId' in event && event.peerId === 'p7')
      assert.equal(
        after.map(({ event }) => event.type),
        ['peer dead', 'peer removed'],
        node.id,
      )
      removedAt.push(after[1]?.at ?? 0)
      assert.is(node.engine.explain('p7', made.now), undefined, 'the record has expired too')
    }
    const spreadMs = Math.max(...removedAt) - Math.min(...removedAt)
    assert.ok(spreadMs <= 2_200, `retired over ${spreadMs} ms`)
  },
)

scenarios('a retired peer that was only out of reach comes back by itself', () => {
  const made = cluster(10, { deadPeerGracePeriodMs: 40_000 })
  made.run(10_000)
  made.network = { passes: (from, to) => from !== 'p7' && to !== 'p7' }
  made.run(60_000)
  assert.is(made.node('p0').engine.explain('p7', made.now)?.status, 'removed')
  made.network = {}
  made.run(10_000)
  assert.equal(estranged(made), [])
})

scenarios('fifty nodes with digests of a few entries converge and call nobody dead', () => {
  const made = cluster(50, { digestBytesMax: 1_600 })
  let rounds = 0
  while (estranged(made).length > 0 && rounds < 60) {
    made.run(1_000)
    rounds++
  }
  assert.ok(rounds < 40, `${rounds} rounds`)
  made.run(120_000)
  assert.equal(deaths(made), [])
  made.crash('p7')
  made.run(240_000)
  assert.is(deaths(made).length, 49)
})

scenarios('the timeouts of a paged cluster do not jump with the length of the last page', () => {
  const made = cluster(20, { digestBytesMax: 1_600 })
  made.run(60_000)
  const timeouts: number[] = []
  for (let round = 0; round < 40; round++) {
    made.run(1_000)
    timeouts.push(made.node('p0').engine.explain('p1', made.now)?.timeoutMs ?? 0)
  }
  const [shortest, longest] = [Math.min(...timeouts), Math.max(...timeouts)]
  assert.ok(shortest > 18_000 && longest < 1.5 * shortest, `${shortest} to ${longest} ms`)
})

scenarios(
  'a node that wakes from a stall of a minute convicts nobody and is taken back everywhere within 5 rounds',
  () => {
    const made = cluster(50)
    made.run(60_000)
    made.stall('p7', 60_000)
    made.run(60_000)
    assert.is(deaths(made).length, 49)
    made.run(5_000)
    assert.equal(estranged(made), [])
    made.run(30_000)
    assert.equal([...new Set(deaths(made).map((death) => death.split(' ')[0]))], ['p7'])
  },
)

scenarios('all nodes stall at once, as on a laptop that sleeps, and nobody is called dead', () => {
  const made = cluster(10)
  made.run(30_000)
  for (const name of names(10)) made.stall(name, 3_600_000)
  made.run(3_660_000)
  assert.equal(deaths(made), [])
  assert.equal(estranged(made), [])
})

scenarios('S3.12 a lossy network calls nobody dead and still converges', () => {
  const made = cluster(20)
  made.network = { lossChance: 0.3 }
  made.run(300_000)
  assert.equal(deaths(made), [])
  assert.equal(estranged(made), [])
})

scenarios('a network as slow as an interval calls nobody dead and still converges', () => {
  const made = cluster(20)
  made.network = { latencyMs: 1_000 }
  made.run(120_000)
  assert.equal(deaths(made), [])
  assert.equal(estranged(made), [])
})

scenarios('S3.3 a fresh cluster of unreachable seeds keeps trying them', () => {
  const made = new VirtualCluster(1)
  made.add('a', ['seed'])
  made.run(600_000)
  made.add('seed', [])
  made.run(3_000)
  assert.is(made.node('a').engine.peer('seed')?.status, 'live')
  assert.is(made.node('seed').engine.peer('a')?.status, 'live')
})

scenarios('a whole cluster that restarts at once forgets its former lives', () => {
  const pool = new EnginePool({ seeds: ['a'], fanout: 2 })
  for (const name of ['a', 'b', 'c', 'd']) pool.start(name)
  for (const name of ['a', 'b', 'c', 'd']) pool.set(name, 'old', name)
  pool.live(5_000)
  for (const name of ['a', 'b', 'c', 'd']) pool.start(name)
  for (const name of ['a', 'b', 'c', 'd']) pool.set(name, 'new', name)
  pool.live(5_000)
  for (const name of ['a', 'b', 'c', 'd'])
    for (const id of ['a', 'b', 'c', 'd']) assert.equal(pool.read(name, id), { new: id })
})

scenarios('S3.31 explain accounts for a verdict: what was heard, by whom, and when it would change', () => {
  const made = cluster(5)
  made.run(30_000)
  made.crash('p3')
  made.run(10_000)
  const facts = made.node('p1').engine.explain('p3', made.now)
  assert.ok(facts)
  if (facts === undefined) return
  assert.is(facts.status, 'live')
  assert.ok(facts.silentMs > 9_000 && facts.silentMs <= 11_500)
  assert.ok(Math.abs(facts.phi - facts.silentMs / (facts.meanGapMs * Math.LN10)) < 0.01)
  assert.ok(Math.abs(facts.timeoutMs - 8 * Math.LN10 * facts.meanGapMs) < 1)
  assert.ok(Math.abs(facts.dueInMs - (facts.timeoutMs - facts.silentMs)) < 1)
  assert.ok(facts.samples > 10)
  assert.ok(names(5).includes(facts.heardVia ?? ''))
  made.run(facts.dueInMs + 2_000)
  assert.is(made.node('p1').engine.explain('p3', made.now)?.status, 'dead')
})

scenarios.run()
