/**
 * Runs every bench, or those whose path contains one of the words given, and prints medians with quartiles. Ratios
 * compare two rows of one run, so they may be compared from machine to machine; times may not. `--record` keeps this
 * run's ratios in `bench/baseline.json`.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type BenchFile, ratiosOf, tableOf } from './harness/report.ts'

type Baseline = Record<string, Record<string, number>>

const here = fileURLToPath(new URL('.', import.meta.url))
const baselinePath = join(here, '..', '..', 'bench', 'baseline.json')

const words = process.argv.slice(2).filter((word) => !word.startsWith('-'))
const isRecording = process.argv.includes('--record')
const recorded = readBaseline()
const fresh: Baseline = { ...recorded }

console.log(`Node ${process.version}, ${process.platform} ${process.arch}; ratios are within this run`)
for (const path of benchPaths()) {
  const name = relative(here, path).replace(/\.bench\.js$/, '')
  const module = (await import(pathToFileURL(path).href)) as { readonly bench: BenchFile }
  console.log(`\n${name}: ${module.bench.question}`)
  const rows = await module.bench.run()
  console.log(tableOf(rows, recorded[name] ?? {}))
  fresh[name] = Object.fromEntries([...ratiosOf(rows)].map(([row, ratio]) => [row, Number(ratio.toPrecision(3))]))
}
if (isRecording) {
  writeFileSync(baselinePath, `${JSON.stringify(fresh, undefined, 2)}\n`)
  console.log(`\nrecorded in ${relative(process.cwd(), baselinePath)}`)
}

function benchPaths(): readonly string[] {
  const found = readdirSync(here, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.bench.js'))
  const wanted = found.filter((path) => words.length === 0 || words.some((word) => path.includes(word)))
  if (wanted.length === 0) throw new Error(`no bench matches ${words.join(' ')}`)
  return wanted.sort().map((path) => join(here, path))
}

function readBaseline(): Baseline {
  try {
    return JSON.parse(readFileSync(baselinePath, 'utf8')) as Baseline
  } catch {
    return {}
  }
}
