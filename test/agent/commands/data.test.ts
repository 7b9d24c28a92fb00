/** `gossipmonger agent --data`: what a process that is killed leaves to the next one. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TemporaryFolder } from '../../harness/temporary-folder.ts'
import { CommandLine } from '../command-line.ts'

const data = suite<{ folder: TemporaryFolder }>('agent --data')

const running: CommandLine[] = []

function start(...words: string[]): CommandLine {
  const commandLine = new CommandLine('agent', '--port', '0', '--interval', '50', ...words)
  running.push(commandLine)
  return commandLine
}

async function listening(commandLine: CommandLine): Promise<{ address: string; generation: number }> {
  const line = await commandLine.line(/ listening /)
  const [, address = '', generation] = / at (\S+:\d+), generation (\d+)$/.exec(line) ?? []
  return { address, generation: Number(generation) }
}

/** Resolves when the journal of a folder, which is JSON but for a few bytes, holds all of the texts. */
async function journalled(path: string, ...texts: readonly string[]): Promise<void> {
  for (;;) {
    const journal = readFileSync(join(path, 'journal'), 'utf8')
    if (texts.every((text) => journal.includes(text))) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

data.before.each((context) => {
  context.folder = new TemporaryFolder()
})

data.after.each(async ({ folder }) => {
  await Promise.all(running.splice(0).map((commandLine) => commandLine.kill()))
  folder.remove()
})

data('one of three is killed, and finds the others again without being told where they are', async ({ folder }) => {
  const alice = start('--id', 'alice', '--set', 'color=red')
  const { address } = await listening(alice)
  const bob = start('--id', 'bob', '--join', address)
  const path = join(folder.path, 'carol')
  const carol = start('--id', 'carol', '--data', path, '--join', address, '--set', 'n=1')
  const former = await listening(carol)
  await bob.line(/set +carol n = 1$/)
  await journalled(path, '["p","alice"', '["p","bob"')
  await carol.kill()
  const again = start('--id', 'carol', '--data', path)
  const present = await listening(again)
  assert.ok(present.generation > former.generation)
  await again.line(/peer live +alice /)
  await again.line(/peer live +bob /)
  await again.line(/set +alice color = "red"$/)
  // Who joins through another hears of carol's present life, and of her key, which nobody set in it.
  const dave = start('--id', 'dave', '--join', address)
  await dave.line(/set +carol n = 1$/)
  await dave.line(new RegExp(`peer live +carol at ${present.address}, generation ${present.generation}$`))
})

data('a folder needs a name, has one for good, and is one process’s at a time', async ({ folder }) => {
  const nameless = await start('--data', folder.path).ended
  assert.is(nameless.status, 2)
  assert.match(nameless.stderr, /GOSSIP_OPTION_INVALID: --id must be given with --data/)
  const alice = start('--id', 'alice', '--data', folder.path)
  await listening(alice)
  const second = await start('--id', 'alice', '--data', folder.path).ended
  assert.is(second.status, 1)
  assert.match(second.stderr, /^gossipmonger: GOSSIP_STORAGE_LOCKED: /)
  await alice.kill()
  const other = await start('--id', 'bob', '--data', folder.path).ended
  assert.is(other.status, 1)
  assert.match(other.stderr, /^gossipmonger: GOSSIP_STORAGE_FOREIGN: .*belongs to "alice", not "bob"/)
})

data('a damaged folder is refused, and the message says what to do', async ({ folder }) => {
  writeFileSync(join(folder.path, 'journal'), 'no journal')
  const { status, stdout, stderr } = await start('--id', 'alice', '--data', folder.path).ended
  assert.is(status, 1)
  assert.equal(stdout, [])
  assert.match(stderr, /^gossipmonger: GOSSIP_STORAGE_CORRUPT: .*move the folder of --data away\n$/)
})

data.run()
