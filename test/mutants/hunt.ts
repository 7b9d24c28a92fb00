/** Hunts a copy of the engine: runs drills and scenarios over the copy's own simulator until something objects. */

import type * as Sim from '../../src/sim/index.ts'
import { type Finding, objectorOf } from './finding.ts'
import type { HuntPlan, Stage } from './stages.ts'

/** How to hunt. */
export interface HuntOptions {
  readonly plan: HuntPlan
  /** The stage to begin with. */
  readonly first?: string | undefined
  /** Whether a failing schedule is made as small as it can be; that may take minutes. */
  readonly isShrinking?: boolean
}

const DRILL_STAGE = 'drills'

/** Hunts until the first objection, or to the end of the plan. */
export async function hunt(sim: typeof Sim, options: HuntOptions): Promise<Finding> {
  const { plan, first, isShrinking = false } = options
  const isFirst = ({ name }: { readonly name: string }): boolean => name === first
  const [early, late] = [plan.stages.filter(isFirst), plan.stages.filter((stage) => !isFirst(stage))]
  let runs = 0
  const add = (finding: Finding): Finding => {
    runs += finding.runs
    return { ...finding, runs }
  }
  const steps: readonly (() => Finding | Promise<Finding>)[] = [
    ...early.map((stage) => () => explore(sim, stage, isShrinking)),
    () => drill(sim, plan.drills),
    ...late.map((stage) => () => explore(sim, stage, isShrinking)),
  ]
  for (const step of steps) {
    const finding = add(await step())
    if (finding.by !== undefined) return finding
  }
  return nothing(runs)
}

function drill(sim: typeof Sim, drills: HuntPlan['drills']): Finding {
  for (const [index, { name, play }] of drills.entries()) {
    try {
      play(sim)
    } catch (error) {
      const problem = textOf(error)
      const by = objectorOf(error)
      return {
        by,
        stage: DRILL_STAGE,
        runs: index + 1,
        steps: undefined,
        problem,
        report: `Drill: ${name}\n${problem}`,
      }
    }
  }
  return nothing(drills.length)
}

async function explore(sim: typeof Sim, stage: Stage, isShrinking: boolean): Promise<Finding> {
  const { name, seed, runs, limits, change = (scenario: Sim.Scenario) => scenario } = stage
  const run = (scenario: Sim.Scenario): unknown => sim.simulateScenario(change(scenario))
  const found = await sim.exploreScenarios({ seed, runs, limits, run, isShrinking })
  if (found.counterexample === undefined) return nothing(found.runs)
  const { scenario, error } = found.counterexample
  const problem = textOf(error)
  const report = `${sim.describeScenario(change(scenario))}\n\n${problem}\n\n${JSON.stringify(change(scenario))}`
  return { by: objectorOf(error), stage: name, runs: found.runs, steps: scenario.steps.length, problem, report }
}

function nothing(runs: number): Finding {
  return { by: undefined, stage: undefined, runs, steps: undefined, problem: undefined, report: undefined }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
