import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Simulation, type SimulationOptions } from '../../src/sim/index.ts'
import { recordsOn } from './harness/records.ts'

const simulations = suite('simulation')

const DRIVES = ['engine', 'driver'] as const

/** Settled, with `k` of `p1` everywhere. */
function settled(options: SimulationOptions = {}): Simulation {
  const simulation = new Simulation({ peers: 4, ...options })
  simulation.set('p1', 'k', 'v')
  simulation.settle({ maxRounds: 60 })
  return simulation
}

function whoReads(simulation: Simulation, owner: string, key: string): readonly unknown[] {
  return simulation.names
    .filter((name) => simulation.status(name) === 'up')
    .map((name) => simulation.get(name, owner, key))
}

simulations('what is set is read by its owner at once and by everybody soon, and says whether it changed', () => {
  for (const drive of DRIVES) {
    const simulation = new Simulation({ peers: 4, drive })
    assert.ok(simulation.set('p1', 'k', { deep: [1] }))
    assert.not(simulation.set('p1', 'k', { deep: [1] }))
    assert.equal(whoReads(simulation, 'p1', 'k'), [undefined, { deep: [1] }, undefined, undefined])
    simulation.runRounds(10)
    assert.equal(whoReads(simulation, 'p1', 'k'), Array(4).fill({ deep: [1] }))
    assert.equal([...simulation.entries('p3', 'p1')], [['k', { deep: [1] }]])
  }
})

simulations('what is deleted goes everywhere, and deleting says whether there was anything', () => {
  for (const drive of DRIVES) {
    const simulation = settled({ drive })
    assert.ok(simulation.delete('p1', 'k'))
    assert.not(simulation.delete('p1', 'k'))
    assert.not(simulation.delete('p1', 'never'))
    simulation.runRounds(10)
    assert.equal(whoReads(simulation, 'p1', 'k'), Array(4).fill(undefined))
  }
})

simulations('a lease lapses everywhere, after its time and not before', () => {
  for (const drive of DRIVES) {
    const simulation = settled({ drive })
    simulation.set('p1', 'leased', 1, { ttlMs: 20_000 })
    simulation.run(19_900)
    assert.equal(whoReads(simulation, 'p1', 'leased'), Array(4).fill(1))
    simulation.run(2_000)
    assert.equal(whoReads(simulation, 'p1', 'leased'), Array(4).fill(undefined))
  }
})

simulations('a lease does not outlive its process', () => {
  const simulation = settled()
  simulation.set('p1', 'k', 'leased', { ttlMs: 1_000_000 })
  simulation.crash('p1')
  simulation.restart('p1')
  assert.is(simulation.get('p1', 'p1', 'k'), undefined)
})

simulations('whoever joins is told everything, by its seeds or by the first peer', () => {
  for (const drive of DRIVES) {
    const simulation = settled({ drive })
    simulation.join('late')
    simulation.join({ id: 'later', seeds: ['late'] })
    simulation.join({ id: 'alone', seeds: [] })
    assert.equal(simulation.names.slice(4), ['late', 'later', 'alone'])
    simulation.runRounds(15)
    assert.is(simulation.get('late', 'p1', 'k'), 'v')
    assert.is(simulation.get('later', 'p1', 'k'), 'v')
    assert.is(simulation.opinion('p2', 'later'), 'live')
    assert.is(simulation.opinion('alone', 'p0'), undefined)
  }
})

simulations('whoever leaves is known to have left, and nobody calls it dead', () => {
  for (const drive of DRIVES) {
    const simulation = settled({ drive })
    simulation.leave('p2')
    assert.is(simulation.status('p2'), 'leaving')
    simulation.runRounds(4)
    assert.is(simulation.status('p2'), 'left')
    simulation.runRounds(60)
    assert.equal(
      ['p0', 'p1', 'p3'].map((name) => simulation.opinion(name, 'p2')),
      ['left', 'left', 'left'],
    )
    assert.is(simulation.stats.events['peer dead'], undefined)
  }
})

simulations('a goodbye ends as soon as it was taken, whether or not promises may go on meanwhile', async () => {
  const ends: string[] = []
  for (const drive of DRIVES) {
    for (const waits of [false, true]) {
      const simulation = settled({ drive })
      simulation.leave('p2')
      for (let ms = 0; ms < 2_000; ms += 50) {
        simulation.run(50)
        if (waits) await Promise.resolve()
      }
      assert.is(simulation.status('p2'), 'left')
      ends.push(`${drive} ${simulation.traceHash}`)
    }
  }
  assert.is(new Set(ends).size, 2)
})

simulations('whoever leaves where nobody listens ends after three rounds', () => {
  for (const drive of DRIVES) {
    const simulation = settled({ drive })
    simulation.partition(['p2'], ['p0', 'p1', 'p3'])
    simulation.leave('p2')
    simulation.run(2_999)
    assert.is(simulation.status('p2'), 'leaving')
    simulation.run(1)
    assert.is(simulation.status('p2'), 'left')
  }
})

simulations('a goodbye that was cut short does not shorten the next one', () => {
  const simulation = settled()
  simulation.partition(['p2'], ['p0', 'p1', 'p3'])
  simulation.leave('p2')
  simulation.run(1_000)
  simulation.crash('p2')
  simulation.restart('p2')
  simulation.setNetwork({ lossChance: 1 })
  simulation.heal()
  simulation.run(1_000)
  simulation.join({ id: 'near', seeds: ['p2'] })
  simulation.setNetwork({ lossChance: 0 })
  simulation.run(900)
  simulation.setNetwork({ lossChance: 1 })
  simulation.leave('p2')
  simulation.run(2_999)
  assert.is(simulation.status('p2'), 'leaving')
  simulation.run(1)
  assert.is(simulation.status('p2'), 'left')
})

simulations('a crash is silent, and a restart finds what the disk kept', () => {
  for (const drive of DRIVES) {
    for (const disk of ['kept', 'lost'] as const) {
      const simulation = settled({ drive })
      const { sent } = simulation.stats.network
      simulation.crash('p1', { disk })
      assert.is(simulation.status('p1'), 'down')
      assert.is(simulation.stats.network.sent, sent)
      simulation.restart('p1')
      assert.is(simulation.get('p1', 'p1', 'k'), disk === 'kept' ? 'v' : undefined)
      simulation.settle({ maxRounds: 60 })
      assert.equal(whoReads(simulation, 'p1', 'k'), Array(4).fill(disk === 'kept' ? 'v' : undefined))
    }
  }
})

simulations('a torn disk keeps the beginning of what was written', () => {
  const kept = new Set<number>()
  for (let seed = 0; seed < 20; seed++) {
    const simulation = new Simulation({ peers: 1, seed })
    for (let i = 0; i < 9; i++) simulation.set('p0', `k${i}`, i)
    simulation.crash('p0', { disk: 'torn' })
    simulation.restart('p0')
    const values = [...simulation.entries('p0', 'p0').values()]
    assert.equal(
      values,
      Array.from(values, (_, i) => i),
    )
    kept.add(values.length)
  }
  assert.not(kept.has(9))
  assert.ok(kept.size > 4, [...kept].join())
})

simulations('after a lost disk and a clock set back, a peer takes over from its own traces', () => {
  for (const drive of DRIVES) {
    const simulation = settled({ drive })
    simulation.crash('p1', { disk: 'lost' })
    simulation.jumpClock('p1', -3_600_000)
    simulation.restart('p1')
    simulation.set('p1', 'k', 'new')
    simulation.settle({ maxRounds: 60 })
    assert.equal(whoReads(simulation, 'p1', 'k'), Array(4).fill('new'))
  }
})

simulations('a wall clock that jumps moves generations and nothing else', () => {
  const generations = [-3_600_000, 0, 3_600_000].map((ms) => {
    const lines: string[] = []
    const simulation = settled({ trace: (line) => lines.push(line) })
    simulation.jumpClock('p1', ms)
    simulation.runRounds(30)
    assert.ok(simulation.converged())
    simulation.crash('p1', { disk: 'lost' })
    simulation.restart('p1')
    return Number(recordsOn(lines, 'start').at(-1)?.['generation'])
  })
  const [back = 0, same = 0, forth = 0] = generations
  assert.is(same - back, 3_600_000 * 1_024)
  assert.is(forth - same, 3_600_000 * 1_024)
})

simulations('a second process under an id has a name of its own and a copy of the disk', () => {
  const simulation = settled({ peers: ['p0', 'p1', 'p1#2'] })
  const twin = simulation.twin('p1')
  assert.is(twin, 'p1#3')
  assert.is(simulation.twin('p1'), 'p1#4')
  assert.equal(simulation.names, ['p0', 'p1', 'p1#2', 'p1#3', 'p1#4'])
  assert.is(simulation.get(twin, 'p1', 'k'), 'v')
  assert.is(simulation.status('p1#2'), 'up')
  assert.match(simulation.disagreements().join('\n'), 'both run as p1')
})

simulations.run()
