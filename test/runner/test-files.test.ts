import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TemporaryFolder } from '../harness/temporary-folder.ts'
import { findTestFiles, removeStale } from './test-files.ts'

const testFiles = suite<{ folder: TemporaryFolder }>('test-files')

testFiles.before.each((context) => {
  context.folder = new TemporaryFolder()
})

testFiles.after.each((context) => {
  context.folder.remove()
})

testFiles('finds tests in every folder, by name, and nothing else', ({ folder }) => {
  for (const name of ['tcp/transport.test.js', 'core/a.test.js', 'core/a.js', 'core/a.test.js.map'])
    folder.write(name, '')
  const names = findTestFiles(folder.path, []).map((file) => file.name)
  assert.equal(names, ['core/a', 'tcp/transport'])
})

testFiles('keeps the files whose name contains any filter', ({ folder }) => {
  for (const name of ['a/one.test.js', 'a/two.test.js', 'b/three.test.js']) folder.write(name, '')
  const names = findTestFiles(folder.path, ['two', 'b/']).map((file) => file.name)
  assert.equal(names, ['a/two', 'b/three'])
})

testFiles('removes what a deleted source left behind and keeps the rest', ({ folder }) => {
  folder.write('test/kept.test.ts', '')
  const kept = [folder.write('build/test/kept.test.js', ''), folder.write('build/test/kept.test.js.map', '')]
  const stale = [folder.write('build/test/gone.test.js', ''), folder.write('build/test/gone.test.js.map', '')]
  removeStale(join(folder.path, 'build'), folder.path)
  assert.equal(kept.map(existsSync), [true, true])
  assert.equal(stale.map(existsSync), [false, false])
})

testFiles('a folder that does not exist holds no tests', ({ folder }) => {
  assert.equal(findTestFiles(join(folder.path, 'absent'), []), [])
})

testFiles.run()
