import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runCommandLine } from '../../../src/agent/cli/index.ts'
import { commands } from '../../../src/agent/commands/index.ts'
import { TemporaryFolder } from '../../harness/temporary-folder.ts'

const simulate = suite('simulate')

async function said(...words: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  let [stdout, stderr] = ['', '']
  const streams = {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
  }
  return { status: await runCommandLine(commands, ['simulate', ...words], streams), stdout, stderr }
}

const SMALL = ['--peers', '6', '--rounds', '5']

function fingerprint(text: string): string | undefined {
  return /fingerprint (?<hash>[0-9a-f]{16})/.exec(text)?.groups?.['hash']
}

simulate('a run ends with a table of how news spread, and with 0', async () => {
  const { status, stdout, stderr } = await said(...SMALL, '--loss', '0.1', '--partition', '30s', '--seed', '7')
  assert.is(stderr, '')
  assert.is(status, 0)
  assert.match(stdout, /^6 peers, 1 to 20 ms away, 10 % lost, fan-out 3, seed 7$/m)
  assert.match(stdout, /^rounds until known to +50 % +99 % +100 % +worst$/m)
  assert.match(stdout, /^writes \(\d+(?: of \d+)?\)(?: +\d+\.\d){4}$/m)
  assert.match(stdout, /^crashes \(1\)(?: +\d+\.\d){4}$/m)
  assert.match(stdout, /^joint start +everything everywhere after \d+ rounds?$/m)
  assert.match(stdout, /^partition healed +all agree after \d+ rounds?$/m)
  assert.match(stdout, /^bytes per peer and round +[\d,]+$/m)
  assert.match(stdout, /^broken promises +0$/m)
})

simulate('the same options have the same history, another seed another', async () => {
  const [first, second, other] = await Promise.all([said(...SMALL), said(...SMALL), said(...SMALL, '--seed', '2')])
  assert.is(fingerprint(first.stdout), fingerprint(second.stdout))
  assert.is.not(fingerprint(first.stdout), fingerprint(other.stdout))
})

simulate('--trace writes the whole history, which does not change it', async () => {
  const folder = new TemporaryFolder()
  try {
    const path = join(folder.path, 'history.ndjson')
    const { stdout } = await said(...SMALL, '--trace', path)
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    const records = Number(/history +(?<count>[\d,]+) records/.exec(stdout)?.groups?.['count']?.replaceAll(',', ''))
    assert.is(lines.length, records)
    const kinds = new Set(lines.map((line) => (JSON.parse(line) as { what: string }).what))
    for (const kind of ['start', 'set', 'sent', 'arrived', 'event', 'crash']) assert.ok(kinds.has(kind), kind)
    assert.is(fingerprint((await said(...SMALL)).stdout), fingerprint(stdout))
  } finally {
    folder.remove()
  }
})

simulate('first-generation peers, drift, duplicates and reordering can be asked for', async () => {
  const faults = ['--duplicate', '0.1', '--reorder', '0.1', '--drift', '0.01', '--stall', '5s', '--latency', '5ms-80ms']
  const { status, stdout } = await said(...SMALL, '--first-generation', '2', '--crashes', '0', ...faults)
  assert.is(status, 0, stdout)
  assert.match(stdout, /5 to 80 ms away, 10 % doubled, 10 % overtaken/)
})

simulate('random schedules run, and one of them is shown again by its replay', async () => {
  const searched = await said('--schedules', '5', '--seed', '3')
  assert.is(searched.stdout, '5 schedules of seed 3: no promise is broken\n')
  const shown = await said('--replay', '3:2')
  assert.is(shown.status, 0)
  assert.match(shown.stdout, /^\d peers, .*\nnetwork: .*\n[\s\S]* s {2}peace\n\nno promise is broken\n$/)
  assert.is((await said('--replay', '3:2')).stdout, shown.stdout)
})

simulate('what cannot be used is refused by name, with 2', async () => {
  for (const [words, pattern] of [
    [['--peers', '1'], /--peers/],
    [['--loss', '2'], /--loss must be a number from 0 to 1/],
    [['--loss', 'x'], /--loss/],
    [['--latency', '9ms-1ms'], /--latency/],
    [['--latency', '1ms-2ms-3ms'], /--latency/],
    [['--partition', 'soon'], /--partition/],
    [['--replay', '5'], /replay must be SEED:PATH/],
    [['--schedules', '0'], /--schedules/],
    [['--trace', '/nowhere/at/all'], /--trace \/nowhere\/at\/all cannot be written/],
    [['--peers', '3', '--first-generation', '3'], /--first-generation/],
  ] as const) {
    const { status, stderr } = await said(...words)
    assert.is(status, 2, words.join(' '))
    assert.match(stderr, pattern)
  }
})

simulate.run()
