import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UsageError } from '../../../src/agent/cli/index.ts'
import { fileInput, ownInput } from '../../../src/agent/demo/index.ts'
import { TemporaryFolder } from '../../harness/temporary-folder.ts'

const input = suite('input')

let folder: TemporaryFolder

input.before.each(() => {
  folder = new TemporaryFolder()
})
input.after.each(() => folder.remove())

input('the default is the packages of the lock file beside package.json', () => {
  folder.write('package-lock.json', '{"packages": {"": {"name": "x"}, "node_modules/a": {"version": "1.0.0"}}}')
  const { entries, source } = ownInput({ folder: folder.path, version: '0.0.0', dependencies: {} })
  assert.equal([...entries.keys()], ['.', 'node_modules/a'])
  assert.match(source, /^2 packages of .*package-lock\.json, \d+ bytes$/)
})

input('this project has a lock file of its own', () => {
  assert.ok(ownInput().entries.size > 10)
})

input('installed without a lock file, the default says so and is the dependencies', () => {
  const { entries, source } = ownInput({ folder: folder.path, version: '0.0.0', dependencies: { a: '1.0.0' } })
  assert.equal(entries, new Map([['a', '1.0.0']]))
  assert.match(source, /an installed package has no lock file; --input/)
})

input('the end of a name decides what is lines, a mark of byte order does not matter', () => {
  const line = '\uFEFF{"key": "a", "value": 1}'
  assert.is(fileInput(folder.write('x.ndjson', line)).entries.get('a'), 1)
  assert.is(fileInput(folder.write('x.JSONL', line)).entries.get('a'), 1)
})

input('bytes are those of keys and values as JSON', () => {
  assert.is(fileInput(folder.write('x.json', '{ "é": [1, 2] }')).bytes, '"e"'.length + 1 + '[1,2]'.length)
})

input('a file that cannot be read is told', () => {
  assert.throws(
    () => fileInput(folder.path),
    (error: unknown) => error instanceof UsageError && error.code === 'GOSSIP_INPUT_UNREADABLE',
  )
})

input.run()
