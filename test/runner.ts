/**
 * Runs every test file, each in a process of its own, side by side in lanes, and says in one line how it went.
 *
 *     node build/test/runner.js [part of a file's name …]
 *
 * `GOSSIP_TEST_TIMEOUT_MS` replaces the deadline of a file. The last line is `N passed, N failed`.
 */

import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LEFT_OUT } from './harness/left-out.ts'
import { lanesOf } from './runner/lanes.ts'
import { TestProcesses } from './runner/run-file.ts'
import { findTestFiles, removeStale, type TestFile } from './runner/test-files.ts'
import { judge, type Verdict } from './runner/totals.ts'

const TIMEOUT_MS = Number(process.env['GOSSIP_TEST_TIMEOUT_MS']) || 300_000

const testDir = dirname(fileURLToPath(import.meta.url))
const buildDir = dirname(testDir)
const processes = new TestProcesses()

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    processes.killAll()
    process.exit(130)
  })
}

removeStale(buildDir, dirname(buildDir))
const filters = process.argv.slice(2)
const files = findTestFiles(testDir, filters)
const verdicts = await runAll(files)
process.exitCode = report(verdicts)

async function runAll(waiting: readonly TestFile[]): Promise<Verdict[]> {
  const done: Verdict[] = []
  const nameWidth = Math.max(0, ...waiting.map((file) => file.name.length))
  const run = async (lane: Iterator<TestFile>): Promise<void> => {
    for (let next = lane.next(); next.done !== true; next = lane.next()) done.push(await runOne(next.value, nameWidth))
  }
  await Promise.all(lanesOf(waiting).map(run))
  return done
}

async function runOne(file: TestFile, nameWidth: number): Promise<Verdict> {
  const startMs = performance.now()
  const ending = await processes.run(file.path, TIMEOUT_MS)
  const verdict = judge(ending)
  const ms = Math.round(performance.now() - startMs)
  const mark = verdict.problem === undefined ? 'ok  ' : 'FAIL'
  const skipped = verdict.skipped > 0 ? `, ${verdict.skipped} skipped` : ''
  console.log(
    `${mark} ${file.name.padEnd(nameWidth)} ${`${verdict.passed}`.padStart(4)} passed${skipped} ${`${ms}`.padStart(6)} ms`,
  )
  for (const line of ending.output.split('\n')) if (line.startsWith(LEFT_OUT)) console.log(`     ${line}`)
  if (verdict.problem !== undefined) console.log(`${ending.output.trimEnd()}\n${file.name}: ${verdict.problem}\n`)
  return verdict
}

function report(all: readonly Verdict[]): number {
  const sum = (field: 'passed' | 'failed' | 'skipped'): number =>
    all.reduce((total, verdict) => total + verdict[field], 0)
  if (all.length === 0) console.log(`no test file ${filters.length > 0 ? `matches ${filters.join(' ')}` : 'found'}`)
  const failed = all.length === 0 ? 1 : sum('failed')
  const skipped = sum('skipped')
  console.log(`\n${sum('passed')} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
  return failed === 0 ? 0 : 1
}
