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

/** All of them. */
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
    name: 'one exchange brings both sides level',
    play: ({ Simulation }) => {
      const simulation = new Simulation({ seed: 20, peers: ['ada'] })
      simulation.runRounds(3)
      simulation.join({ id: 'bob', seeds: ['ada'] })
      simulation.set('bob', 'key', 1)
      simulation.run(150)
      simulation.runUntil(() => simulation.get('ada', 'bob', 'key') === 1, { maxRounds: 0 })
    },
  },
  {
    name: 'heartbeats travel both ways, so that a crash is noticed sooner',
    play: ({ Simulation }) => {
      const simulation = new Simulation({ seed: 19, peers: 30, engine: { fanout: 1 } })
      simulation.runRounds(60)
      simulation.crash('p7')
      simulation.settle({ maxRounds: 42 })
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
    name: 'a value that is there already is no news',
    play: ({ Simulation }) => {
      const simulation = new Simulation({ seed: 14, peers: 2 })
      for (let i = 0; i < 2; i++) simulation.set('p1', 'key', { of: ['the', 'same'] })
      simulation.settle({ maxRounds: 10 })
      simulation.check()
    },
  },
  {
    name: 'who wakes into silence holds its own sleep against nobody',
    play: ({ Simulation }) => {
      const simulation = new Simulation({ seed: 21, peers: 4, engine: { deadPeerGracePeriodMs: 30_000 } })
      const others = ['p0', 'p1', 'p3']
      simulation.settle({ maxRounds: 20 })
      simulation.partition(['p2'], others)
      simulation.stall('p2', 60_000)
      simulation.runRounds(64)
      simulation.runUntil(() => others.every((id) => simulation.opinion('p2', id) === 'live'), { maxRounds: 0 })
      simulation.settle({ maxRounds: 100 })
      simulation.check()
    },
  },
  {
    name: 'the dead are removed everywhere at once',
    play: ({ Simulation }) => {
      const simulation = new Simulation({ seed: 16, peers: 5, engine: { deadPeerGracePeriodMs: 60_000 } })
      const readers = ['p0', 'p1', 'p2', 'late']
      const isKnownTo = (reader: string): boolean => simulation.opinion(reader, 'p4') !== undefined
      simulation.settle({ maxRounds: 20 })
      simulation.runRounds(10)
      simulation.crash('p4')
      simulation.crash('p3')
      simulation.runRounds(15)
      simulation.join('late')
      simulation.runRounds(40)
      simulation.runUntil(() => readers.every(isKnownTo), { maxRounds: 0 })
      simulation.runRounds(8)
      simulation.runUntil(() => !readers.some(isKnownTo), { maxRounds: 0 })
      simulation.runRounds(90)
      simulation.settle({ maxRounds: 0 })
      simulation.check()
    },
  },
  {
    name: 'a value that no message can carry stops nobody',
    play: ({ Simulation }) => {
      const simulation = new Simulation({ seed: 18, peers: 3, engine: { deltaBytesMax: 512 } })
      try {
        simulation.set('p1', 'large', 'large '.repeat(80))
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'GOSSIP_VALUE_TOO_LARGE') throw error
      }
      simulation.set('p1', 'small', 1)
      simulation.settle({ maxRounds: 20 })
      simulation.check()
    },
  },
  {
    name: 'a goodbye is taken at once',
    play: ({ Simulation }) => {
      const simulation = new Simulation({ seed: 17, peers: 4 })
      simulation.settle({ maxRounds: 20 })
      simulation.leave('p2')
      simulation.runUntil(() => simulation.status('p2') === 'left', { maxRounds: 1 })
      simulation.settle({ maxRounds: 3 })
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
