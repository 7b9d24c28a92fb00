import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TemporaryFolder } from '../../harness/temporary-folder.ts'
import { CommandLine } from '../command-line.ts'

const demo = suite('demo')

let folder: TemporaryFolder
let running: CommandLine | undefined

demo.before.each(() => {
  folder = new TemporaryFolder()
})
demo.after.each(async () => {
  await running?.kill()
  folder.remove()
})

function start(...words: string[]): CommandLine {
  running = new CommandLine('demo', '--nodes', '3', '--interval', '50', ...words)
  return running
}

demo('it ends with 0 when every node holds exactly what was written', async () => {
  const entries = Array.from({ length: 40 }, (_, i) => [`key ${i}`, { n: i, text: 'é'.repeat(i) }])
  const input = folder.write('input.json', JSON.stringify(Object.fromEntries(entries)))
  const { status, stdout, stderr } = await start('--input', input).ended
  const text = stdout.join('\n')
  assert.is(stderr, '')
  assert.is(status, 0, text)
  assert.match(text, /^input +40 keys of input\.json, [\d,]+ bytes$/m)
  assert.match(text, /^full replication +\d+ rounds?, \d+\.\d+ s$/m)
  assert.match(text, /^death detected +\d.* at φ (8|9|\d\d)\.\d\d to \d+\.\d\d$/m)
  assert.match(text, /^taken back +\d/m)
  assert.match(text, /^deletion +3 keys: \d+ rounds?/m)
  for (const id of ['node-1', 'node-2', 'node-3'])
    assert.match(text, new RegExp(`^${id} +\\d+ +[\\d,]+ +[\\d,]+ +\\w`, 'm'))
  assert.match(text, /^identical: all 3 nodes hold exactly what was written \(9 copies, 111 values, all hashes\)$/m)
})

demo('the acts come in order, and the killed node comes back under a higher generation', async () => {
  const input = folder.write('input.ndjson', '{"key": "a", "value": 1}\n{"key": "b", "value": 2}\n')
  const { status, stdout } = await start('--input', input).ended
  assert.is(status, 0, stdout.join('\n'))
  const acts = stdout.flatMap((line) => /^ *\d+\.\d s {2}(\w+)/.exec(line)?.[1] ?? [])
  const order = ['start', 'gather', 'replicate', 'kill', 'suspect', 'dead', 'start', 'live', 'replicate', 'delete']
  assert.equal(
    acts.filter((act, i) => act !== acts[i - 1]),
    order,
  )
  const [, now = '', former = ''] = /generation (\d+) \(it was (\d+)\)/.exec(stdout.join('\n')) ?? []
  assert.ok(BigInt(now) > BigInt(former))
})

demo('a process that is lost on the way ends it with 1 and a reason', async () => {
  const input = folder.write('input.json', '{"a": 1}')
  const commandLine = start('--input', input)
  const line = await commandLine.line(/start +node-2 /)
  process.kill(Number(/ process (\d+),/.exec(line)?.[1]), 'SIGKILL')
  const { status, stderr } = await commandLine.ended
  assert.is(status, 1)
  assert.match(stderr, /^gossipmonger: GOSSIP_DEMO_NODE_LOST: the process of node-2 has ended: SIGKILL\n$/)
})

demo('Ctrl-C ends it and all its processes', async () => {
  const commandLine = start()
  await commandLine.line(/ kill /)
  commandLine.signal('SIGINT')
  // The node processes share its standard error, so this comes when the last of them is gone.
  assert.is((await commandLine.ended).status, 130)
})

demo.run()
