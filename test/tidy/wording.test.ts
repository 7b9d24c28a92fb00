import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseSource } from './source-file.ts'
import { machinePathFindings, wordingFindings } from './wording.ts'

const wording = suite('wording')

function problems(text: string): string[] {
  return wordingFindings(parseSource('src/core/entry.ts', text)).map((finding) => `${finding.line}: ${finding.message}`)
}

/** Put together, so that this file itself names no such path. */
function pathIn(root: string): string {
  return ['', root, 'a'].join('/')
}

wording('unfinished business is told', () => {
  assert.equal(problems('\n// TODO: more'), ['2: has a comment with TODO'])
  assert.equal(problems('/** FIXME */'), ['1: has a comment with FIXME'])
  assert.equal(problems("const mark = 'TODO' // what others leave behind"), [])
})

wording('silenced checks are told', () => {
  assert.equal(problems('// @ts-ignore'), ['1: has a comment with @ts-ignore'])
  assert.equal(problems('// @ts-nocheck'), ['1: has a comment with @ts-nocheck'])
})

wording('the type any is told wherever it stands', () => {
  assert.is(problems('let a: any').length, 1)
  assert.is(problems('const a = b as any').length, 1)
  assert.is(problems('const a = new Map<string, any>()').length, 1)
  assert.equal(problems('const any = 1 // any more'), [])
})

wording('a path of one machine is told', () => {
  for (const root of ['work', 'tmp', 'home', 'root']) {
    assert.is(machinePathFindings({ path: 'docs/a.md', text: `\nsee ${pathIn(root)}` }).length, 1, root)
  }
  assert.equal(machinePathFindings({ path: 'docs/a.md', text: `see docs${pathIn('work')}` }), [])
})

wording('tests may name the temporary folder and no other', () => {
  assert.equal(machinePathFindings({ path: 'test/a.test.ts', text: pathIn('tmp') }), [])
  assert.is(machinePathFindings({ path: 'test/a.test.ts', text: pathIn('work') }).length, 1)
})

wording.run()
