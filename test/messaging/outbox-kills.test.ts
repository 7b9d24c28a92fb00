/** A sender that is killed again and again, over TCP and with files: nothing it had taken is lost. */

import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Gossipmonger } from '../../src/core/index.ts'
import { Messenger, Outbox } from '../../src/messaging/index.ts'
import { FileStorage } from '../../src/storage/index.ts'
import { TcpTransport } from '../../src/tcp/index.ts'
import { TemporaryFolder } from '../harness/temporary-folder.ts'

const kills = suite<{ folder: TemporaryFolder; children: ChildProcess[] }>('outbox kills')

const SENDER = fileURLToPath(new URL('./outbox/sender.js', import.meta.url))
/** Lives that are killed, the first of which has nobody to send to; and lines that each may log until then. */
const LIVES = [12, 5, 17, 9, 30]
/** Messages that each life would emit. */
const MESSAGES = 60

kills.before.each((context) => {
  context.folder = new TemporaryFolder()
  context.children = []
})

kills.after.each(({ folder, children }) => {
  for (const child of children) child.kill('SIGKILL')
  folder.remove()
})

/** Runs a sender until it has logged so many lines, or one that says so, and kills it; returns the lines. */
async function lifeOf(
  context: { readonly children: ChildProcess[] },
  parameters: readonly string[],
  isEnough: (lines: readonly string[]) => boolean,
): Promise<readonly string[]> {
  const child = spawn(process.execPath, [SENDER, ...parameters], { stdio: ['ignore', 'pipe', 'inherit'] })
  context.children.push(child)
  let text = ''
  // The last line may be cut off by the kill.
  const lines = (): readonly string[] => text.split('\n').slice(0, -1)
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    if (isEnough(lines())) child.kill('SIGKILL')
  })
  const signal = await new Promise((resolve) => child.on('close', (_code, ended) => resolve(ended)))
  assert.is(signal, 'SIGKILL', `it ended by itself after ${text}`)
  return lines()
}

kills('S5.29 what a killed sender had taken is sent by its next lives, in order and once', async (context) => {
  const { folder } = context
  const place = join(folder.path, 'sender')
  const transport = new TcpTransport({ host: '127.0.0.1', port: 0 })
  const node = new Gossipmonger({ id: 'receiver' }, { transport, gossipIntervalMs: 20 })
  const messenger = new Messenger(node)
  const outbox = new Outbox(messenger, { storage: new FileStorage({ path: join(folder.path, 'receiver') }) })
  const handled: number[] = []
  let calls = 0
  outbox.handle('job', (job) => {
    if (++calls % 7 === 0) throw new Error('not now')
    handled.push(job as number)
  })
  await outbox.open()
  await node.start()
  try {
    const durable: string[] = []
    for (const [life, count] of LIVES.entries()) {
      const seed = life === 0 ? [] : [JSON.stringify(node.address)]
      const lines = await lifeOf(context, [place, `${life}`, `${MESSAGES}`, ...seed], ({ length }) => length >= count)
      assert.ok(lines.length >= count, `${lines.length} lines`)
      durable.push(...lines)
    }
    await lifeOf(context, [place, '9', '0', JSON.stringify(node.address)], (lines) => lines.includes('empty'))
    assert.equal(
      durable.filter((line) => !handled.includes(Number(line.split(' ')[1]))),
      [],
    )
    assert.equal(
      handled,
      [...new Set(handled)].sort((a, b) => a - b),
    )
  } finally {
    await outbox.close()
    await messenger.close()
    await node.close()
  }
})

kills.run()
