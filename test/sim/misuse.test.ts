import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Simulation } from '../../src/sim/index.ts'
import { codeOf } from './harness/code-of.ts'

const misuse = suite('misuse of a simulation')

type Act = (simulation: Simulation) => unknown

/** `p0` and `p1` are up, `p2` is down. */
function running(drive: 'engine' | 'driver'): Simulation {
  const simulation = new Simulation({ peers: 3, drive })
  simulation.runRounds(3)
  simulation.crash('p2')
  return simulation
}

const NO_SUCH_PEER: Readonly<Record<string, Act>> = {
  'set of a stranger': (simulation) => simulation.set('x', 'k', 1),
  'set of one that is down': (simulation) => simulation.set('p2', 'k', 1),
  'delete of one that is down': (simulation) => simulation.delete('p2', 'k'),
  'get by one that is down': (simulation) => simulation.get('p2', 'p0', 'k'),
  'entries of a stranger': (simulation) => simulation.entries('x', 'p0'),
  'opinion of a stranger': (simulation) => simulation.opinion('x', 'p0'),
  'status of a stranger': (simulation) => simulation.status('x'),
  'join of one that is up': (simulation) => simulation.join('p0'),
  'join of one that is down': (simulation) => simulation.join('p2'),
  'leave of one that is down': (simulation) => simulation.leave('p2'),
  'crash of one that is down': (simulation) => simulation.crash('p2'),
  'crash of a stranger': (simulation) => simulation.crash('x'),
  'restart of one that is up': (simulation) => simulation.restart('p0'),
  'restart of a stranger': (simulation) => simulation.restart('x'),
  'twin of a stranger': (simulation) => simulation.twin('x'),
  'cut from a stranger': (simulation) => simulation.cut('x', 'p0'),
  'cut to a stranger': (simulation) => simulation.cut('p0', 'x'),
  'mend from a stranger': (simulation) => simulation.mend('x', 'p0'),
  'mend to a stranger': (simulation) => simulation.mend('p0', 'x'),
  'partition with a stranger': (simulation) => simulation.partition(['p0'], ['p1', 'x']),
  'partition with one in two groups': (simulation) => simulation.partition(['p0', 'p1'], ['p1']),
  'stall of one that is down': (simulation) => simulation.stall('p2', 10),
  'clock jump of a stranger': (simulation) => simulation.jumpClock('x', 10),
}

const NO_SUCH_NUMBER: Readonly<Record<string, Act>> = {
  'time that runs backwards': (simulation) => simulation.run(-1),
  'time without a number': (simulation) => simulation.run(Number.NaN),
  'time without end': (simulation) => simulation.run(Number.POSITIVE_INFINITY),
  'rounds that run backwards': (simulation) => simulation.runRounds(-1),
  'waiting without end': (simulation) => simulation.runUntil(() => false, { maxRounds: Number.POSITIVE_INFINITY }),
  'waiting for no number of rounds': (simulation) => simulation.runUntil(() => false, { maxRounds: Number.NaN }),
  'settling in less than no time': (simulation) => simulation.settle({ maxRounds: -1 }),
  'a stall that ends before it begins': (simulation) => simulation.stall('p0', -1),
  'a stall without end': (simulation) => simulation.stall('p0', Number.POSITIVE_INFINITY),
  'a clock that jumps nowhere': (simulation) => simulation.jumpClock('p0', Number.NaN),
  'a clock that jumps out of all numbers': (simulation) => simulation.jumpClock('p0', 1e15),
  'a lease that has lapsed': (simulation) => simulation.set('p0', 'k', 1, { ttlMs: 0 }),
  'a lease of no length': (simulation) => simulation.set('p0', 'k', 1, { ttlMs: Number.NaN }),
  'a lease beyond the longest': (simulation) => simulation.set('p0', 'k', 1, { ttlMs: 2 ** 43 + 1 }),
  'a chance above 1': (simulation) => simulation.setNetwork({ lossChance: 2 }),
  'an unknown condition': (simulation) => simulation.setNetwork({ lossRate: 0.1 } as object),
  'an encoding that comes too late': (simulation) => simulation.setNetwork({ encoding: 'none' } as object),
  'a latency that is none': (simulation) => simulation.setNetwork({ lossChance: 0.5, latencyMs: -1 }),
  'a peer without a name': (simulation) => simulation.join(''),
  'a peer with unknown facts': (simulation) => simulation.join({ id: 'x', port: 1 } as { id: string }),
}

const REFUSED_BY_THE_NODE: Readonly<Record<string, readonly [Act, string]>> = {
  'no JSON': [(simulation) => simulation.set('p0', 'k', Number.NaN), 'GOSSIP_VALUE_INVALID'],
  'no key': [(simulation) => simulation.set('p0', '', 1), 'GOSSIP_VALUE_INVALID'],
  'no key to delete': [(simulation) => simulation.delete('p0', ''), 'GOSSIP_VALUE_INVALID'],
  'too large': [(simulation) => simulation.set('p0', 'k', 'x'.repeat(70_000)), 'GOSSIP_VALUE_TOO_LARGE'],
}

function assertRefused(what: string, act: Act, code: string): void {
  for (const drive of ['engine', 'driver'] as const) {
    const simulation = running(drive)
    const { now, traceHash, names } = simulation
    assert.is(
      codeOf(() => act(simulation)),
      code,
      `${what}, ${drive}`,
    )
    assert.equal([simulation.now, simulation.traceHash, simulation.names], [now, traceHash, names], what)
    // What would have been changed unnoticed shows in what follows.
    const untouched = running(drive)
    for (const each of [simulation, untouched]) each.runRounds(5)
    assert.is(simulation.traceHash, untouched.traceHash, `${what}, ${drive}, 5 rounds later`)
  }
}

misuse('peers that are not there, or not in a state for it, are refused, and nothing is done', () => {
  for (const [what, act] of Object.entries(NO_SUCH_PEER)) assertRefused(what, act, 'GOSSIP_SIM_PEER')
})

misuse('numbers and options out of their ranges are refused, and nothing is done', () => {
  for (const [what, act] of Object.entries(NO_SUCH_NUMBER)) assertRefused(what, act, 'GOSSIP_OPTION_INVALID')
})

misuse('what a node refuses is not written down anywhere', () => {
  for (const [what, [act, code]] of Object.entries(REFUSED_BY_THE_NODE)) assertRefused(what, act, code)
})

misuse('a refusal names the peer, and who there is', () => {
  const simulation = new Simulation({ peers: ['a', 'b'] })
  assert.throws(() => simulation.set('c', 'k', 1), 'peer "c" is unknown; there are a, b')
  simulation.crash('a')
  assert.throws(() => simulation.set('a', 'k', 1), 'peer "a" is not up: down')
})

misuse.run()
