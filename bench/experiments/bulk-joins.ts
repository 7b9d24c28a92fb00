/**
 * What does it cost to join a million keys, or one value of 64 MB, as a string and as many parts? Expected: under a minute
 * of one core, and at most 64 MB beyond what is held in the end, on both sides.
 */

import { type JoinCosts, joinOfTwo } from '../../test/harness/join-of-two.ts'
import type { JoinKind } from '../../test/harness/joining-process.ts'
import type { Experiment, ExperimentRun, Finding } from '../harness/experiment.ts'

const MB = 1e6
const VALUE_BYTES = 64 * MB
const BEYOND_MB_MAX = 64
const CPU_S_MAX = 60
const REPETITIONS = 5

const JOINS: readonly { readonly kind: JoinKind; readonly amount: number; readonly what: string }[] = [
  { kind: 'keys', amount: 1_000_000, what: '1,000,000 keys' },
  { kind: 'string', amount: VALUE_BYTES, what: 'a string of 64 MB' },
  { kind: 'object', amount: VALUE_BYTES, what: 'a value of 64 MB in parts' },
]

/** The experiment. */
export const experiment: Experiment = {
  question: 'what a join in bulk costs, over TCP on loopback, between two processes without flags',
  source: 'no paper: peak of the resident set since the join began, less the growth of what is held after collecting',
  run: async (run) => {
    const findings: Finding[] = []
    for (const join of JOINS) findings.push(...(await measured(join, run)))
    return findings
  },
}

async function measured(
  { kind, amount, what }: (typeof JOINS)[number],
  { isQuick, tell }: ExperimentRun,
): Promise<readonly Finding[]> {
  const costs: JoinCosts[] = []
  for (let i = 0; i < (isQuick ? 1 : REPETITIONS); i++) {
    tell(`${what}: ${i + 1} of ${isQuick ? 1 : REPETITIONS}`)
    costs.push(await joinOfTwo(kind, amount))
  }
  const cpuS = costs.map(({ joiner }) => joiner.cpuMs / 1_000)
  const memory = (['owner', 'joiner'] as const).map((who): Finding => {
    const beyondMb = costs.map((cost) => cost[who].beyond / MB)
    const isMet = Math.max(...beyondMb) < BEYOND_MB_MAX
    const goal = { text: `all below ${BEYOND_MB_MAX}`, isMet }
    const note = `of ${Math.round((costs[0]?.[who].data ?? 0) / MB)} MB held`
    return { condition: `${what}, ${who}: beyond the data`, unit: 'MB', paper: undefined, ours: beyondMb, goal, note }
  })
  const wallS = costs.map(({ joiner }) => joiner.wallMs / 1_000)
  return [
    ...memory,
    { condition: `${what}, until it is there`, unit: 's', paper: undefined, ours: wallS },
    {
      condition: `${what}, joiner's processor`,
      unit: 's',
      paper: undefined,
      ours: cpuS,
      goal: { text: `all below ${CPU_S_MAX}`, isMet: Math.max(...cpuS) < CPU_S_MAX },
    },
  ]
}
