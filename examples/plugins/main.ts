/**
 * Plug-ins: ada loads a folder of them, bob two that come with the library and one of his own. What bob appends to his log
 * is soon in ada's copy; and when the folder is unloaded, nobody at ada's greets him any more.
 */

import assert from 'node:assert/strict'
import { Gossipmonger, type Plugin, type PluginContext } from 'gossipmonger-engine'
import { catchUpPlugin, heartbeatPlugin, Messenger } from 'gossipmonger-engine/messaging'
import { TcpTransport } from 'gossipmonger-engine/tcp'

const local = (): TcpTransport => new TcpTransport({ host: '127.0.0.1', port: 0 })

class Visitor implements Plugin {
  readonly name = 'visitor'
  #context: PluginContext | undefined

  start(context: PluginContext): void {
    this.#context = context
  }

  async greet(): Promise<unknown> {
    return this.#context?.request('ada', 'greeting', 'hello', { from: 'far away' })
  }
}

// 1. A messenger carries the plug-ins of its node.
const ada = new Gossipmonger({ id: 'ada' }, { transport: local(), gossipIntervalMs: 100 })
const adaMessenger = new Messenger(ada)
adaMessenger.on('log', ({ plugin, text }) => console.log(`${plugin}: ${text}`))
const folder = await ada.use(new URL('enabled/', import.meta.url))
console.log(`ada has loaded ${folder.names.join(', ')}`)
const copies: unknown[] = []
await ada.use(heartbeatPlugin({ intervalMs: 1_000 }))
await ada.use(catchUpPlugin({ onEntry: (peer, index, entry) => copies.push([peer, index, entry]) }))
await ada.start()

const bob = new Gossipmonger({ id: 'bob' }, { transport: local(), seeds: [ada.address ?? null], gossipIntervalMs: 100 })
const bobMessenger = new Messenger(bob)
const visitor = new Visitor()
const log = catchUpPlugin()
await bob.use(visitor)
await bob.use(heartbeatPlugin())
await bob.use(log)
await bob.start()
await until(() => bob.peer('ada')?.status === 'live' && ada.peer('bob')?.status === 'live')

// 2. Messages go to whoever handles their type and event.
console.log(await visitor.greet())

// 3. What is appended arrives once and in order.
for (const entry of ['one', 'two', 'three']) log.append(entry)
await until(() => copies.length === 3)
console.log(`ada has caught up: ${JSON.stringify(copies)}`)

// 4. Unloaded is unloaded.
await folder.unload()
await assert.rejects(visitor.greet(), { code: 'GOSSIP_PLUGIN_UNHANDLED' })
console.log(`ada still has ${adaMessenger.plugins.names.join(', ')}`)

for (const messenger of [bobMessenger, adaMessenger]) await messenger.close()
for (const node of [bob, ada]) await node.close({ leave: true })

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10))
}
