/**
 * Goes on where the ordinary tests stop: random scenarios with fresh seeds, for as long as it is told. What fails is
 * shrunk, told, and kept as a test.
 *
 *     npm run test:long -- --minutes 30 [--seed N]
 */

import { parseArgs } from 'node:util'
import { exploreScenarios, type ScenarioLimits } from '../src/sim/index.ts'
import { keep } from './long/kept.ts'

const RUNS_PER_SEED = 500
const MS_PER_MINUTE = 60_000

/** Every other search is of clusters with first-generation peers, or of larger ones. */
const LIMITS: readonly ScenarioLimits[] = [{}, {}, { firstGenerationMax: 2 }, { peersMax: 12, stepsMax: 80 }]

const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } })
const minutes = Number(values.minutes ?? '10')
const firstSeed = Number(values.seed ?? Date.now() % 2 ** 31)
if (!(minutes > 0) || !Number.isInteger(firstSeed)) {
  console.error('usage: npm run test:long -- [--minutes N] [--seed N]')
  process.exit(2)
}
process.exitCode = await explore(Date.now() + minutes * MS_PER_MINUTE)

async function explore(until: number): Promise<number> {
  let [total, failures] = [0, 0]
  for (let search = 0; Date.now() < until; search++) {
    const seed = firstSeed + search
    const limits = LIMITS[search % LIMITS.length] as ScenarioLimits
    const timeLimitMs = until - Date.now()
    const { runs, counterexample } = await exploreScenarios({ seed, limits, runs: RUNS_PER_SEED, timeLimitMs })
    total += runs
    console.log(
      `seed ${seed} ${JSON.stringify(limits)}: ${runs} schedules, ${counterexample === undefined ? 'all hold' : 'one fails'}`,
    )
    if (counterexample === undefined) continue
    failures++
    console.log(`\n${counterexample.report}\nkept in ${keep(counterexample)}\n`)
  }
  console.log(`${total} schedules, ${failures} failed`)
  return failures === 0 ? 0 : 1
}
