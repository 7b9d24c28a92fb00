import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packageInfo } from '../../src/agent/cli/index.ts'

const examples = suite('examples')

/** Runs Node in the folder of the package, so that the package is found by its name; resolves with what it printed. */
function printed(words: readonly string[], program = ''): Promise<string> {
  const { folder } = packageInfo()
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [...words], { cwd: folder, timeout: 30_000 }, (error, stdout, stderr) => {
      if (error === null && stderr === '') resolve(stdout)
      else reject(new Error(`${error?.message ?? ''}\n${stderr}`))
    })
    child.stdin?.end(program)
  })
}

function assertShowsTheService(output: string): void {
  assert.match(output, /type: 'set',\s+peer: 'ada',\s+key: 'services\/web',\s+value: \{ port: 8080, weight: 3 \}/)
}

examples('the first block of the README runs as pasted, and ends', async () => {
  const readme = readFileSync(`${packageInfo().folder}/README.md`, 'utf8')
  const block = /^```js\n(.*?)^```$/ms.exec(readme)?.[1] ?? ''
  assertShowsTheService(await printed(['--input-type=module'], block))
})

examples('two-nodes does the same', async () => {
  assertShowsTheService(await printed([fileURLToPath(new URL('../../examples/two-nodes.js', import.meta.url))]))
})

examples('test-your-service finds every promise kept, the same way each time', async () => {
  const [first, second] = await Promise.all(
    [1, 2].map(() => printed([fileURLToPath(new URL('../../examples/test-your-service.js', import.meta.url))])),
  )
  assert.match(
    first ?? '',
    /^every node counts 139 votes, \d+ rounds after the faults; trace [0-9a-f]{16}\nall schedules hold\n$/,
  )
  assert.is(first, second)
})

examples('S4.11 replicated-cache loads every value once, and after a node has left exactly its own', async () => {
  const output = await printed([fileURLToPath(new URL('../../examples/replicated-cache.js', import.meta.url))])
  assert.match(output, /^ada has loaded \d+ of 30 values\nbob .*\ncy .*\nada has left: \d+ values were loaded again/)
})

examples('S1.3 plugins loads a folder of plug-ins, and unloads it', async () => {
  const output = await printed([fileURLToPath(new URL('../../examples/plugins/main.js', import.meta.url))])
  const lines = output.split('\n').filter((line) => !line.startsWith('doorman: '))
  assert.equal(lines, [
    'ada has loaded greeter, doorman',
    'hello bob, you said {"from":"far away"}, number 1',
    'ada has caught up: [["bob",0,"one"],["bob",1,"two"],["bob",2,"three"]]',
    'ada still has heartbeat, catch-up',
    '',
  ])
  assert.match(output, /^doorman: bob has come$/m)
})

examples('the cache of the README, which asks the owner of a key, runs as pasted, and ends', async () => {
  const readme = readFileSync(`${packageInfo().folder}/README.md`, 'utf8')
  const blocks = [...readme.matchAll(/^```js\n(.*?)^```$/gms)].map(([, block]) => block ?? '')
  const block = blocks.find((text) => text.includes('new Forwarder')) ?? ''
  assert.is((await printed(['--input-type=module'], block)).trim(), 'the page about user:7')
  assert.ok(block.trim().split('\n').length <= 15)
})

examples('the README shows the heart of test-your-service', () => {
  const { folder } = packageInfo()
  const readme = readFileSync(`${folder}/README.md`, 'utf8')
  const shown = /^```ts\n(const simulation = .*?)^```$/ms.exec(readme)?.[1] ?? ''
  const example = readFileSync(`${folder}/examples/test-your-service.ts`, 'utf8')
  assert.ok(shown.length > 0)
  for (const line of shown.split('\n')) assert.ok(line.trim() === '…' || example.includes(line.trim()), line)
})

examples.run()
