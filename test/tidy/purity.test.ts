import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { purityFindings } from './purity.ts'
import { parseSource } from './source-file.ts'

const purity = suite('purity')

function problems(text: string, path: string = 'src/core/engine/engine.ts'): number {
  return purityFindings(parseSource(path, text)).length
}

const AMBIENT_USES = [
  'setTimeout(() => {}, 1)',
  'const timer = { start: setInterval }',
  'const at = Date.now()',
  'const at = new Date()',
  'const now = performance.now',
  'const chance = Math.random()',
  "const chance = Math['random']()",
  'const id = crypto.randomUUID()',
  'const { env } = process',
  "const bytes = Buffer.from('a')",
  "const net = require('net')",
  'globalThis.setTimeout(f, 1)',
  'const all = { Date }',
]

purity('every ambient use is found', () => {
  for (const text of AMBIENT_USES) assert.is(problems(text), 1, text)
})

purity('node modules are found, in types too', () => {
  assert.is(problems("import { join } from 'node:path'"), 1)
  assert.is(problems("import type { Socket } from 'node:net'"), 1)
})

purity('a field of that name is no ambient use', () => {
  assert.is(problems('const a = options.process\nconst b = { Date: 1 }\nclass C { performance() {} }'), 0)
  assert.is(problems('interface D { crypto: string }'), 0)
})

purity('what is not ambient is allowed', () => {
  assert.is(problems('queueMicrotask(f)\nconst a = Math.max(1, 2)'), 0)
})

purity('the wrapper may use the runtime, but no node modules', () => {
  assert.is(problems('const now = Date.now()', 'src/core/system.ts'), 0)
  assert.is(problems("import 'node:fs'", 'src/core/system.ts'), 1)
})

purity('other folders are not concerned', () => {
  assert.is(problems('setTimeout(f, 1)', 'src/tcp/transport.ts'), 0)
})

purity.run()
