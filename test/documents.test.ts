/** The documents are complete: no option or error code goes unmentioned, and none is invented. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ENGINE_OPTION_NAMES } from '../src/core/engine/index.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const COVERAGE = 'docs/SYSTEMS-COVERAGE.md'

/** How many rows each older system has, and which of them its documentation does not name. */
const SYSTEMS: readonly {
  readonly system: string
  readonly rows: number
  readonly undocumented: readonly number[]
  readonly absent?: readonly number[]
}[] = [
  { system: 'S1', rows: 33, undocumented: [2, 18, 20, 21, 22, 23, 24, 25, 26, 27, 29, 30, 31, 32] },
  { system: 'S2', rows: 34, undocumented: Array.from({ length: 21 }, (_, index) => index + 14), absent: [19] },
  { system: 'S3', rows: 33, undocumented: [26, 27, 28, 29, 30, 31, 32, 33] },
  { system: 'S4', rows: 19, undocumented: [16, 17, 18] },
  { system: 'S5', rows: 30, undocumented: [18, 25, 26, 27, 28, 29, 30] },
]

const documents = suite('documents')

documents('the README names every engine option', () => {
  const text = read('README.md')
  for (const name of ENGINE_OPTION_NAMES) assert.ok(text.includes(`\`${name}\``), name)
})

documents('every error code is explained in the README or in LIMITS', () => {
  const text = read('README.md') + read('docs/LIMITS.md')
  const missing = [...codesInSource()].filter((code) => !text.includes(`\`${code}\``))
  assert.equal(missing, [])
})

documents('the document on simulation names every checker, and no other', () => {
  const folder = 'src/sim/checkers'
  const sources = readdirSync(join(root, folder)).map((file) => read(`${folder}/${file}`))
  const names = sources.flatMap((source) => /readonly name = '(?<name>[^']+)'/.exec(source)?.groups?.['name'] ?? [])
  const rows = [...read('docs/SIMULATION.md').matchAll(/^\| \*\*(?<name>[^*]+)\*\* \|/gm)]
  assert.equal(rows.map((row) => row.groups?.['name']).sort(), [...names, 'agreement'].sort())
})

documents('every claim on security names a test that exists', () => {
  const rows = read('docs/SECURITY.md')
    .split('\n')
    .filter((line) => line.startsWith('| '))
  const named = rows.flatMap((row) => row.match(/`[a-z]+(?:\/[a-z0-9-]+)+`/g) ?? []).map((name) => name.slice(1, -1))
  assert.ok(named.length > 30)
  assert.equal(
    named.filter((name) => !existsSync(join(root, `test/${name}.test.ts`))),
    [],
  )
})

documents('the coverage of older systems has every row once, in order, and the kind each is', () => {
  for (const { system, rows, undocumented, absent = [] } of SYSTEMS) {
    const found = coverageRows().filter(({ row }) => row.startsWith(`${system}.`))
    const numbers = Array.from({ length: rows }, (_, index) => index + 1).filter((number) => !absent.includes(number))
    assert.equal(
      found.map(({ row, kind }) => `${row} ${kind}`),
      numbers.map((number) => `${system}.${number} ${undocumented.includes(number) ? 'C' : 'D'}`),
    )
  }
})

documents('every documented row of an older system names a test, or says why there is none', () => {
  const reasons = tableRows(read(COVERAGE)).filter(({ length }) => length === 2)
  const excused = reasons.filter(([, reason]) => reason !== '').map(([row]) => row)
  const untested = coverageRows().filter(({ kind, tests }) => kind === 'D' && tests.length === 0)
  const unproven = untested.map(({ row }) => row).filter((row) => !excused.includes(row))
  assert.equal(unproven, [])
})

documents('every test that a row of an older system names exists, and has the row in the name of a test', () => {
  const wrong = coverageRows().flatMap(({ row, tests }) =>
    tests.filter((test) => !rowsProvenBy(test).has(row)).map((test) => `${row} ${test}`),
  )
  assert.equal(wrong, [])
})

documents('every test whose name has the row of an older system is named beside that row', () => {
  const named = new Set(coverageRows().flatMap(({ row, tests }) => tests.map((test) => `${row} ${test}`)))
  const proven = testNames().flatMap((test) => [...rowsProvenBy(test)].map((row) => `${row} ${test}`))
  assert.ok(proven.length > 150, `only ${proven.length}`)
  assert.equal(
    proven.filter((each) => !named.has(each)),
    [],
  )
})

documents('no document names a code that does not exist', () => {
  const text = read('README.md') + read('docs/LIMITS.md') + read('docs/PROTOCOL.md')
  const codes = codesInSource()
  const unknown = [...new Set(text.match(/GOSSIP_[A-Z_]+/g))].filter((code) => !codes.has(code))
  assert.equal(unknown, [])
})

documents.run()

/** Codes of errors and of assertions, not names of environment variables. */
function codesInSource(): ReadonlySet<string> {
  const paths = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  )
  const text = paths.map((path) => read(join('src', path))).join('\n')
  return new Set([...text.matchAll(/'(?<code>GOSSIP_[A-Z_]+)'/g)].map((match) => match[1] as string))
}

/** A row of an older system, as the document has it. */
interface CoverageRow {
  readonly row: string
  readonly kind: string
  /** Files below `test/`, without their ending. */
  readonly tests: readonly string[]
}

function coverageRows(): readonly CoverageRow[] {
  return tableRows(read(COVERAGE))
    .filter(({ length }) => length === 5)
    .map(([row = '', kind = '', , , tests = '']) => ({
      row,
      kind,
      tests: (tests.match(/`[^`]+`/g) ?? []).map((name) => name.slice(1, -1)),
    }))
}

/** The cells of every line of a table that begins with the number of a row. */
function tableRows(text: string): readonly (readonly string[])[] {
  const lines = text.split('\n').filter((line) => /^\| S\d\.\d+ \|/.test(line))
  return lines.map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim()))
}

/** A file of tests, or of cases that several files run. */
const TESTS = /(?<=^|\/)(?:[^/]+\.test|cases)\.ts$/

function testNames(): readonly string[] {
  const paths = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  const tests = paths.map((path) => path.replaceAll('\\', '/')).filter((path) => TESTS.test(path))
  return tests.map((path) => path.replace(/(?:\.test)?\.ts$/, ''))
}

/** The rows at the beginning of names of tests in a file; none where there is no such file. */
function rowsProvenBy(test: string): ReadonlySet<string> {
  const path = `test/${test}.test.ts`
  const cases = `test/${test}.ts`
  const existing = [path, cases].find((each) => TESTS.test(each) && existsSync(join(root, each)))
  const text = existing === undefined ? '' : read(existing)
  const labels = [...text.matchAll(/['"`](?<labels>(?:[CRS]\d+(?:\.\d+)?:? )+)/g)].map((match) => match[1] ?? '')
  return new Set(labels.flatMap((label) => label.match(/S\d\.\d+/g) ?? []))
}
