import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidOptionError } from '../../src/core/index.ts'
import { Simulation, type SimulationOptions } from '../../src/sim/index.ts'
import { resolveSimulationOptions } from '../../src/sim/options.ts'

const options = suite('simulation options')

/** What is wrong, and the name by which it is refused. */
const WRONG: readonly (readonly [unknown, string])[] = [
  [5, 'options'],
  [{ seeed: 1 }, 'options.seeed'],
  [{ seed: 1.5 }, 'seed'],
  [{ seed: '1' }, 'seed'],
  [{ seed: 2 ** 53 }, 'seed'],
  [{ peers: -1 }, 'peers'],
  [{ peers: 1.5 }, 'peers'],
  [{ peers: 100_001 }, 'peers'],
  [{ peers: 'p0' }, 'peers'],
  [{ peers: ['a', 'a'] }, 'peers'],
  [{ peers: ['a', ''] }, 'peers[1].id'],
  [{ peers: [7] }, 'peers[0]'],
  [{ peers: [{ id: 'a', seed: [] }] }, 'peers[0].seed'],
  [{ peers: [{ id: 'a', seeds: 'b' }] }, 'peers[0].seeds'],
  [{ peers: [{ id: 'a', seeds: [''] }] }, 'peers[0].seeds'],
  [{ peers: [{ id: 'a', isFirstGeneration: 1 }] }, 'peers[0].isFirstGeneration'],
  [{ engine: null }, 'options'],
  [{ engine: { fanOut: 3 } }, 'fanOut'],
  [{ engine: { fanout: 0 } }, 'fanout'],
  [{ engine: { seeds: ['p0'] } }, 'engine.seeds'],
  [{ network: 5 }, 'network'],
  [{ network: { lossRate: 0.1 } }, 'network.lossRate'],
  [{ network: { lossChance: 1.1 } }, 'network.lossChance'],
  [{ network: { duplicateChance: -0.1 } }, 'network.duplicateChance'],
  [{ network: { reorderChance: '0' } }, 'network.reorderChance'],
  [{ network: { corruptChance: Number.NaN } }, 'network.corruptChance'],
  [{ network: { latencyMs: { min: 3, max: 2 } } }, 'network.latencyMs'],
  [{ network: { reorderMs: -1 } }, 'network.reorderMs'],
  [{ network: { maxMessageBytes: 511 } }, 'network.maxMessageBytes'],
  [{ network: { encoding: 'binary' } }, 'network.encoding'],
  [{ drift: 0.6 }, 'drift'],
  [{ drift: { min: -0.6, max: 0 } }, 'drift'],
  [{ drive: 'thread' }, 'drive'],
  [{ peers: [{ id: 'a', isFirstGeneration: true }], drive: 'engine' }, 'drive'],
  [{ checks: true }, 'checks'],
  [{ trace: 'file' }, 'trace'],
  [{ faults: [] }, 'faults'],
  [{ faults: { fires: {} } }, 'faults.fires'],
  [{ faults: { cuts: null } }, 'faults.cuts'],
  [{ faults: { cuts: { forMs: 1 } } }, 'faults.cuts.everyMs'],
  [{ faults: { cuts: { everyMs: 1 } } }, 'faults.cuts.forMs'],
  [{ faults: { cuts: { everyMs: 0, forMs: 1 } } }, 'faults.cuts.everyMs'],
  [{ faults: { cuts: { everyMs: 1, forMs: 1, byMs: 1 } } }, 'faults.cuts.byMs'],
  [{ faults: { crashes: { everyMs: 1, forMs: 1, disk: [] } } }, 'faults.crashes.disk'],
  [{ faults: { crashes: { everyMs: 1, forMs: 1, disk: null } } }, 'faults.crashes.disk'],
  [{ faults: { crashes: { everyMs: 1, forMs: 1, disk: ['burnt'] } } }, 'faults.crashes.disk'],
  [{ faults: { clockJumps: { everyMs: 1 } } }, 'faults.clockJumps.byMs'],
  [{ faults: { clockJumps: { everyMs: 1, byMs: 1, forMs: 1 } } }, 'faults.clockJumps.forMs'],
  [{ faults: { messageLimits: { everyMs: 1, forMs: 1, bytes: 511 } } }, 'faults.messageLimits.bytes'],
  [{ faults: { corruption: { everyMs: 1, forMs: 1, chance: 2 } } }, 'faults.corruption.chance'],
]

options('what is unknown, mistyped or out of range is refused by its name', () => {
  for (const [value, name] of WRONG) {
    assert.throws(
      () => new Simulation(value as SimulationOptions),
      (error: unknown) => error instanceof InvalidOptionError && error.message.includes(name),
      `${JSON.stringify(value)} is refused as ${name}`,
    )
  }
})

options('without any, there are five peers in a calm network', () => {
  for (const loose of [undefined, {}]) {
    const resolved = resolveSimulationOptions(loose)
    assert.equal(
      resolved.peers.map(({ id }) => id),
      ['p0', 'p1', 'p2', 'p3', 'p4'],
    )
    const { seed, encoding, faults, drift, drive, checks, trace, conditions } = resolved
    assert.equal(
      [seed, encoding, faults, drift, drive, checks, trace],
      [1, 'json', {}, 0, 'engine', 'throw', undefined],
    )
    assert.equal([conditions.lossChance, conditions.maxMessageBytes], [0, 4_194_304])
  }
})

options('undefined is the same as nothing said', () => {
  const said = { seed: undefined, engine: undefined, network: { lossChance: undefined }, faults: { cuts: undefined } }
  assert.equal(resolveSimulationOptions(said as unknown as SimulationOptions), resolveSimulationOptions({}))
})

options('no peers at all, one alone, and each with seeds of its own are all fine', () => {
  assert.equal(new Simulation({ peers: 0 }).names, [])
  const alone = new Simulation({ peers: 1 })
  alone.runRounds(3)
  assert.ok(alone.converged())
  const chain = new Simulation({
    peers: ['a', { id: 'b', seeds: ['a'] }, { id: 'c', seeds: ['b'] }, { id: 'd', seeds: [] }],
  })
  chain.runRounds(40)
  assert.equal(
    ['a', 'b', 'd'].map((id) => chain.opinion('c', id)),
    ['live', 'live', undefined],
  )
})

options('first-generation peers make whole nodes of the others', () => {
  assert.is(resolveSimulationOptions({ peers: ['a', { id: 'b', isFirstGeneration: true }] }).drive, 'driver')
})

options('an encoding of none hands payloads over unmeasured', () => {
  const simulation = new Simulation({ network: { encoding: 'none' } })
  simulation.runRounds(5)
  const { sent, sentBytes } = simulation.stats.network
  assert.ok(sent > 0)
  assert.is(sentBytes, 0)
  const measured = new Simulation({})
  measured.runRounds(5)
  assert.ok(measured.stats.network.sentBytes > 0)
})

options.run()
