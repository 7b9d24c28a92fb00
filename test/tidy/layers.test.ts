import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cycleFindings, layerFindings } from './layers.ts'
import { parseSource } from './source-file.ts'

const layers = suite('layers')

function problems(path: string, specifier: string): string[] {
  return layerFindings(parseSource(path, `import { a } from '${specifier}'`)).map((finding) => finding.message)
}

function cycles(files: Record<string, string>): string[] {
  const parsed = Object.entries(files).map(([path, text]) => parseSource(path, text))
  return cycleFindings(parsed).map((finding) => finding.message)
}

layers('a folder imports from its left', () => {
  assert.equal(problems('src/tcp/transport.ts', '../transports/index.ts'), [])
  assert.equal(problems('src/agent/main.ts', '../core/index.ts'), [])
  assert.equal(problems('src/tcp/transport.ts', 'node:net'), [])
})

layers('a folder does not import from its right', () => {
  assert.match(String(problems('src/core/engine/engine.ts', '../../tcp/index.ts')), 'src/core must not import src/tcp')
  assert.match(String(problems('src/ring/ring.ts', '../sim/index.ts')), 'src/ring must not import src/sim')
})

layers('a folder outside the layout is told', () => {
  assert.match(String(problems('src/misc/a.ts', '../core/index.ts')), 'no folder of the layout')
  assert.match(String(problems('src/tcp/a.ts', '../misc/index.ts')), 'no folder of the layout')
  assert.match(String(problems('src/core/misc/a.ts', '../errors.ts')), 'no part of the layout')
})

layers('another folder is entered by its index, however deep', () => {
  assert.match(String(problems('src/tcp/a.ts', '../core/errors.ts')), 'side door')
  assert.match(String(problems('src/core/engine/a.ts', '../state/entry.ts')), 'side door')
  assert.match(String(problems('src/tcp/a.ts', '../transports/wire/index.ts')), 'side door')
  assert.equal(problems('src/transports/memory/a.ts', '../../core/index.ts'), [])
  assert.equal(problems('src/core/engine/a.ts', '../errors.ts'), [])
})

layers('every way to import counts', () => {
  for (const text of [
    "import '../tcp/index.ts'",
    "export * from '../tcp/index.ts'",
    "const a = import('../tcp/index.ts')",
  ]) {
    assert.is(layerFindings(parseSource('src/core/a.ts', text)).length, 1, text)
  }
  assert.is(layerFindings(parseSource('src/core/a.ts', "type A = import('../tcp/index.ts').A")).length, 1)
})

layers('the core has layers of its own', () => {
  assert.equal(problems('src/core/gossipmonger.ts', './engine/index.ts'), [])
  assert.equal(problems('src/core/gossipmonger.ts', './old-dialect/index.ts'), [])
  assert.equal(problems('src/core/old-dialect/a.ts', '../engine/index.ts'), [])
  assert.equal(problems('src/core/engine/a.ts', '../flow/index.ts'), [])
  assert.equal(problems('src/core/flow/a.ts', '../state/index.ts'), [])
  assert.equal(problems('src/core/state/a.ts', '../json/index.ts'), [])
  assert.match(String(problems('src/core/state/a.ts', '../engine/index.ts')), 'must not import its engine')
  assert.match(String(problems('src/core/engine/a.ts', '../old-dialect/index.ts')), 'must not import its old-dialect')
  assert.match(String(problems('src/core/engine/a.ts', '../gossipmonger.ts')), 'must not import its driver')
  assert.match(String(problems('src/core/flow/a.ts', '../membership/index.ts')), 'must not import its membership')
  assert.match(String(problems('src/core/json/a.ts', '../state/index.ts')), 'must not import its state')
})

layers('the sources import neither their own package nor the tests', () => {
  assert.match(String(problems('src/tcp/a.ts', 'gossipmonger-engine')), 'own package')
  assert.match(String(problems('src/tcp/a.ts', 'gossipmonger-engine/transports')), 'own package')
  assert.match(String(problems('src/tcp/a.ts', '../../test/harness/a.ts')), 'outside src')
})

layers('a cycle is told with the way around it', () => {
  const files = {
    'src/core/a.ts': "import { b } from './b.ts'",
    'src/core/b.ts': "import type { c } from './c.ts'",
    'src/core/c.ts': "export { b } from './b.ts'",
  }
  assert.equal(cycles(files), ['is in an import cycle: src/core/b.ts → src/core/c.ts → src/core/b.ts'])
  assert.equal(cycles({ ...files, 'src/core/c.ts': '' }), [])
})

layers('a file that imports itself is a cycle', () => {
  assert.is(cycles({ 'test/a.ts': "import { a } from './a.ts'" }).length, 1)
})

layers.run()
