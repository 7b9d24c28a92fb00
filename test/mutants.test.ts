/**
 * The mutants of `test/mutants` stay what they are: each finds its text, the whole engine survives a short hunt, and a few
 * that are caught quickly are caught. `npm run mutants` tries them all.
 */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { COVERED_ELSEWHERE } from './mutants/elsewhere.ts'
import type { Mutant } from './mutants/mutant.ts'
import { MUTANTS } from './mutants/mutants.ts'
import { tryMutant } from './mutants/trial.ts'
import { brokenText, makeCopy } from './mutants/workshop.ts'
import { repositoryRoot } from './tidy/tree.ts'

const mutants = suite('mutants')

const root = repositoryRoot()
const TIME_LIMIT_MS = 120_000
const RULES = Array.from({ length: 24 }, (_, index) => `R${index + 1}`)

function mutantNamed(name: string): Mutant {
  const found = MUTANTS.find((mutant) => mutant.name === name)
  if (found === undefined) throw new Error(`there is no mutant ${name}`)
  return found
}

mutants('each finds its text exactly once, and changes it', () => {
  for (const mutant of MUTANTS) {
    const text = readFileSync(join(root, mutant.file), 'utf8')
    assert.is.not(brokenText(root, mutant), text, `${mutant.name} changes nothing`)
  }
})

mutants('no two have one name, or break the same', () => {
  assert.is(new Set(MUTANTS.map(({ name }) => name)).size, MUTANTS.length)
  assert.is(
    new Set(MUTANTS.map(({ file, find, replace }) => JSON.stringify([file, find, replace]))).size,
    MUTANTS.length,
  )
})

mutants('every rule is broken by at least one', () => {
  const broken = new Set<string>(MUTANTS.map(({ rule }) => rule))
  assert.equal(
    RULES.filter((rule) => !broken.has(rule)),
    [],
  )
})

mutants('what is covered elsewhere is covered there', () => {
  for (const { rule, part, tests } of COVERED_ELSEWHERE) {
    const missing = tests.filter((test) => !existsSync(join(root, test)))
    assert.equal(missing, [], `${rule}, ${part}`)
  }
})

mutants('a mutant whose text is gone, or stands twice, says so', () => {
  const mutant = mutantNamed('hole-accepted')
  const find = 'this text is nowhere'
  assert.throws(() => brokenText(root, { ...mutant, find }), /hole-accepted.*0 times.*this text is nowhere/s)
  assert.throws(() => brokenText(root, { ...mutant, find: 'return' }), /hole-accepted.* times in .*, not once/s)
  assert.throws(
    () => brokenText(root, { ...mutant, file: 'src/core/nothing.ts' }),
    /there is no src\/core\/nothing\.ts/,
  )
})

mutants('a mutant that does not compile says so', async () => {
  const mutant = { ...mutantNamed('hole-accepted'), replace: 'if (' }
  const outcome = await makeCopy(root, mutant).then(
    () => 'compiled',
    (error: Error) => error.message,
  )
  assert.match(outcome, /hole-accepted does not compile/)
})

mutants('the whole engine survives a short hunt', async () => {
  const trial = await tryMutant(undefined, { root, isShort: true, timeLimitMs: TIME_LIMIT_MS })
  assert.is(trial.isCaught, false, trial.report ?? '')
  assert.is(trial.problem, undefined)
  assert.ok(trial.runs > 100, `only ${trial.runs} scenarios ran`)
})

for (const [name, by] of [
  ['vouches-beyond-the-cut', 'prefix'],
  ['heartbeat-bumped-on-receipt', 'heartbeats'],
  ['the-dead-never-tried-again', 'agreement'],
] as const) {
  mutants(`${name} is caught by ${by}`, async () => {
    const trial = await tryMutant(mutantNamed(name), { root, isShort: true, timeLimitMs: TIME_LIMIT_MS })
    assert.is(trial.by, by, trial.problem ?? 'it survived')
  })
}

mutants.run()
