/**
 * Courses of events made by hand: each is the shortest way to see a rule at work that scenarios by chance seldom or never
 * come to, because their peers all know the same seed, or because they may take their time.
 */

import type * as Sim from '../../src/sim/index.ts'

/** One course of events; it throws what a simulation throws. */
export interface Drill {
  readonly name: string
  readonly play: (sim: typeof Sim) => void
}

/** A verdict takes 18.4 intervals. */
const VERDICT_ROUNDS = 30

/** All of them, the quick ones first. */
export const DRILLS: readonly Drill[] = [
  {
    name: 'news is everywhere within a few rounds',
    play: ({ Simulation }) => {
      const simulation = new Simulation({ seed: 11, peers: 12, engine: { fanout: 1 } })
      simulation.settle({ maxRounds: 20 })
      simulation.set('p3', 'key', 'value')
      simulation.settle({ maxRounds: 12 })
      simulation.check()
    },
  },
  {
    name: 'a crash is noticed in time, and nobody else is suspected',
    play: ({ Simulation }) => {
      const simulation = new Simulation({ seed: 12, peers: 8 })
      simulation.runRounds(60)
      simulation.crash('p5')
      simulation.settle({ maxRounds: VERDICT_ROUNDS })
      simulation.runRounds(120)
      simulation.check()
    },
  },
  {
    name: 'who took each other for dead meet again without a seed',
    play: ({ Simulation }) => {
      const peers = [
        { id: 'ada', seeds: [] },
        { id: 'bob', seeds: [] },
        { id: 'eve', seeds: ['ada', 'bob'] },
      ]
      const simulation = new Simulation({ seed: 13, peers })
      simulation.settle({ maxRounds: 20 })
      simulation.partition(['ada', 'eve'], ['bob'])
      simulation.runRounds(2 * VERDICT_ROUNDS)
      simulation.leave('eve')
      simulation.runRounds(5)
      simulation.settle({ maxRounds: 100 })
      simulation.check()
    },
  },
]
