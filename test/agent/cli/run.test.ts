import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runCommandLine } from '../../../src/agent/cli/index.ts'
import { commands } from '../../../src/agent/commands/index.ts'

const run = suite('run')

async function said(...words: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  let [stdout, stderr] = ['', '']
  const streams = {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
  }
  return { status: await runCommandLine(commands, words, streams), stdout, stderr }
}

run('--help lists every command and ends with 0', async () => {
  for (const word of ['--help', '-h', 'help']) {
    const { status, stdout, stderr } = await said(word)
    assert.is(status, 0)
    assert.is(stderr, '')
    for (const { name, summary } of commands) assert.match(stdout, new RegExp(`^ {2}${name} +${summary}$`, 'm'))
  }
})

run('the help of a command names every option of it', async () => {
  for (const { name, options } of commands) {
    for (const words of [
      [name, '--help'],
      [name, '-h'],
      ['help', name],
    ]) {
      const { status, stdout } = await said(...words)
      assert.is(status, 0)
      for (const option of Object.keys(options)) assert.ok(stdout.includes(`--${option}`), option)
    }
  }
})

run('--version is that of the package', async () => {
  const { status, stdout } = await said('--version')
  assert.is(status, 0)
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
})

const MISUSES: readonly (readonly [words: string, says: string])[] = [
  ['', 'GOSSIP_COMMAND_MISSING: say which command: agent, keygen, demo, simulate, conformance'],
  [
    'nonsense',
    "GOSSIP_COMMAND_UNKNOWN: there is no command 'nonsense': use one of agent, keygen, demo, simulate, conformance",
  ],
  ['help nonsense', "GOSSIP_COMMAND_UNKNOWN: there is no command 'nonsense'"],
  ['--nope', "GOSSIP_OPTION_UNKNOWN: Unknown option '--nope': gossipmonger --help"],
  ['agent --nope', "GOSSIP_OPTION_UNKNOWN: Unknown option '--nope': gossipmonger agent --help"],
  ['agent stray', "GOSSIP_ARGUMENT_UNEXPECTED: Unexpected argument 'stray': gossipmonger agent --help"],
  ['agent --port', 'GOSSIP_ARGUMENT_INVALID'],
  ['agent --json=yes', 'GOSSIP_ARGUMENT_INVALID'],
  ['agent --port 65536', 'GOSSIP_OPTION_INVALID: --port must be a whole number from 0 to 65535, got "65536"'],
  ['agent --interval soon', 'GOSSIP_OPTION_INVALID: --interval must be a time'],
  ['agent --join nowhere', 'GOSSIP_OPTION_INVALID: --join must be HOST:PORT'],
  ['agent --set =red', 'GOSSIP_OPTION_INVALID: --set must be KEY=VALUE'],
  ['agent --id=', 'GOSSIP_OPTION_INVALID: --id must be a text of 1 to 256 bytes'],
  ['agent --host 0.0.0.0', 'GOSSIP_OPTION_INVALID: --host must be an address others can dial, unless --advertise'],
  ['demo --nodes 1', 'GOSSIP_OPTION_INVALID: --nodes must be a whole number from 2 to 32, got "1"'],
  ['demo --input nowhere.json', 'GOSSIP_INPUT_UNREADABLE'],
  ['conformance', 'GOSSIP_ARGUMENT_MISSING: MODULE is missing: gossipmonger conformance --help'],
  ['conformance one two', "GOSSIP_ARGUMENT_UNEXPECTED: Unexpected argument 'two': gossipmonger conformance --help"],
  ['conformance nowhere.js', 'GOSSIP_INPUT_UNREADABLE: there is no file nowhere.js'],
]

for (const [words, says] of MISUSES) {
  run(`'gossipmonger ${words}' ends with 2 and says what to do`, async () => {
    const { status, stdout, stderr } = await said(...words.split(' ').filter((word) => word !== ''))
    assert.is(status, 2)
    assert.is(stdout, '')
    assert.ok(stderr.includes(`gossipmonger: ${says}`), stderr)
  })
}

run.run()
