import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { documentedFindings } from './documented.ts'
import { parseSource } from './source-file.ts'

const documented = suite('documented')

function problems(text: string, path: string = 'src/core/entry.ts'): string[] {
  return documentedFindings(parseSource(path, text)).map((finding) => `${finding.line}: ${finding.message}`)
}

const EXPORTS = ['const a = 1', 'function a() {}', 'class a {}', 'abstract class a {}', 'interface a {}', 'type a = 1']

documented('every kind of export needs its comment', () => {
  for (const text of EXPORTS) {
    assert.equal(problems(`\nexport ${text}`), ['2: exports a without a doc comment'], text)
    assert.equal(problems(`/** Says what it is. */\nexport ${text}`), [], text)
  }
})

documented('a comment further up, or of another kind, does not count', () => {
  assert.is(problems('/** Of b. */\nconst b = 1\nexport const a = 1').length, 1)
  assert.is(problems('/* Not a doc comment. */\nexport const a = 1').length, 1)
  assert.is(problems('// Not a doc comment.\nexport const a = 1').length, 1)
})

documented('a line comment may stand in between', () => {
  assert.equal(problems('/** Says what it is. */\n// A remark to a tool.\nexport const a = 1'), [])
})

documented('what a list exports needs its comment where it is declared', () => {
  assert.equal(problems('const a = 1\nexport { a as b }'), ['1: exports a without a doc comment'])
  assert.equal(problems('/** Says what it is. */\nconst a = 1\nexport { a }'), [])
})

documented('the first of overloads speaks for all', () => {
  const rest = 'export function a(x: string): void\nexport function a(x: number): void\nexport function a() {}'
  assert.equal(problems(`/** Says what it is. */\n${rest}`), [])
  assert.is(problems(rest).length, 1)
})

documented('private names, re-exports and other folders are free', () => {
  assert.equal(problems("const a = 1\nexport { b } from './b.ts'\nexport * from './c.ts'"), [])
  assert.equal(problems('export const a = 1', 'test/harness/a.ts'), [])
})

documented.run()
