/** A program that asks a handler in a worker, leaves it as it is, and has nothing more to do. */

import { Gossipmonger } from '../../../src/core/index.ts'
import { Messenger } from '../../../src/messaging/index.ts'
import { MemoryNetwork } from '../../../src/transports/index.ts'

const transport = new MemoryNetwork().transport('a')
const node = new Gossipmonger({ id: 'a' }, { transport })
const messenger = new Messenger(node)
const worker = { file: new URL(import.meta.url.replace('unattended', 'handlers')), export: process.argv[2] }
const service = messenger.open(1, { mode: 'request' }, { worker })
await service.ready
console.log('ready')
await node.start()
const client = await messenger.connect('a', 1)
client.request().catch(() => {})
