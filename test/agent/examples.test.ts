import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packageInfo } from '../../src/agent/cli/index.ts'

const examples = suite('examples')

/** Long enough for a busy machine; reached only by an example that hangs. */
const DEADLINE_MS = 120_000

/** Runs Node in the folder of the package, so that the package is found by its name; resolves with what it printed. */
function printed(words: readonly string[], program = ''): Promise<string> {
  const { folder } = packageInfo()
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [...words],
      { cwd: folder, timeout: DEADLINE_MS },
      (error, stdout, stderr) => {
        if (error === null && stderr === '') resolve(stdout)
        else reject(Object.assign(new Error(`${error?.message ?? ''}\n${stderr}`), { stdout }))
      },
    )
    child.stdin?.end(program)
  })
}

/** Where an example was compiled to. */
function example(name: string): string {
  return fileURLToPath(new URL(`../../examples/${name}.js`, import.meta.url))
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
  assertShowsTheService(await printed([example('two-nodes')]))
})

examples('test-your-service finds every promise kept, the same way each time', async () => {
  const [first, second] = await Promise.all([1, 2].map(() => printed([example('test-your-service')])))
  assert.match(
    first ?? '',
    /^every node counts 139 votes, \d+ rounds after the faults; trace [0-9a-f]{16}\nall schedules hold\n$/,
  )
  assert.is(first, second)
})

examples('S4.11 replicated-cache loads every value once, and after a node has left exactly its own', async () => {
  const output = await printed([example('replicated-cache')])
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

examples('S5.23 file-through-relay brings the file whole although the relay is killed half-way', async () => {
  const lines = (await printed([example('file-through-relay'), '--patience', '20'])).split('\n')
  const killed = lines.indexOf('the relay is killed')
  const on = lines.findIndex((line) => /^ada: bob holds \d+ % of it, on from there$/.test(line))
  const all = lines.findIndex((line) => /^bob: all of it is here, SHA-256 [0-9a-f]{64}$/.test(line))
  assert.ok(killed > 0 && killed < on && on < all, lines.join('\n'))
  assert.match(lines.join('\n'), /^ada: GOSSIP_[A-Z_]+, so she tries again$/m)
})

examples('file-through-relay gives up with a code when the relay does not come back', async () => {
  const words = [example('file-through-relay'), '--megabytes', '8', '--patience', '1', '--lose-relay']
  const failure = await printed(words).then(
    () => assert.unreachable(),
    (error: Error & { readonly stdout?: string }) => error.stdout ?? '',
  )
  assert.match(failure ?? '', /the relay is killed\n(.*\n)*ada gives up: GOSSIP_[A-Z_]+\n$/)
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
