import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TemporaryFolder } from '../../harness/temporary-folder.ts'
import { CommandLine, type Ended } from '../command-line.ts'

const conformance = suite('conformance')

let folder: TemporaryFolder
let running: CommandLine | undefined

conformance.before.each(() => {
  folder = new TemporaryFolder()
})
conformance.after.each(async () => {
  await running?.kill()
  folder.remove()
})

function run(...words: string[]): Promise<Ended> {
  running = new CommandLine('conformance', ...words)
  return running.ended
}

/** A module with a transport that takes everything, delivers nothing and keeps the process alive. */
function moduleWith(exported: string): string {
  const text = `
    import { EventEmitter } from 'node:events'
    class Hole extends EventEmitter {
      constructor() { super(); setInterval(() => {}, 1_000) }
      digest() {}
      deltas() {}
    }
    const hole = { name: 'hole', createTransport: () => new Hole(), close: () => console.log('torn down') }
    ${exported}`
  return folder.write('hole.mjs', text)
}

const example = fileURLToPath(new URL('../../../examples/custom-transport/fixture.js', import.meta.url))

conformance('the example passes, and everything it does not declare is named with the reason', async () => {
  const { status, stdout, stderr } = await run(example)
  assert.is(stderr, '')
  assert.is(status, 0, stdout.join('\n'))
  assert.is(stdout.at(-1), '34 passed, 0 failed, 37 skipped')
  assert.is(stdout.filter((line) => line.startsWith('passed   ')).length, 34)
  assert.ok(stdout.includes('passed   cluster: eight nodes converge over it'))
  assert.ok(
    stdout.includes('skipped  garbage: bytes that are no message harm nobody: the fixture has no injectGarbage'),
  )
})

conformance(
  'a transport that loses everything fails, with reasons, and cannot keep the command from ending',
  async () => {
    const { status, stdout, stderr } = await run(moduleWith('export { hole as fixture }'), '--deadline', '50ms')
    assert.is(stderr, '')
    assert.is(status, 1)
    const text = stdout.join('\n')
    assert.match(
      text,
      /^FAILED {3}delivery: a message to oneself arrives\n {9}expected digest from peer-1 to arrive at peer-1; it had not come true after 50 ms \(see "Delivery" in docs\/WRITING-A-TRANSPORT\.md\)$/m,
    )
    assert.match(text, /^FAILED {3}lifecycle: closing leaves no handle open$/m)
    assert.match(text, /^passed {3}delivery: what is declared is there/m)
    assert.match(stdout.at(-1) ?? '', /^\d+ passed, \d+ failed, \d+ skipped$/)
    assert.ok(text.includes('torn down'))
  },
)

conformance('--only runs the cases whose name contains a word', async () => {
  const { status, stdout } = await run(example, '--only', 'oneself deeply')
  assert.is(status, 0)
  assert.equal(stdout, [
    'passed   delivery: a deeply nested message arrives unaltered',
    'passed   delivery: a message to oneself arrives',
    '',
    '2 passed, 0 failed, 0 skipped',
  ])
})

for (const exported of [
  'export default hole',
  'export default () => hole',
  'export const fixture = async () => hole',
  'export const fixture = 7; export default hole',
]) {
  conformance(`a fixture is found: ${exported}`, async () => {
    const { status, stdout } = await run(moduleWith(exported), '--only', 'oneself', '--deadline', '50')
    assert.is(status, 1)
    assert.is(stdout.at(-1), '0 passed, 1 failed, 0 skipped')
  })
}

const MISUSES: readonly (readonly [text: string, says: RegExp])[] = [
  ['export const other = 1', /GOSSIP_INPUT_INVALID: .*it exports other\)/],
  ['', /GOSSIP_INPUT_INVALID: .*it exports nothing\)/],
  ['export const fixture = {', /GOSSIP_INPUT_INVALID: .*cannot be loaded: SyntaxError/],
  ['import "./nowhere.js"', /GOSSIP_INPUT_INVALID: .*cannot be loaded: Error: Cannot find module/],
  ['export const fixture = () => { throw new Error("no") }', /GOSSIP_INPUT_INVALID: .*failed: Error: no/],
  ['export const fixture = { createTransport() {} }', /GOSSIP_OPTION_INVALID: fixture\.name must be a non-empty text/],
]

for (const [text, says] of MISUSES) {
  conformance(`a module that cannot be used ends it with 2: ${text}`, async () => {
    const { status, stdout, stderr } = await run(folder.write('bad.mjs', text))
    assert.is(status, 2)
    assert.equal(stdout, [])
    assert.match(stderr, says)
  })
}

conformance('--only without any case ends it with 2', async () => {
  const { status, stderr } = await run(example, '--only', 'unheard-of')
  assert.is(status, 2)
  assert.match(stderr, /GOSSIP_OPTION_INVALID: --only must be words of which one is in the name of a case/)
})

conformance.run()
