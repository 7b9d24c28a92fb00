/** Rings on simulated clusters: whatever happens on the way, all agree once it is over. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { System } from '../../src/core/index.ts'
import { Ring } from '../../src/ring/index.ts'
import { Simulation, type SimulationOptions } from '../../src/sim/index.ts'

const S = 1_000
const VALUES = Array.from({ length: 60 }, (_, index) => `value ${index}`)
const LASTING = { everyMs: { mean: 15 * S, max: 40 * S }, forMs: { mean: 10 * S, max: 40 * S } }

const agreement = suite('ring: agreement')

interface Ringed {
  readonly simulation: Simulation
  /** The ring of a peer's present life. */
  readonly ring: (name: string) => Ring
  readonly told: { readonly name: string; readonly event: string }[]
}

function ringed(options: SimulationOptions): Ringed {
  const rings = new Map<string, Ring>()
  const told: { name: string; event: string }[] = []
  const service: SimulationOptions['service'] = (node, system: System) => {
    const ring = new Ring(node, { system, serviceIntervalMs: '10s' })
    ring.on('members', () => told.push({ name: node.id, event: 'members' }))
    ring.on('status::*', ({ to }) => told.push({ name: node.id, event: to }))
    ring.on('environment::*', (_, which) => told.push({ name: node.id, event: which }))
    rings.set(node.id, ring)
  }
  const simulation = new Simulation({ ...options, service })
  return { simulation, told, ring: (name) => rings.get(name) as Ring }
}

function up({ simulation }: Ringed): string[] {
  return simulation.names.filter((name) => simulation.status(name) === 'up')
}

/** These peers, and nobody else, form one ring: the same owners everywhere, all of them owners, one circle. */
function assertOneRing({ ring }: Ringed, names: readonly string[]): void {
  const sorted = [...names].sort()
  for (const name of names) assert.equal([...ring(name).members].sort(), sorted, `the ring of ${name}`)
  for (const value of VALUES) {
    const named = names.map((name) =>
      ring(name)
        .ownersOf(value, 3)
        .map(({ peer }) => peer.id)
        .join(),
    )
    assert.is(new Set(named).size, 1, `${value}: ${named.join(' | ')}`)
    assert.is(names.filter((name) => ring(name).isResponsibleFor(value)).length, 1, value)
  }
  for (const name of names) {
    const { successor } = ring(name)
    if (names.length > 1) assert.is(ring(successor?.id ?? '').predecessor?.id, name)
    else assert.is(successor, undefined)
  }
}

agreement('S4.11 S4.12 S4.13 after loss, a partition, crashes and restarts all agree', () => {
  for (let seed = 1; seed <= 2; seed++) {
    const cluster = ringed({ seed, peers: 6, network: { lossChance: 0.3, duplicateChance: 0.1, reorderChance: 0.1 } })
    const { simulation } = cluster
    simulation.runRounds(20)
    simulation.partition(['p0', 'p1'], ['p2', 'p3', 'p4', 'p5'])
    simulation.runRounds(60)
    simulation.crash('p5')
    simulation.crash('p1', { disk: 'lost' })
    simulation.runRounds(10)
    simulation.restart('p1')
    simulation.leave('p4')
    simulation.runRounds(40)
    simulation.settle()
    assertOneRing(cluster, ['p0', 'p1', 'p2', 'p3'])
    simulation.restart('p5')
    simulation.restart('p4')
    simulation.settle()
    assertOneRing(cluster, up(cluster))
    assert.is(up(cluster).length, 6)
    simulation.check()
  }
})

agreement('S4.11 after faults by chance of every kind that leaves ids alone, all agree', () => {
  let changes = 0
  for (let seed = 1; seed <= 3; seed++) {
    const cluster = ringed({
      seed,
      peers: 7,
      network: { lossChance: 0.2 },
      faults: { cuts: LASTING, partitions: LASTING, crashes: LASTING, stalls: LASTING },
    })
    const { simulation } = cluster
    simulation.runRounds(150)
    simulation.settle()
    assertOneRing(cluster, up(cluster))
    simulation.check()
    changes += cluster.told.filter(({ event }) => event === 'members').length
  }
  assert.ok(changes > 50, `the faults were felt: ${changes} changes`)
})

agreement('S4.8 either side of a partition is a ring of its own, and both are one when it heals', () => {
  const cluster = ringed({ peers: 5 })
  const { simulation, ring } = cluster
  const [left, right] = [
    ['p0', 'p1'],
    ['p2', 'p3', 'p4'],
  ] as const
  simulation.settle()
  simulation.partition(left, right)
  simulation.runRounds(80)
  assertOneRing(cluster, left)
  assertOneRing(cluster, right)
  for (const name of simulation.names) assert.is(ring(name).status(), 'joined')
  simulation.settle()
  assertOneRing(cluster, simulation.names)
})

agreement('S4.6 a node cut off for longer than anybody is remembered comes back by its seed', () => {
  const cluster = ringed({ peers: 4, engine: { deadPeerGracePeriodMs: 60 * S, tombstoneGraceMs: 30 * S } })
  const { simulation, ring } = cluster
  simulation.settle()
  simulation.partition(['p3'], ['p0', 'p1', 'p2'])
  simulation.runRounds(300)
  assert.is(ring('p3').status(), 'lonely')
  assert.equal(
    ring('p3')
      .wellKnownPeers.get()
      .map(({ id }) => id),
    ['p3'],
    'it knows nobody any more',
  )
  assert.is(simulation.opinion('p0', 'p3'), undefined, 'nor does anybody know it')
  simulation.settle()
  assertOneRing(cluster, simulation.names)
  simulation.runRounds(12)
  assert.is(ring('p3').status(), 'joined')
})

agreement('S4.9 S4.13 a quiet cluster tells nothing', () => {
  const { simulation, told } = ringed({ peers: 5, network: { lossChance: 0.1 } })
  simulation.settle()
  simulation.runRounds(15)
  assert.ok(told.some(({ event }) => event === 'joined') && told.some(({ event }) => event === 'successor'))
  told.splice(0)
  simulation.runRounds(100)
  assert.equal(told, [])
})

agreement('S4.8 S4.9 the sole survivor of a crash of all others is lonely, and joined when they are back', () => {
  const { simulation, told, ring } = ringed({ peers: 3 })
  simulation.settle()
  for (const name of ['p1', 'p2']) simulation.crash(name)
  simulation.runRounds(40)
  assert.is(ring('p0').status(), 'lonely')
  for (const name of ['p1', 'p2']) simulation.restart(name)
  simulation.settle()
  simulation.runRounds(12)
  const own = told.flatMap(({ name, event }) => (name === 'p0' && /lonely|joined/.test(event) ? [event] : []))
  assert.equal(own.slice(-2), ['lonely', 'joined'])
})

agreement.run()
