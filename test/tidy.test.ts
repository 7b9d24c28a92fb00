/**
 * Reads the whole source tree and holds it to the house style. Each rule lives in `test/tidy/` and is shown a bad
 * example there, so that the rule itself is known to be able to fail.
 */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { documentedFindings } from './tidy/documented.ts'
import { formFindings } from './tidy/form.ts'
import { cycleFindings, layerFindings } from './tidy/layers.ts'
import { purityFindings } from './tidy/purity.ts'
import type { Finding } from './tidy/source-file.ts'
import { suiteFindings } from './tidy/suites.ts'
import { parseSources, readTexts, repositoryRoot } from './tidy/tree.ts'
import { machinePathFindings, wordingFindings } from './tidy/wording.ts'

const tidy = suite('tidy')

const texts = readTexts(repositoryRoot())
const sources = parseSources(texts)

function assertNone(findings: readonly Finding[]): void {
  if (findings.length === 0) return
  const lines = findings.map(({ path, line, message }) => `${path}:${line} ${message}`)
  const error = new Error(['the house style is broken', ...lines].join('\n      '))
  error.stack = error.name // The places that matter are in the message.
  throw error
}

tidy('the tree was read', () => {
  const paths = sources.map((file) => file.path)
  for (const path of ['src/core/ports.ts', 'test/tidy.test.ts']) assert.ok(paths.includes(path), `${path} was not read`)
})

tidy('imports run one way, through front doors', () => assertNone(sources.flatMap(layerFindings)))

tidy('no file is in an import cycle', () => assertNone(cycleFindings(sources)))

tidy('the core touches no ambient time, chance or process', () => assertNone(sources.flatMap(purityFindings)))

tidy('files and functions have their form', () => assertNone(sources.flatMap(formFindings)))

tidy('every export is documented', () => assertNone(sources.flatMap(documentedFindings)))

tidy('every suite runs, and all of it', () => assertNone(sources.flatMap(suiteFindings)))

tidy('nothing is unfinished or silenced', () => assertNone(sources.flatMap(wordingFindings)))

tidy('no text names a path of one machine', () => assertNone(texts.flatMap(machinePathFindings)))

tidy.run()
