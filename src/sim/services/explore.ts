/** Looks for a scenario of services that fails; the first is made small, and said so that a person can see it again. */

import { reportOf, search } from '../scenario/index.ts'
import { type ServiceScenarioLimits, serviceScenarios } from './arbitraries.ts'
import { describeServiceScenario } from './describe.ts'
import { runServiceScenario } from './run-service-scenario.ts'
import type { ServiceScenario } from './scenario.ts'

/** Where to look. */
export interface ServiceExploreOptions {
  /** Decides which scenarios come: an integer of 32 bits. */
  readonly seed: number
  /** How many to run. @defaultValue 100 */
  readonly runs?: number
  /** Starts at a failure that was found before: the second part of `replay`. */
  readonly path?: string
  readonly limits?: ServiceScenarioLimits
  /** What a scenario must survive. @defaultValue `runServiceScenario` */
  readonly run?: (scenario: ServiceScenario) => unknown
  /** Told after each scenario, while none has failed. */
  readonly onRun?: (runs: number) => void
  /** Whether a failure is made smaller; that takes many runs. @defaultValue true */
  readonly isShrinking?: boolean
  /** Ends the search after this time without a failure, ms. */
  readonly timeLimitMs?: number
}

/** A scenario that failed, as small as it could be made. */
export interface ServiceCounterexample {
  readonly scenario: ServiceScenario
  readonly error: unknown
  /** `SEED:PATH`: what to search with to come to it at once. */
  readonly replay: string
  /** All of it for a person: the schedule, what went wrong, the line that shows it again. */
  readonly report: string
}

/** What came of a search. */
export interface ServiceExploration {
  readonly runs: number
  readonly counterexample: ServiceCounterexample | undefined
}

const RUNS = 100

/** Searches until the first failure, or to the end. */
export async function exploreServiceScenarios(options: ServiceExploreOptions): Promise<ServiceExploration> {
  const { limits = {}, run = runServiceScenario, runs: runsMax = RUNS, ...rest } = options
  const arbitrary = serviceScenarios(limits)
  // The runner takes options of its own, which a search does not have.
  const { runs, failure } = await search({ ...rest, runs: runsMax, arbitrary, run: (scenario) => run(scenario) })
  if (failure === undefined) return { runs, counterexample: undefined }
  const { value: scenario, error, replay } = failure
  const again = `await runServiceScenario(${JSON.stringify(scenario)})`
  const report = reportOf(failure, describeServiceScenario(scenario), again)
  return { runs, counterexample: { scenario, error, replay, report } }
}
