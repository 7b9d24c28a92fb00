/** Random scenarios from the command line: a search for one that fails, and one that failed before. */

import { describeScenario, exploreScenarios, parseReplay, runScenario, type Scenario } from '../../sim/index.ts'
import type { Output } from '../cli/index.ts'
import type { Tell } from './acts.ts'
import { openTrace } from './trace-file.ts'

/**
 * Runs many.
 *
 * @returns the status to exit with: 1 when one fails
 */
export async function searchSchedules(runs: number, seed: number, stdout: Output, tell: Tell): Promise<number> {
  const { counterexample } = await exploreScenarios({ seed, runs, onRun: (done) => tell('schedules', done, runs) })
  tell('', 0, 0)
  stdout.write(counterexample?.report ?? `${runs} schedules of seed ${seed}: no promise is broken\n`)
  return counterexample === undefined ? 0 : 1
}

/**
 * Shows one again.
 *
 * @returns the status to exit with: 1 when it still fails
 * @throws {InvalidOptionError} the replay is no `SEED:PATH`
 */
export async function showReplay(replay: string, tracePath: string | undefined, stdout: Output): Promise<number> {
  const { seed, path } = parseReplay(replay)
  const seen: Scenario[] = []
  const { counterexample } = await exploreScenarios({
    seed,
    path,
    runs: 1,
    isShrinking: false,
    run: async (scenario) => {
      seen.push(scenario)
      await runScenario(scenario)
    },
  })
  const [scenario] = seen
  if (scenario !== undefined && tracePath !== undefined) await traced(scenario, tracePath)
  if (counterexample !== undefined) stdout.write(counterexample.report)
  else if (scenario !== undefined) stdout.write(`${describeScenario(scenario)}\n\nno promise is broken\n`)
  return counterexample === undefined ? 0 : 1
}

async function traced(scenario: Scenario, path: string): Promise<void> {
  const file = openTrace(path)
  try {
    await runScenario(scenario, { trace: file.sink })
  } catch {
    // The failure is what the history is wanted for; it is told by the report.
  } finally {
    file.close()
  }
}
