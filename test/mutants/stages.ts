/**
 * Where a hunt looks: kinds of scenarios by chance from fixed seeds, so that a hunt always finds the same, and drills
 * made by hand for what chance would take too long to try.
 */

import type * as Sim from '../../src/sim/index.ts'
import { DRILLS, type Drill } from './drills.ts'

/** Scenarios by chance. */
export interface Stage {
  readonly name: string
  readonly seed: number
  readonly runs: number
  readonly limits: Sim.ScenarioLimits
  /** Makes of a scenario by chance what this stage is about. */
  readonly change?: (scenario: Sim.Scenario) => Sim.Scenario
}

/** All that a hunt does, in order. */
export interface HuntPlan {
  readonly drills: readonly Drill[]
  readonly stages: readonly Stage[]
}

const STAGES: readonly Stage[] = [
  { name: 'usual', seed: 20_080_915, runs: 400, limits: {} },
  {
    name: 'forgetful',
    seed: 6,
    runs: 300,
    limits: { stepsMax: 60 },
    change: withEngine({ deadPeerGracePeriodMs: 30_000, tombstoneGraceMs: 4_000 }),
  },
  {
    name: 'narrow',
    seed: 2,
    runs: 120,
    limits: { peersMax: 10, kinds: ['set', 'delete', 'partition', 'heal', 'crash', 'restart', 'join'] },
    change: withEngine({ digestBytesMax: 700, deltaBytesMax: 512, deltasMax: 3, tombstoneGraceMs: 30_000 }),
  },
  {
    name: 'resets',
    seed: 10,
    runs: 200,
    limits: { peersMax: 3, stepsMax: 60, kinds: ['set', 'delete', 'cut', 'heal'] },
    change: withSlowNews,
  },
  {
    name: 'lives',
    seed: 3,
    runs: 250,
    limits: { kinds: ['set', 'delete', 'crash', 'restart', 'leave', 'clock', 'twin', 'stall'] },
  },
  { name: 'calm', seed: 4, runs: 80, limits: { kinds: ['set', 'delete', 'stall', 'join'] }, change: withCalmNetwork },
  { name: 'old', seed: 5, runs: 80, limits: { firstGenerationMax: 2, peersMax: 4 } },
]

/** Everything: what a mutant must survive to survive. */
export const WHOLE_PLAN: HuntPlan = { drills: DRILLS, stages: STAGES }

/** The beginning of it, for a test that must be quick. */
export const SHORT_PLAN: HuntPlan = { drills: DRILLS, stages: STAGES.map((stage) => ({ ...stage, runs: 20 })) }

function withEngine(options: Sim.ScenarioEngine): (scenario: Sim.Scenario) => Sim.Scenario {
  return (scenario) => ({ ...scenario, engine: { ...scenario.engine, ...options } })
}

/** Copies are always on their way, and tombstones forgotten before they arrive. */
function withSlowNews(scenario: Sim.Scenario): Sim.Scenario {
  const network = { ...scenario.network, latencyMs: { min: 1, max: 3_000 }, reorderChance: 0.3 }
  const engine = { ...scenario.engine, tombstoneGraceMs: 500, deltasMax: 1 + (scenario.seed % 3) }
  return { ...scenario, network, engine }
}

/** Nothing excuses a false verdict here. */
function withCalmNetwork(scenario: Sim.Scenario): Sim.Scenario {
  const network = { latencyMs: { min: 1, max: 50 }, lossChance: 0.05, duplicateChance: 0.1, reorderChance: 0.1 }
  return { ...scenario, network }
}
