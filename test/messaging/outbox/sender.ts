/**
 * A sender that is going to be killed: emits as fast as its outbox takes it, and logs what became durable before anything
 * else can happen. Without a number of messages it emits nothing, and says when all was delivered.
 *
 *     node sender.js FOLDER LIFE MESSAGES [ADDRESS as JSON] >log
 */

import { writeSync } from 'node:fs'
import { Gossipmonger, type JsonValue } from '../../../src/core/index.ts'
import { Messenger, Outbox } from '../../../src/messaging/index.ts'
import { FileStorage } from '../../../src/storage/index.ts'
import { TcpTransport } from '../../../src/tcp/index.ts'

const LOG = 1
const [path = '', life = '', messages = '', address] = process.argv.slice(2)
const log = (line: string): unknown => writeSync(LOG, `${line}\n`)

const transport = new TcpTransport({ host: '127.0.0.1', port: 0 })
const seeds = address === undefined ? [] : [JSON.parse(address) as JsonValue]
const node = new Gossipmonger({ id: 'sender' }, { transport, seeds, gossipIntervalMs: 20 })
const messenger = new Messenger(node)
// Small, so that kills hit a journal that is being rewritten.
const storage = new FileStorage({ path, rewriteBytesMin: 2_048 })
const outbox = new Outbox(messenger, { storage, retryDelayMs: 10, retryDelayMsMax: 100 })
const logWhenEmpty = (): void => {
  if (messages === '0' && outbox.stats.messages === 0) log('empty')
}
outbox.on('delivered', logWhenEmpty)

await outbox.open()
await node.start()
for (let i = 0; i < Number(messages); i++) {
  const job = Number(life) * 1_000 + i
  await outbox.emit('receiver', 'job', job)
  log(`durable ${job}`)
}
logWhenEmpty()
// Timers of a node keep no process alive, nor does a node that waits for its peers.
setInterval(() => {}, 1_000)
