import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Given, runCommandLine } from '../../../src/agent/cli/index.ts'
import { commands } from '../../../src/agent/commands/index.ts'
import { configurationOf } from '../../../src/agent/node/index.ts'
import { TemporaryFolder } from '../../harness/temporary-folder.ts'
import { CommandLine } from '../command-line.ts'

const config = suite<{ folder: TemporaryFolder }>('agent --config')

config.before.each((context) => {
  context.folder = new TemporaryFolder()
})

config.after.each(({ folder }) => folder.remove())

async function refusal(...words: string[]): Promise<string> {
  let stderr = ''
  const streams = { stdout: { write: () => true }, stderr: { write: (text: string) => (stderr += text) } }
  assert.is(await runCommandLine(commands, ['agent', ...words], streams), 2)
  return stderr
}

config('S3.15 a node starts from a configuration in JSON, and what is typed wins', async ({ folder }) => {
  const file = folder.write(
    'node.json',
    JSON.stringify({
      id: 'from-file',
      port: 0,
      interval: '50ms',
      json: true,
      set: { color: 'red', limits: { cpu: 4 } },
      engine: { deadPeerPhi: 9, samplingWindowSize: 100 },
    }),
  )
  const node = new CommandLine('agent', '--config', file, '--id', 'typed')
  try {
    const { id, address } = JSON.parse(await node.line(/"listening"/)) as { id: string; address: { port: number } }
    assert.is(id, 'typed')
    const other = new CommandLine('agent', '--port', '0', '--interval', '50', '--join', `127.0.0.1:${address.port}`)
    try {
      await other.line(/ {2}set +typed color = "red"$/)
      await other.line(/ {2}set +typed limits = \{"cpu":4\}$/)
    } finally {
      await other.kill()
    }
  } finally {
    await node.kill()
  }
})

config('S3.15 what was typed replaces what the file says, option by option', ({ folder }) => {
  const [agent] = commands.filter(({ name }) => name === 'agent')
  assert.ok(agent)
  const said = { join: ['a:1', 'b:2'], set: { 'k 1': null, k2: 'x' }, fanout: 4, relay: true, json: false }
  const file = folder.write('node.json', JSON.stringify({ ...said, engine: { deadPeerPhi: 10 } }))
  const typed = new Given({ config: [file], join: ['c:3'] }, new Set(['plain-text']))
  const { given, engine } = configurationOf(agent, typed)
  assert.equal(given.texts('join'), ['c:3'])
  assert.equal(given.texts('set'), ['k 1=null', 'k2="x"'])
  assert.is(given.text('fanout'), '4')
  assert.equal(
    ['relay', 'plain-text', 'json'].map((name) => given.has(name)),
    [true, true, false],
  )
  assert.equal(engine, { deadPeerPhi: 10 })
})

config(
  'S3.15 whatever a file says that is not understood is refused with the file and the name',
  async ({ folder }) => {
    const cases: readonly (readonly [text: string, says: string])[] = [
      ['{', 'GOSSIP_INPUT_INVALID: '],
      ['[]', 'GOSSIP_INPUT_INVALID: '],
      ['{ "prot": 1 }', "unknown option 'prot': gossipmonger agent --help"],
      ['{ "constructor": "x" }', "unknown option 'constructor'"],
      ['{ "__proto__": "x" }', "unknown option '__proto__'"],
      ['{ "config": "x" }', "unknown option 'config'"],
      ['{ "port": true }', 'port must be a text or a number'],
      ['{ "port": ["1"] }', 'port must be a text or a number'],
      ['{ "relay": "yes" }', 'relay must be true or false'],
      ['{ "join": [1] }', 'join must be a text, or a list of texts'],
      ['{ "join": { "a": 1 } }', 'join must be a text, or a list of texts'],
      ['{ "set": { "a=b": 1 } }', 'set must be an object of keys, without ='],
      ['{ "port": 65536 }', 'GOSSIP_OPTION_INVALID: --port must be a whole number'],
      ['{ "engine": 1 }', 'engine must be an object'],
      ['{ "engine": { "fanout": 4 } }', 'engine.fanout has no place there: say fanout'],
      ['{ "engine": { "system": {} } }', 'engine.system has no place there'],
      ['{ "engine": { "deadPeerPhi": 0 } }', 'GOSSIP_OPTION_INVALID: deadPeerPhi must be'],
      ['{ "engine": { "phi": 8 } }', 'GOSSIP_OPTION_INVALID: options.phi must be one of'],
    ]
    for (const [index, [text, says]] of cases.entries()) {
      const told = await refusal('--config', folder.write(`${index}.json`, text))
      assert.ok(told.includes(says), `${text}: ${told}`)
    }
    const nowhere = join(folder.path, 'nowhere.json')
    assert.match(await refusal('--config', nowhere), `GOSSIP_INPUT_UNREADABLE: there is no configuration to read at`)
  },
)

config.run()
