/** The acts of a simulation: a joint start, rounds of writing with their disturbances, crashes, peace. */

import { seededRandom } from '../../core/index.ts'
import type { Simulation, SimulationStats } from '../../sim/index.ts'
import type { Plan } from './plan.ts'

/** How it went. */
export interface Figures {
  /** Rounds from a joint start until everybody had everything. */
  readonly startRounds: number
  /** Rounds from the end of the partition until everybody agreed again; undefined without one. */
  readonly healRounds: number | undefined
  /** Rounds until everybody agreed when all faults had stopped. */
  readonly settleRounds: number
  readonly stats: SimulationStats
}

/** Told what is going on, at most once a round. */
export type Tell = (act: string, done: number, of: number) => void

const START_ROUNDS_MAX = 1_000
/** A crash is seen by everybody after 18 mean gaps and a little. */
const CRASH_ROUNDS_MAX = 400

/**
 * Plays them.
 *
 * @throws {ViolationError | NotReachedError} a promise was broken
 */
export function playActs(simulation: Simulation, plan: Plan, tell: Tell): Figures {
  const random = seededRandom(plan.simulation.seed ?? 0)
  for (const name of simulation.names) {
    for (let key = 0; key < plan.keys; key++) simulation.set(name, `key ${key}`, `${name} 0`)
  }
  const startRounds = simulation.runUntil(
    () => {
      tell('start', simulation.stats.rounds, START_ROUNDS_MAX)
      return simulation.converged()
    },
    { maxRounds: START_ROUNDS_MAX },
  )
  write(simulation, plan, random, tell)
  const healRounds = plan.partitionMs === 0 ? undefined : part(simulation, plan, random, tell)
  crash(simulation, plan, tell)
  const settleRounds = simulation.settle()
  simulation.check()
  return { startRounds, healRounds, settleRounds, stats: simulation.stats }
}

function write(simulation: Simulation, plan: Plan, random: () => number, tell: Tell): void {
  for (let round = 0; round < plan.rounds; round++) {
    tell('write', round, plan.rounds)
    writeOnce(simulation, plan, random, round)
    if (plan.stallMs > 0 && round === plan.rounds >> 1) simulation.stall(randomUp(simulation, random), plan.stallMs)
    simulation.runRounds(1)
  }
}

function writeOnce(simulation: Simulation, { keys, writes }: Plan, random: () => number, round: number): void {
  for (let count = 0; count < writes && keys > 0; count++) {
    const name = randomUp(simulation, random)
    simulation.set(name, `key ${Math.floor(random() * keys)}`, `${name} ${round}.${count}`)
  }
}

function part(simulation: Simulation, plan: Plan, random: () => number, tell: Tell): number {
  const { names } = simulation
  simulation.partition(names.slice(0, names.length >> 1), names.slice(names.length >> 1))
  const rounds = Math.ceil(plan.partitionMs / simulation.intervalMs)
  for (let round = 0; round < rounds; round++) {
    tell('partition', round, rounds)
    writeOnce(simulation, plan, random, plan.rounds + round)
    simulation.runRounds(1)
  }
  simulation.heal()
  return simulation.runUntil(
    () => {
      tell('heal', simulation.stats.rounds, 0)
      return simulation.converged()
    },
    { maxRounds: START_ROUNDS_MAX },
  )
}

/** The last peers, so that the seed is not among them. */
function crash(simulation: Simulation, plan: Plan, tell: Tell): void {
  if (plan.crashes === 0) return
  const victims = simulation.names.slice(-plan.crashes)
  for (const name of victims) simulation.crash(name)
  const others = simulation.names.filter((name) => simulation.status(name) === 'up')
  const isSeen = (): boolean => others.every((name) => victims.every((id) => simulation.opinion(name, id) !== 'live'))
  for (let round = 0; round < CRASH_ROUNDS_MAX && !isSeen(); round++) {
    tell('crash', round, CRASH_ROUNDS_MAX)
    simulation.runRounds(1)
  }
}

function randomUp(simulation: Simulation, random: () => number): string {
  const up = simulation.names.filter((name) => simulation.status(name) === 'up')
  return up[Math.floor(random() * up.length)] as string
}
