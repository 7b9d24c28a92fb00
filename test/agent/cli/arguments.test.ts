import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Command, type Given, runCommandLine } from '../../../src/agent/cli/index.ts'

const words = suite('arguments')

/** Runs a command that takes two words and a switch; gives what it was given, or what was written. */
async function typed(...typedWords: string[]): Promise<{ given: Given | undefined; status: number; text: string }> {
  let given: Given | undefined
  let text = ''
  const command: Command = {
    name: 'copy',
    summary: 'copy one thing',
    description: 'Copies.',
    arguments: [
      { name: 'FROM', help: 'what to copy' },
      { name: 'TO', help: 'where to' },
    ],
    options: { force: { help: 'whatever is there' }, only: { value: 'WORDS', help: 'some of it' } },
    examples: ['gossipmonger copy a b'],
    run: async (all) => {
      given = all
      return 0
    },
  }
  const output = { write: (written: string) => (text += written) }
  const status = await runCommandLine([command], ['copy', ...typedWords], { stdout: output, stderr: output })
  return { given, status, text }
}

words('arguments are taken in their order, wherever the options stand', async () => {
  for (const line of ['a b --force --only x', '--force a --only x b', '--only x -- a b']) {
    const { given, status } = await typed(...line.split(' '))
    assert.is(status, 0)
    assert.is(given?.argument('FROM'), 'a')
    assert.is(given?.argument('TO'), 'b')
    assert.is(given?.text('only'), 'x')
  }
})

words('a missing argument is asked for by name', async () => {
  assert.match((await typed()).text, /GOSSIP_ARGUMENT_MISSING: FROM is missing: gossipmonger copy --help/)
  const { given, status, text } = await typed('a', '--force')
  assert.is(status, 2)
  assert.is(given, undefined)
  assert.match(text, /GOSSIP_ARGUMENT_MISSING: TO is missing/)
})

words('one too many is refused', async () => {
  const { status, text } = await typed('a', 'b', 'c')
  assert.is(status, 2)
  assert.match(text, /GOSSIP_ARGUMENT_UNEXPECTED: Unexpected argument 'c': gossipmonger copy --help/)
})

words('a repeatable argument takes all words that are left, or none', async () => {
  const command: Command = {
    name: 'copy',
    summary: 'copy many things',
    description: 'Copies.',
    arguments: [
      { name: 'TO', help: 'where to' },
      { name: 'FROM', help: 'what to copy', isRepeatable: true },
    ],
    options: {},
    examples: [],
    run: async (given) => {
      text += `${given.argument('TO')}: ${given.rest('FROM').join(' ')}\n`
      return 0
    },
  }
  let text = ''
  const output = { write: (written: string) => (text += written) }
  const type = (...line: string[]): Promise<number> =>
    runCommandLine([command], ['copy', ...line], { stdout: output, stderr: output })
  assert.equal([await type('a', 'b', 'c'), await type('a'), await type()], [0, 0, 2])
  assert.match(text, /^a: b c\na: \ngossipmonger: GOSSIP_ARGUMENT_MISSING: TO is missing/)
  await type('--help')
  assert.match(text, /^Usage: gossipmonger copy TO \[FROM …\] \[OPTIONS\]$/m)
})

words('the help names them, and needs none of them', async () => {
  const { status, text } = await typed('--help')
  assert.is(status, 0)
  assert.match(text, /^Usage: gossipmonger copy FROM TO \[OPTIONS\]$/m)
  assert.match(text, /^Arguments:\n {2}FROM {2}what to copy\n {2}TO {4}where to$/m)
})

words('a command cannot ask for an argument that it does not declare', async () => {
  const { given } = await typed('a', 'b')
  assert.throws(() => given?.argument('OTHER'), /declares no argument OTHER/)
})

words.run()
