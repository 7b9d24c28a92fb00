/**
 * The score of the testing kit: every mutant is hunted, two at a time.
 *
 *     npm run mutants [-- --list | --shrink | WORDS]
 *
 * WORDS choose mutants whose name, rule or file contains one of them. `--shrink` makes each failing schedule small and
 * shows it. Ends with 1 when a mutant survives, or when something objects to the whole engine.
 */

import { repositoryRoot } from '../tidy/tree.ts'
import type { Mutant } from './mutant.ts'
import { MUTANTS } from './mutants.ts'
import { type Trial, tryMutant } from './trial.ts'

const PROCESSES_MAX = 2
const TIME_LIMIT_MS = 300_000
const SHRINKING_LIMIT_MS = 1_200_000

interface Tried {
  readonly mutant: Mutant | undefined
  readonly trial: Trial
}

const isListing = process.argv.includes('--list')
const isShrinking = process.argv.includes('--shrink')
const words = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const chosen = MUTANTS.filter(({ name, rule, file }) =>
  words.length === 0 ? true : words.some((word) => name.includes(word) || rule === word || file.includes(word)),
)

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stopping.abort()
    process.exitCode = 130
  })
}

if (isListing)
  for (const mutant of chosen) console.log(`${mutant.rule.padEnd(4)} ${mutant.name.padEnd(48)} ${mutant.file}`)
else process.exitCode = report(await tryAll([...(words.length === 0 ? [undefined] : []), ...chosen]))

async function tryAll(waiting: readonly (Mutant | undefined)[]): Promise<Tried[]> {
  const tried: Tried[] = []
  const queue = waiting.values()
  const worker = async (): Promise<void> => {
    for (const mutant of queue) {
      const trial = await tryMutant(mutant, {
        root: repositoryRoot(),
        isShrinking,
        timeLimitMs: isShrinking ? SHRINKING_LIMIT_MS : TIME_LIMIT_MS,
        signal: stopping.signal,
      })
      tried.push({ mutant, trial })
      console.log(lineOf({ mutant, trial }))
      if (isShrinking && trial.report !== undefined) console.log(`\n${trial.report}\n`)
    }
  }
  await Promise.all(Array.from({ length: PROCESSES_MAX }, worker))
  return tried
}

function lineOf({ mutant, trial }: Tried): string {
  const { by, stage, runs, steps, isCaught, tookMs } = trial
  const name = mutant?.name ?? 'the whole engine'
  const head = `${(mutant?.rule ?? '').padEnd(4)} ${name.padEnd(48)}`
  const seconds = `${(tookMs / 1_000).toFixed(1).padStart(6)} s`
  if (!isCaught)
    return `${head} ${mutant === undefined ? 'sound   ' : 'SURVIVED'} ${`${runs}`.padStart(5)} scenarios ${seconds}`
  const schedule = steps === undefined ? '' : `, ${steps} steps`
  return `${head} caught by ${(by ?? '').padEnd(14)} ${`${runs}`.padStart(5)} scenarios ${seconds}  (${stage ?? ''}${schedule})`
}

function report(tried: readonly Tried[]): number {
  if (tried.length === 0) console.log(`no mutant matches ${words.join(' ')}`)
  const mutants = tried.filter(({ mutant }) => mutant !== undefined)
  const caught = mutants.filter(({ trial }) => trial.isCaught)
  const objection = tried.find(({ mutant, trial }) => mutant === undefined && trial.isCaught)
  if (objection !== undefined) console.log(`\nThe whole engine fails:\n${objection.trial.report ?? ''}`)
  const survivors = mutants.filter(({ trial }) => !trial.isCaught).map(({ mutant }) => mutant?.name ?? '')
  if (survivors.length > 0) console.log(`\nsurvived: ${survivors.join(', ')}`)
  console.log(`\n${caught.length} of ${mutants.length} caught`)
  return caught.length === mutants.length && objection === undefined && tried.length > 0 ? 0 : 1
}
