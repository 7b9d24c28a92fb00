import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { formFindings } from './form.ts'
import { parseSource } from './source-file.ts'

const form = suite('form')

function problems(text: string, path: string = 'src/core/entry.ts'): string {
  return formFindings(parseSource(path, text))
    .map((finding) => `${finding.line}: ${finding.message}`)
    .join('; ')
}

function statements(lines: number): string {
  return 'f()\n'.repeat(lines)
}

form('file names are kebab-case', () => {
  assert.is(problems('', 'src/core/arrival-window.test.ts'), '')
  assert.match(problems('', 'src/core/arrivalWindow.ts'), 'kebab-case')
  assert.match(problems('', 'src/core/old_dialect/a.ts'), 'kebab-case')
})

form('a file ends at 400 lines', () => {
  assert.is(problems(statements(400)), '')
  assert.match(problems(statements(401)), 'has 401 lines')
})

form('a function ends at 60 lines, its head and its end included', () => {
  assert.is(problems(`function long() {\n${statements(58)}}`), '')
  assert.match(problems(`function long() {\n${statements(59)}}`), 'long has 61 lines')
})

form('every kind of function is measured and named', () => {
  const body = `{\n${statements(60)}}`
  assert.match(problems(`class A {\n  async long(a: string): Promise<void> ${body}\n}`), '2: long has 62 lines')
  assert.match(problems(`class A { #long() ${body} }`), 'long has 62 lines')
  assert.match(problems(`const long = () => ${body}`), 'long has 62 lines')
  assert.match(problems(`const a = { long() ${body} }`), 'long has 62 lines')
  assert.match(problems(`f(() => ${body})`), 'a function has 62 lines')
})

form('braces in text do not count', () => {
  assert.is(problems("function short() { return '{' + `{` + /{/.source }\nconst b = 1\n".repeat(70)), '')
})

form('relative imports carry their ending', () => {
  assert.is(problems("import { a } from './a.ts'\nimport { b } from 'b'"), '')
  assert.match(problems("import { a } from './a'"), 'without its .ts')
  assert.match(problems("export * from '../a.js'"), 'without its .ts')
})

form('nothing is exported as default', () => {
  assert.match(problems('export default 1'), 'default export')
  assert.match(problems('const a = 1\nexport { a as default }'), '2: has a default export')
  assert.match(problems("export { default } from './a.ts'"), 'default export')
  assert.is(problems("import a from 'a'"), '')
})

form('an index only re-exports', () => {
  assert.is(problems("export { a } from './a.ts'\nexport * from './b.ts'", 'src/tcp/index.ts'), '')
  assert.match(problems('export const a = 1', 'src/tcp/index.ts'), 'only re-exports')
  assert.match(problems("import './a.ts'", 'src/tcp/index.ts'), 'only re-exports')
  assert.match(problems('const a = 1\nexport { a }', 'src/index.ts'), 'only re-exports')
})

form.run()
