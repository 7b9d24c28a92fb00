/** Runs a scenario in virtual time: its steps, then peace, then a look at everything. */

import type { EngineOptions } from '../../core/index.ts'
import { IdConflictError, ValueTooLargeError } from '../../core/index.ts'
import { Simulation } from '../simulation.ts'
import type { SimulationStats } from '../stats.ts'
import type { TraceSink } from '../world/index.ts'
import type { Scenario, Step } from './scenario.ts'

/** How to run it. */
export interface SimulateScenarioOptions {
  /** Take precedence over those of the scenario. */
  readonly engine?: Omit<EngineOptions, 'seeds'>
  readonly drive?: 'engine' | 'driver'
  /** Rounds of peace within which everybody must agree. @defaultValue 600 */
  readonly settleRoundsMax?: number
  readonly trace?: TraceSink
}

/** How it went. */
export interface ScenarioOutcome {
  /** Rounds of peace until everybody agreed. */
  readonly settledAfterRounds: number
  readonly stats: SimulationStats
}

/**
 * Rounds of peace within which everybody must agree. A crash is noticed after 18 mean gaps, and what clipped gaps of a
 * bad network leave in the window can make the mean ten intervals long.
 */
const SETTLE_ROUNDS_MAX = 600
const SEED = 'p0'
/** How often an operator looks for processes that have stopped, and how far apart, in rounds. */
const PEACE_LOOKS = 4
const LOOK_ROUNDS = 5

/**
 * Runs it.
 *
 * @throws {ViolationError} a promise was broken on the way
 * @throws {NotReachedError} there was no agreement in time
 */
export function simulateScenario(scenario: Scenario, options: SimulateScenarioOptions = {}): ScenarioOutcome {
  const { seed, engine, network, drift } = scenario
  const simulation = new Simulation({
    seed,
    peers: peersOf(scenario),
    engine: { ...engine, ...options.engine },
    network,
    drift: { min: -drift, max: drift },
    ...(options.drive === undefined ? {} : { drive: options.drive }),
    ...(options.trace === undefined ? {} : { trace: options.trace }),
  })
  for (const step of scenario.steps) take(simulation, step)
  makePeace(simulation)
  const settledAfterRounds = simulation.settle({ maxRounds: options.settleRoundsMax ?? SETTLE_ROUNDS_MAX })
  simulation.check()
  return { settledAfterRounds, stats: simulation.stats }
}

function peersOf({ peers, firstGeneration = 0 }: Scenario): readonly { id: string; isFirstGeneration: boolean }[] {
  return Array.from({ length: peers }, (_, index) => ({
    id: `p${index}`,
    isFirstGeneration: index > 0 && index >= peers - firstGeneration,
  }))
}

function take(simulation: Simulation, step: Step): void {
  switch (step.do) {
    case 'wait':
      simulation.run(step.ms)
      break
    case 'cut':
      cut(simulation, step)
      break
    case 'partition':
      partition(simulation, step.side)
      break
    case 'heal':
      simulation.heal()
      break
    case 'join':
      simulation.join(`p${simulation.names.length}`)
      break
    case 'limit':
      simulation.setNetwork({ maxMessageBytes: step.bytes })
      break
    case 'corrupt':
      simulation.setNetwork({ corruptChance: step.chance })
      break
    default:
      takeAt(simulation, step, nameOf(simulation, step.peer))
  }
}

type PeerStep = Extract<Step, { readonly peer: number }>

function takeAt(simulation: Simulation, step: PeerStep, name: string): void {
  const isUp = simulation.status(name) === 'up'
  if (step.do === 'restart') {
    if (!isUp && simulation.status(name) !== 'leaving') simulation.restart(name)
  } else if (step.do === 'clock') simulation.jumpClock(name, step.ms)
  else if (step.do === 'twin') simulation.twin(name)
  else if (isUp) act(simulation, step, name)
}

function act(
  simulation: Simulation,
  step: Exclude<PeerStep, { do: 'restart' | 'clock' | 'twin' }>,
  name: string,
): void {
  switch (step.do) {
    case 'set':
    case 'delete':
      write(simulation, step, name)
      break
    case 'crash':
      simulation.crash(name, { disk: step.disk })
      break
    case 'leave':
      simulation.leave(name)
      break
    case 'stall':
      simulation.stall(name, step.ms)
  }
}

/** What a node may refuse to write is no failure of the scenario: a value over a small limit, a process that stopped. */
function write(simulation: Simulation, step: Extract<Step, { do: 'set' | 'delete' }>, name: string): void {
  try {
    if (step.do === 'delete') simulation.delete(name, step.key)
    else simulation.set(name, step.key, step.value, step.ttlMs === undefined ? {} : { ttlMs: step.ttlMs })
  } catch (error) {
    if (!(error instanceof IdConflictError || error instanceof ValueTooLargeError)) throw error
  }
}

function cut(simulation: Simulation, step: Extract<Step, { do: 'cut' }>): void {
  const [from, to] = [step.from, step.to].map((number) => nameOf(simulation, number)) as [string, string]
  if (from !== to) simulation.cut(from, to, { oneWay: step.oneWay })
}

function partition(simulation: Simulation, side: number): void {
  const isThere = (index: number): boolean => Math.floor(side / 2 ** (index % 30)) % 2 === 1
  const { names } = simulation
  simulation.partition(
    names.filter((_, index) => !isThere(index)),
    names.filter((_, index) => isThere(index)),
  )
}

/**
 * What an operator would do: second processes under an id are ended, what stopped because of them is started again, and
 * so is the seed, without which nodes that never met have no way to. Late news of a second process may stop one once more.
 */
function makePeace(simulation: Simulation): void {
  while (simulation.names.some((name) => simulation.status(name) === 'leaving')) simulation.runRounds(1)
  simulation.calm()
  for (const name of simulation.names) {
    if (name.includes('#') && simulation.status(name) === 'up') simulation.crash(name)
  }
  for (let look = 0; look < PEACE_LOOKS; look++) {
    for (const name of simulation.names) {
      if (simulation.status(name) === 'up' && simulation.isFrozen(name)) {
        simulation.crash(name)
        simulation.restart(name)
      }
    }
    if (simulation.status(SEED) !== 'up') simulation.restart(SEED)
    if (simulation.names.some((name) => name.includes('#'))) simulation.runRounds(LOOK_ROUNDS)
  }
}

function nameOf(simulation: Simulation, number: number): string {
  return simulation.names[number % simulation.names.length] as string
}
