import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Simulation, type SimulationOptions } from '../../src/sim/index.ts'
import { codeOf } from './harness/code-of.ts'
import { recordsOn } from './harness/records.ts'

const disturbances = suite('disturbances by hand')

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

disturbances('a way that is cut closes both ways or one, until it is mended', () => {
  const open = { ab: true, ba: true }
  const heard = (act: (simulation: Simulation) => void): { ab: boolean; ba: boolean } => {
    const simulation = new Simulation({ peers: ['a', 'b'] })
    simulation.settle({ maxRounds: 20 })
    act(simulation)
    simulation.set('a', 'k', 1)
    simulation.set('b', 'k', 1)
    simulation.runRounds(5)
    return { ab: simulation.get('b', 'a', 'k') === 1, ba: simulation.get('a', 'b', 'k') === 1 }
  }
  assert.equal(
    heard(() => {}),
    open,
  )
  const both = { oneWay: true }
  assert.equal(
    heard((simulation) => simulation.cut('a', 'b')),
    { ab: false, ba: false },
  )
  assert.equal(
    heard((simulation) => {
      simulation.cut('a', 'b')
      simulation.mend('b', 'a')
    }),
    open,
  )
  // An answer needs the way back: b hears a's digest, asks, and is not heard.
  assert.equal(
    heard((simulation) => simulation.cut('b', 'a', both)),
    { ab: false, ba: false },
  )
  const simulation = settled()
  simulation.cut('p0', 'p1')
  simulation.mend('p0', 'p1', both)
  const { cut } = simulation.stats.network
  for (const name of ['p2', 'p3']) simulation.crash(name)
  simulation.runRounds(3)
  assert.ok(simulation.stats.network.cut > cut)
})

disturbances('a cut of one way is told from one of both by what arrives', () => {
  const lines: string[] = []
  const simulation = new Simulation({ peers: ['a', 'b'], trace: (line) => lines.push(line) })
  simulation.runRounds(3)
  simulation.cut('a', 'b', { oneWay: true })
  simulation.run(100)
  lines.length = 0
  simulation.runRounds(5)
  const arrived = recordsOn(lines, 'arrived')
  assert.ok(arrived.length > 0)
  assert.ok(arrived.every((record) => record['from'] === 'b'))
})

disturbances('parts of a partition go on by themselves, and are one again when healed', () => {
  const simulation = settled({ peers: 6 })
  simulation.partition(['p0', 'p1', 'p2'], ['p3', 'p4'])
  simulation.set('p0', 'here', 1)
  simulation.runRounds(8)
  assert.equal(whoReads(simulation, 'p0', 'here').slice(0, 3), [1, 1, 1])
  assert.is(simulation.get('p5', 'p0', 'here'), 1, 'whoever is in no part reaches everybody')
  simulation.crash('p5')
  simulation.set('p0', 'there', 1)
  simulation.runRounds(8)
  assert.equal(whoReads(simulation, 'p0', 'there'), [1, 1, 1, undefined, undefined])
  simulation.heal()
  simulation.runRounds(10)
  assert.equal(whoReads(simulation, 'p0', 'there'), [1, 1, 1, 1, 1])
})

disturbances('a stalled machine does nothing and misses nothing', () => {
  const simulation = settled()
  simulation.stall('p3', 10_000)
  simulation.set('p1', 'k', 'meanwhile')
  simulation.run(9_999)
  assert.is(simulation.get('p3', 'p1', 'k'), 'v')
  simulation.run(100)
  assert.is(simulation.get('p3', 'p1', 'k'), 'meanwhile')
})

disturbances('of two stalls the longer counts, and whoever crashes in one is free of it', () => {
  const simulation = settled()
  simulation.stall('p3', 10_000)
  simulation.stall('p3', 2_000)
  simulation.set('p1', 'k', 'meanwhile')
  simulation.run(9_999)
  assert.is(simulation.get('p3', 'p1', 'k'), 'v')
  simulation.stall('p2', 1_000_000)
  simulation.crash('p2')
  simulation.restart('p2')
  simulation.runRounds(10)
  assert.is(simulation.get('p2', 'p1', 'k'), 'meanwhile')
})

disturbances('an end of a stall that came early does not end the next one', () => {
  const simulation = settled()
  simulation.stall('p3', 10_000)
  simulation.calm()
  simulation.stall('p3', 20_000)
  simulation.set('p1', 'k', 'meanwhile')
  simulation.run(19_999)
  assert.is(simulation.get('p3', 'p1', 'k'), 'v')
  simulation.run(100)
  assert.is(simulation.get('p3', 'p1', 'k'), 'meanwhile')
})

disturbances('conditions of the network that are not named stay', () => {
  const simulation = settled({ network: { latencyMs: 5, maxMessageBytes: 100_000 } })
  simulation.setNetwork({ lossChance: 1 })
  simulation.set('p1', 'k', 'lost')
  simulation.runRounds(5)
  assert.is(simulation.get('p0', 'p1', 'k'), 'v')
  simulation.setNetwork({ latencyMs: 6 })
  simulation.runRounds(5)
  assert.is(simulation.get('p0', 'p1', 'k'), 'v')
  simulation.setNetwork({ lossChance: 0 })
  simulation.runRounds(5)
  assert.is(simulation.get('p0', 'p1', 'k'), 'lost')
})

disturbances('calm ends what was done by hand, but starts and ends no process', () => {
  const simulation = settled({ network: { lossChance: 0.1, maxMessageBytes: 50_000 } })
  simulation.cut('p0', 'p1')
  simulation.partition(['p0'], ['p3'])
  simulation.setNetwork({ lossChance: 1, duplicateChance: 1, corruptChance: 1, maxMessageBytes: 600, latencyMs: 5_000 })
  simulation.stall('p3', 1_000_000)
  simulation.crash('p2')
  simulation.calm()
  simulation.run(5_000)
  assert.is(simulation.status('p2'), 'down')
  const twin = simulation.twin('p2')
  simulation.calm()
  assert.is(simulation.status(twin), 'up')
  simulation.crash(twin)
  const before = simulation.stats.network
  simulation.set('p1', 'k', 'calm')
  simulation.runRounds(6)
  assert.equal(whoReads(simulation, 'p1', 'k'), ['calm', 'calm', 'calm'])
  const after = simulation.stats.network
  for (const kind of ['lost', 'cut', 'duplicated', 'corrupted', 'tooLarge'] as const) {
    assert.is(after[kind], before[kind], kind)
  }
})

disturbances('settling says how many rounds it took, and who lacks what when it does not come', () => {
  const simulation = settled()
  assert.is(simulation.settle(), 0)
  simulation.set('p1', 'k', 'late')
  assert.ok(simulation.settle() > 0)
  simulation.set('p1', 'k', 'too late')
  try {
    simulation.settle({ maxRounds: 0 })
    assert.unreachable()
  } catch (error) {
    assert.instance(error, Error)
    assert.match(String(error), /not reached within 0 rounds\n {2}p0: p1 stands at generation/)
    assert.match(String(error), `seed 1, `)
    assert.match(String(error), simulation.traceHash)
    assert.is(
      codeOf(() => simulation.settle({ maxRounds: 0 })),
      'GOSSIP_SIM_NOT_REACHED',
    )
  }
})

disturbances('waiting looks before the first round and after each', () => {
  const simulation = settled()
  assert.is(
    simulation.runUntil(() => true, { maxRounds: 0 }),
    0,
  )
  const start = simulation.now
  assert.is(
    simulation.runUntil(() => simulation.now >= start + 3_000, { maxRounds: 3 }),
    3,
  )
  assert.is(
    codeOf(() => simulation.runUntil(() => false, { maxRounds: 4 })),
    'GOSSIP_SIM_NOT_REACHED',
  )
  assert.is(simulation.now, start + 7_000)
})

disturbances('time passes as it is told, whatever happens in it', () => {
  const simulation = settled({ engine: { gossipIntervalMs: 200 } })
  const start = simulation.now
  assert.is(simulation.intervalMs, 200)
  simulation.run(0)
  simulation.run(33.5)
  simulation.runRounds(2.5)
  assert.is(simulation.now, start + 533.5)
  assert.is(simulation.stats.rounds, simulation.now / 200)
})

disturbances.run()
