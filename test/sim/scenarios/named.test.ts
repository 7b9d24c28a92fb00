import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue } from '../../../src/core/index.ts'
import { Simulation, type SimulationOptions } from '../../../src/sim/index.ts'
import { recordsOn } from '../harness/records.ts'

const scenarios = suite('scenarios with a name')

const S = 1_000

type Told = Readonly<Record<string, JsonValue>>

/** A settled cluster, and what its nodes tell from then on. */
function cluster(options: SimulationOptions): { simulation: Simulation; told: (type: string) => readonly Told[] } {
  const lines: string[] = []
  const simulation = new Simulation({ trace: (line) => lines.push(line), ...options })
  for (const name of simulation.names) simulation.set(name, 'k', name)
  simulation.settle({ maxRounds: 60 })
  lines.length = 0
  return { simulation, told: (type) => recordsOn(lines, 'event').filter((event) => event['type'] === type) }
}

scenarios('a partition longer than the grace heals without ghosts', () => {
  const { simulation, told } = cluster({
    peers: 6,
    engine: { deadPeerGracePeriodMs: 60 * S, tombstoneGraceMs: 30 * S },
  })
  simulation.partition(['p0', 'p1', 'p2'], ['p3', 'p4', 'p5'])
  simulation.delete('p1', 'k')
  simulation.crash('p5')
  simulation.runRounds(150)
  for (const name of ['p3', 'p4', 'p5']) assert.is(simulation.opinion('p0', name), undefined, `p0 has removed ${name}`)
  const [removed, before] = [told('peer removed').length, told('new peer').length]
  assert.is(removed, 3 * 3 + 2 * 4)
  simulation.heal()
  for (let round = 0; round < 60; round++) {
    simulation.runRounds(1)
    for (const reader of ['p0', 'p2', 'p3', 'p4']) assert.is(simulation.get(reader, 'p1', 'k'), undefined)
  }
  assert.ok(simulation.converged(), simulation.disagreements().join())
  const back = told('new peer').slice(before)
  assert.ok(back.length > 0)
  assert.not(
    back.some((event) => event['peerId'] === 'p5'),
    'nobody has heard of p5 again',
  )
})

scenarios('a way that is closed in one direction makes nobody believe in a death', () => {
  const { simulation, told } = cluster({ peers: 5 })
  simulation.cut('p1', 'p2', { oneWay: true })
  simulation.set('p1', 'k', 'by way of others')
  simulation.runRounds(200)
  assert.equal(told('peer dead'), [])
  assert.is(simulation.get('p2', 'p1', 'k'), 'by way of others')
})

scenarios('of two alone, the deaf one calls the other dead, and takes it back when it hears again', () => {
  const { simulation, told } = cluster({ peers: 2 })
  simulation.cut('p1', 'p0', { oneWay: true })
  simulation.runRounds(60)
  assert.is(simulation.opinion('p0', 'p1'), 'dead')
  simulation.mend('p1', 'p0')
  simulation.runUntil(() => simulation.converged(), { maxRounds: 10 })
  const dead = told('peer dead').length
  simulation.runRounds(60)
  assert.is(told('peer dead').length, dead)
})

scenarios('a torn disk and a clock set back an hour end in a takeover, and everybody agrees', () => {
  for (let seed = 0; seed < 5; seed++) {
    const { simulation, told } = cluster({ peers: 4, seed })
    for (let i = 0; i < 5; i++) simulation.set('p1', `k${i}`, i)
    simulation.settle({ maxRounds: 30 })
    simulation.jumpClock('p1', -3_600 * S)
    simulation.crash('p1', { disk: 'torn' })
    simulation.restart('p1')
    simulation.set('p1', 'after', true)
    simulation.settle({ maxRounds: 30 })
    const own = JSON.stringify([...simulation.entries('p1', 'p1')].sort())
    for (const reader of ['p0', 'p2', 'p3']) {
      assert.is(JSON.stringify([...simulation.entries(reader, 'p1')].sort()), own)
    }
    assert.ok(told('generation').length >= 1)
    assert.equal(told('conflict'), [])
  }
})

scenarios('a node that wakes from a long stall calls nobody dead, though all others called it so', () => {
  for (let seed = 0; seed < 3; seed++) {
    const { simulation, told } = cluster({ peers: 5, seed })
    // No mail waits, and none comes for a while: only that it slept itself keeps it from calling all others dead.
    simulation.partition(['p2'], ['p0', 'p1', 'p3', 'p4'])
    simulation.stall('p2', 120 * S)
    simulation.runRounds(119)
    assert.equal(
      ['p0', 'p1', 'p3', 'p4'].map((name) => simulation.opinion(name, 'p2')),
      Array(4).fill('dead'),
    )
    simulation.runRounds(6)
    simulation.heal()
    simulation.runRounds(100)
    assert.ok(simulation.converged())
    assert.equal(
      told('peer dead').filter((event) => event['node'] === 'p2'),
      [],
    )
  }
})

scenarios('a node that leaves is never called dead, even where every fifth message is lost', () => {
  for (let seed = 0; seed < 5; seed++) {
    const { simulation, told } = cluster({ peers: 6, seed, network: { lossChance: 0.2 } })
    simulation.setNetwork({ lossChance: 0.2 })
    simulation.leave('p3')
    simulation.runRounds(60)
    assert.equal(told('peer dead'), [])
    assert.is(told('peer left').length, 5)
    assert.is(simulation.status('p3'), 'left')
  }
})

scenarios('of two processes under one id that both meet the cluster, one stops and the other is agreed upon', () => {
  for (const drive of ['engine', 'driver'] as const) {
    const { simulation, told } = cluster({ peers: 4, drive })
    const twin = simulation.twin('p1')
    simulation.runUntil(() => simulation.stats.events['conflict'] === 1, { maxRounds: 60 })
    simulation.runUntil(() => simulation.converged(), { maxRounds: 60 })
    const [conflict] = told('conflict')
    assert.ok(conflict?.['node'] === 'p1' || conflict?.['node'] === twin)
    simulation.runRounds(60)
    assert.is(told('conflict').length, 1)
  }
})

scenarios('bare engines and whole nodes come to the same end', () => {
  const ends = (['engine', 'driver'] as const).map((drive) => {
    const { simulation } = cluster({ peers: 5, drive, engine: { deadPeerGracePeriodMs: 60 * S } })
    simulation.partition(['p0', 'p1'], ['p2', 'p3', 'p4'])
    simulation.set('p1', 'k', 'parted')
    simulation.set('p3', 'leased', 1, { ttlMs: 10 * S })
    simulation.runRounds(20)
    simulation.crash('p4', { disk: 'lost' })
    simulation.leave('p2')
    simulation.runRounds(10)
    simulation.restart('p4')
    simulation.set('p4', 'new', [])
    simulation.delete('p0', 'k')
    simulation.join('late')
    simulation.settle({ maxRounds: 100 })
    const readers = simulation.names.filter((name) => simulation.status(name) === 'up')
    return readers.map((reader) => [
      reader,
      simulation.opinion(reader, 'p2'),
      ...simulation.names.map((owner) => [...simulation.entries(reader, owner)].sort()),
    ])
  })
  assert.equal(ends[0], ends[1])
  assert.is(ends[0]?.length, 5)
})

scenarios.run()
