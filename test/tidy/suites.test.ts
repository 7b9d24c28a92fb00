import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseSource } from './source-file.ts'
import { suiteFindings } from './suites.ts'

const suites = suite('suites')

function problems(text: string, path: string = 'test/a.test.ts'): string {
  return suiteFindings(parseSource(path, text))
    .map((finding) => `${finding.line}: ${finding.message}`)
    .join('; ')
}

const GOOD = "import { suite } from 'uvu'\nconst a = suite('a')\na('passes', async () => { await f() })\na.run()\n"

suites('a suite that is run is fine', () => {
  assert.is(problems(GOOD), '')
})

suites('a suite that is not run is told', () => {
  assert.match(problems(GOOD.replace('a.run()', '')), 'never calls a.run()')
  assert.match(problems(`${GOOD}const b = suite('b')\n`), '5: never calls b.run()')
})

suites('the nameless suite of uvu has to be run too', () => {
  assert.match(problems("import { test } from 'uvu'\ntest('passes', f)"), 'never calls test.run()')
  assert.is(problems("import { test as it } from 'uvu'\nit('passes', f)\nit.run()"), '')
})

suites('a suite that nobody could run is told', () => {
  assert.match(problems("import { suite } from 'uvu'\nsuite('a')('passes', f)"), 'without giving it a name')
})

suites('a test file without a suite is told', () => {
  assert.match(problems('export const a = 1'), 'has no suite')
  assert.is(problems('export const a = 1', 'test/harness/a.ts'), '')
})

suites('only and skip are told', () => {
  assert.match(problems(`${GOOD}a.only('b', f)`), '5: leaves tests out by .only()')
  assert.match(problems(`${GOOD}a.skip('b', f)`), '5: leaves tests out by .skip()')
})

suites('an await of the module itself is told', () => {
  assert.match(problems(`${GOOD}await f()`), '5: awaits in the module itself')
  assert.match(problems(`${GOOD}for await (const b of f()) b()`), '5: awaits in the module itself')
})

suites.run()
