/**
 * Looks for a scenario that fails: thousands by chance from one seed, the first failing one shrunk to what matters, and
 * said so that a person can read it and see it again.
 */

import { InvalidOptionError } from '../../core/index.ts'
import { type ScenarioLimits, scenarios } from './arbitraries.ts'
import { describeScenario } from './describe.ts'
import type { Scenario } from './scenario.ts'
import { reportOf, search } from './search.ts'
import { simulateScenario } from './simulate-scenario.ts'

/** Where to look. */
export interface ExploreOptions {
  /** Decides which scenarios come: an integer of 32 bits. */
  readonly seed: number
  /** How many to run. @defaultValue 1_000 */
  readonly runs?: number
  /** Starts at a failure that was found before: the second part of a replay. */
  readonly path?: string
  readonly limits?: ScenarioLimits
  /** What a scenario must survive. @defaultValue a simulation in virtual time */
  readonly run?: (scenario: Scenario) => unknown
  /** Told after each scenario, while none has failed. */
  readonly onRun?: (runs: number) => void
  /** Whether a failure is made smaller; that takes many runs. @defaultValue true */
  readonly isShrinking?: boolean
  /** Ends the search after this time without a failure, ms. */
  readonly timeLimitMs?: number
}

/** A scenario that failed, as small as it could be made. */
export interface Counterexample {
  readonly scenario: Scenario
  readonly error: unknown
  /** `SEED:PATH`, for `--replay`. */
  readonly replay: string
  /** All of it for a person: the schedule, what went wrong, the line that shows it again. */
  readonly report: string
}

/** What came of a search. */
export interface Exploration {
  readonly runs: number
  readonly counterexample: Counterexample | undefined
}

const RUNS = 1_000

/** Searches until the first failure, or to the end. */
export async function exploreScenarios(options: ExploreOptions): Promise<Exploration> {
  const { limits = {}, run = simulateScenario, runs: runsMax = RUNS, ...rest } = options
  const { runs, failure } = await search({ ...rest, runs: runsMax, run, arbitrary: scenarios.scenario(limits) })
  if (failure === undefined) return { runs, counterexample: undefined }
  const { value: scenario, error, replay } = failure
  // Only scenarios within the usual limits can be found again by their path.
  const again =
    Object.keys(limits).length === 0
      ? `npx gossipmonger simulate --replay ${replay}`
      : `await runScenario(${JSON.stringify(scenario)})`
  const report = reportOf(failure, describeScenario(scenario), again)
  return { runs, counterexample: { scenario, error, replay, report } }
}

/**
 * Takes a replay apart.
 *
 * @throws {InvalidOptionError} it is no `SEED:PATH`
 */
export function parseReplay(text: string): { readonly seed: number; readonly path: string } {
  const [, seed, path] = /^(-?\d{1,10}):(\d+(?::\d+)*)$/.exec(text) ?? []
  if (seed === undefined || path === undefined) {
    throw new InvalidOptionError('replay', 'SEED:PATH, such as 42:17:3:0, as a failure prints it', text)
  }
  return { seed: Number(seed), path }
}
