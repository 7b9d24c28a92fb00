import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TemporaryFolder } from '../harness/temporary-folder.ts'
import { TestProcesses } from './run-file.ts'
import { judge, type Verdict } from './totals.ts'

const runFile = suite<{ folder: TemporaryFolder }>('run-file')

const UVU = import.meta.resolve('uvu')
const PREAMBLE = `import { suite } from '${UVU}'\nconst it = suite('fixture')\n`

runFile.before.each((context) => {
  context.folder = new TemporaryFolder()
})

runFile.after.each((context) => {
  context.folder.remove()
})

async function verdictOn(folder: TemporaryFolder, text: string, timeoutMs: number = 20_000): Promise<Verdict> {
  return judge(await new TestProcesses().run(folder.write('fixture.test.mjs', text), timeoutMs))
}

runFile('S2.13 S4.19 a file whose tests pass has passed', async ({ folder }) => {
  const verdict = await verdictOn(folder, `${PREAMBLE}it('a', () => {})\nit('b', () => {})\nit.run()`)
  assert.equal(verdict, { passed: 2, failed: 0, skipped: 0 })
})

runFile('S2.13 S4.19 a failing test fails its file and is counted', async ({ folder }) => {
  const verdict = await verdictOn(
    folder,
    `${PREAMBLE}it('a', () => {})\nit('b', () => { throw new Error('no') })\nit.run()`,
  )
  assert.is(verdict.passed, 1)
  assert.is(verdict.failed, 1)
  assert.match(String(verdict.problem), '1 of 2 failed')
})

runFile('a suite that was never run fails its file', async ({ folder }) => {
  const verdict = await verdictOn(folder, `${PREAMBLE}it('a', () => { throw new Error('unseen') })`)
  assert.is(verdict.failed, 1)
})

runFile('a suite without tests fails its file', async ({ folder }) => {
  const verdict = await verdictOn(folder, `${PREAMBLE}it.run()`)
  assert.match(String(verdict.problem), 'no test')
})

runFile('a hook that throws fails its file, though uvu ends with 0', async ({ folder }) => {
  const text = `${PREAMBLE}it.before(() => { throw new Error('hook') })\nit('a', () => {})\nit.run()`
  const verdict = await verdictOn(folder, text)
  assert.is(verdict.failed, 1)
})

runFile('a process that dies before its totals fails its file', async ({ folder }) => {
  const verdict = await verdictOn(folder, `${PREAMBLE}it('a', () => process.exit(0))\nit.run()`)
  assert.match(String(verdict.problem), 'no totals')
})

runFile('an error outside the tests fails a file whose tests all passed', async ({ folder }) => {
  const text = `${PREAMBLE}it('a', () => {})\nit.run()\nsetTimeout(() => { throw new Error('late') }, 100)`
  const verdict = await verdictOn(folder, text)
  assert.match(String(verdict.problem), 'exit code 1')
})

runFile('an open handle is a failure that says so', async ({ folder }) => {
  const verdict = await verdictOn(folder, `${PREAMBLE}it('a', () => {})\nit.run()\nsetInterval(() => {}, 1000)`, 2_000)
  assert.match(String(verdict.problem), 'open handle')
  assert.is(verdict.passed, 1)
})

runFile('a test that never ends is a failure that says so', async ({ folder }) => {
  const text = `${PREAMBLE}it('a', () => new Promise(() => setInterval(() => {}, 1000)))\nit.run()`
  const verdict = await verdictOn(folder, text, 2_000)
  assert.match(String(verdict.problem), 'a test waits for ever')
})

runFile('what a test started ends with it', async ({ folder }) => {
  const text = `
    import { spawn } from 'node:child_process'
    ${PREAMBLE}
    it('a', () => {
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })
      child.unref()
    })
    it.run()`
  const ending = await new TestProcesses().run(folder.write('fixture.test.mjs', text), 20_000)
  // The child inherited the pipes, so they end no earlier than it does: had it lived on, the deadline would have passed.
  assert.is(ending.exitCode, 0)
  assert.not.ok(ending.timedOut)
})

runFile.run()
