/**
 * Looks for a scenario that fails: thousands by chance from one seed, the first failing one shrunk to what matters, and
 * said so that a person can read it and see it again.
 */

import fc from 'fast-check'
import { InvalidOptionError } from '../../core/index.ts'
import { type ScenarioLimits, scenarios } from './arbitraries.ts'
import { describeScenario } from './describe.ts'
import type { Scenario } from './scenario.ts'
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
  const {
    seed,
    runs = RUNS,
    path,
    limits = {},
    run = simulateScenario,
    onRun,
    isShrinking = true,
    timeLimitMs,
  } = options
  let done = 0
  let hasFailed = false
  const property = fc.asyncProperty(scenarios.scenario(limits), async (scenario) => {
    try {
      await run(scenario)
    } catch (error) {
      hasFailed = true
      throw error
    }
    done++
    if (!hasFailed) onRun?.(done)
  })
  const details = await fc.check(property, {
    seed,
    numRuns: runs,
    endOnFailure: !isShrinking,
    ...(path === undefined ? {} : { path }),
    ...(timeLimitMs === undefined ? {} : { interruptAfterTimeLimit: timeLimitMs }),
  })
  const [scenario] = details.counterexample ?? []
  if (scenario === undefined) return { runs: details.numRuns, counterexample: undefined }
  const replay = `${details.seed}:${details.counterexamplePath ?? ''}`
  const error: unknown = details.errorInstance
  const report = reportOf(
    scenario,
    error,
    `${details.numRuns} runs, ${details.numShrinks} times shrunk`,
    replay,
    limits,
  )
  return { runs: details.numRuns, counterexample: { scenario, error, replay, report } }
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

/** Only scenarios within the usual limits can be found again by their path. */
function reportOf(scenario: Scenario, error: unknown, effort: string, replay: string, limits: ScenarioLimits): string {
  const again =
    Object.keys(limits).length === 0
      ? `npx gossipmonger simulate --replay ${replay}`
      : `await runScenario(${JSON.stringify(scenario)})`
  const problem = error instanceof Error ? error.message : String(error)
  return `A scenario fails (${effort}):\n\n${describeScenario(scenario)}\n\n${problem}\n\nReplay: ${again}\n`
}
