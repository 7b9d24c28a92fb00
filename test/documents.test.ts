/** The documents are complete: no option or error code goes unmentioned, and none is invented. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ENGINE_OPTION_NAMES } from '../src/core/engine/index.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

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
