/**
 * Repeats experiments of papers on the real engine, and prints the paper's value beside ours.
 *
 *     npm run experiments -- [part of a name …] [--quick] [--seed N]
 */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { type Experiment, findingsTable } from './harness/experiment.ts'

const folder = fileURLToPath(new URL('experiments', import.meta.url))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean' }, seed: { type: 'string' } },
})
const seed = Number(values.seed ?? '1')

const files = readdirSync(folder).filter((file) => file.endsWith('.js'))
const wanted = files.filter((file) => positionals.length === 0 || positionals.some((word) => file.includes(word)))
if (wanted.length === 0)
  throw new Error(`no experiment matches ${positionals.join(' ')}: there are ${files.join(', ')}`)

for (const file of wanted.sort()) {
  const { experiment } = (await import(pathToFileURL(join(folder, file)).href)) as { readonly experiment: Experiment }
  const startedAt = performance.now()
  console.log(`\n${file.replace('.js', '')}: ${experiment.question}\n${experiment.source}; seed ${seed}`)
  const findings = await experiment.run({ seed, isQuick: values.quick === true, tell })
  console.log(findingsTable(findings))
  const mebibytes = Math.round(process.resourceUsage().maxRSS / 1_024)
  console.log(`  ${((performance.now() - startedAt) / 1_000).toFixed(1)} s, at most ${mebibytes} MiB`)
}

function tell(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[2K${text}`)
  else process.stderr.write(`${text}\n`)
}
