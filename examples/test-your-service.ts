/**
 * How to test a service of your own that replicates through this engine: in virtual time, under faults, from a seed. The
 * service counts votes: every node votes for itself, and every node can tell the sum.
 */

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Gossipmonger } from 'gossipmonger-engine'
import { exploreScenarios, runScenario, Simulation, scenarios } from 'gossipmonger-engine/sim'
import { MemoryNetwork } from 'gossipmonger-engine/transports'

class Votes {
  readonly #node: Gossipmonger

  constructor(node: Gossipmonger) {
    this.#node = node
  }

  vote(count: number): void {
    this.#node.set('votes', count)
  }

  sum(): number {
    const ids = [this.#node.id, ...this.#node.peers().map((peer) => peer.id)]
    return ids.reduce((sum, id) => sum + Number(this.#node.get(id, 'votes') ?? 0), 0)
  }
}

// 1. Your service on five nodes, a bad network, a partition, a crash: no clock but the simulation's own.
const services = new Map<string, Votes>()
const simulation = new Simulation({
  seed: 7,
  peers: 5,
  network: { lossChance: 0.3, duplicateChance: 0.1, latencyMs: { min: 1, max: 2_000 } },
  service: (node) => {
    const votes = new Votes(node)
    services.set(node.id, votes)
    votes.vote(10)
  },
})
simulation.partition(['p0', 'p1'], ['p2', 'p3', 'p4'])
services.get('p3')?.vote(99)
simulation.runRounds(30)
simulation.crash('p4', { disk: 'lost' })
simulation.restart('p4')
const rounds = simulation.settle() // ends all faults; throws, and says who lacks what, if there is no agreement
simulation.check() // throws if anything went wrong on the way: a phantom, a hole, a ghost, a false death …
for (const votes of services.values()) assert.equal(votes.sum(), 139)
console.log(`every node counts 139 votes, ${rounds} rounds after the faults; trace ${simulation.traceHash}`)

// 2. Your options, under random schedules of every kind of fault; the first that fails is shrunk to a few steps.
const { counterexample } = await exploreScenarios({
  seed: 42,
  runs: 25,
  run: (scenario) => runScenario(scenario, { engine: { fanout: 2 } }),
})
assert.equal(counterexample?.report, undefined)

// 3. The same schedules over your own transport, with real nodes in real time.
const network = new MemoryNetwork()
for (const scenario of fc.sample(scenarios.scenario({ peersMax: 3, stepsMax: 6 }), { seed: 1, numRuns: 2 })) {
  await runScenario(scenario, { makeTransport: () => network.transport() })
}
console.log('all schedules hold')
