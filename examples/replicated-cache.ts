/**
 * A replicated cache: whoever wants a value and has none asks its owner, the one node that the ring makes responsible for it.
 * The owner loads it once, and gossip brings it into everybody's memory. When a node goes, others load what was its own, and
 * nothing else is loaded again.
 */

import assert from 'node:assert/strict'
import { Gossipmonger } from 'gossipmonger-engine'
import { Messenger } from 'gossipmonger-engine/messaging'
import { Forwarder, Ring } from 'gossipmonger-engine/ring'
import { TcpTransport } from 'gossipmonger-engine/tcp'

type Keys = Record<`cache/${string}`, string>

class Cache {
  readonly node: Gossipmonger<Keys>
  readonly ring: Ring
  /** Names this node has loaded, in order. */
  readonly loaded: string[] = []
  readonly #messenger: Messenger
  readonly #forwarder: Forwarder

  constructor(node: Gossipmonger<Keys>) {
    this.node = node
    this.#messenger = new Messenger(node)
    this.ring = new Ring(node, { serviceIntervalMs: '1s' })
    this.#forwarder = new Forwarder(this.ring, this.#messenger)
    this.#forwarder.handle('load', (_, { key }) => this.#load(String(key)))
    this.ring.on('members', () => this.#dropWhatOthersOwn())
  }

  /** The value: from this node's own memory, else from its owner, which loads it if nobody has asked before. */
  async get(name: string): Promise<unknown> {
    // Loading twice does no harm, so the next owner may be asked when one is lost in the middle.
    return this.find(name) ?? this.#forwarder.request(name, 'load', undefined, { retry: 'always' })
  }

  /** The value, from this node's own memory; undefined until it has come. */
  find(name: string): string | undefined {
    return this.node.get(this.ring.ownerOf(name).peer.id, `cache/${name}`)
  }

  async close(): Promise<void> {
    await this.#messenger.close()
    await this.node.close({ leave: true })
  }

  #load(name: string): string {
    const present = this.node.get(this.node.id, `cache/${name}`)
    if (present !== undefined) return present
    this.loaded.push(name)
    const value = `the page about ${name}` // here a real cache would ask its database
    this.node.set(`cache/${name}`, value)
    return value
  }

  #dropWhatOthersOwn(): void {
    for (const key of this.node.entries(this.node.id).keys()) {
      if (!this.ring.isOwner(key.slice('cache/'.length))) this.node.delete(key as `cache/${string}`)
    }
  }
}

const caches: Cache[] = []
for (const id of ['ada', 'bob', 'cy']) {
  const transport = new TcpTransport({ host: '127.0.0.1', port: 0 })
  const seeds = caches.slice(0, 1).map(({ node }) => node.address ?? null)
  const cache = new Cache(new Gossipmonger<Keys>({ id }, { transport, seeds, gossipIntervalMs: 100 }))
  await cache.node.start()
  caches.push(cache)
}
await until(() => caches.every(({ ring }) => ring.members.length === 3))

// 1. Everybody wants everything at once, and every value is loaded once.
const names = Array.from({ length: 30 }, (_, number) => `page ${number}`)
await everybodyGetsEverything(caches)
await until(() => caches.every((cache) => names.every((name) => cache.find(name) !== undefined)))
for (const { node, loaded } of caches) console.log(`${node.id} has loaded ${loaded.length} of ${names.length} values`)
assert.deepEqual(caches.flatMap(({ loaded }) => loaded).sort(), [...names].sort())

// 2. A node goes: its values are loaded by those who are next, the others stay where they are.
const [ada, ...others] = caches as [Cache, ...Cache[]]
const before = others.map(({ loaded }) => loaded.length)
await ada.close()
await until(() => others.every(({ ring }) => ring.members.length === 2))
await everybodyGetsEverything(others)
const again = others.flatMap(({ loaded }, index) => loaded.slice(before[index]))
assert.deepEqual(again.sort(), [...ada.loaded].sort())
console.log(`ada has left: ${again.length} values were loaded again, exactly hers`)
await Promise.all(others.map((cache) => cache.close()))

async function everybodyGetsEverything(all: readonly Cache[]): Promise<void> {
  const asked = all.flatMap((cache) => names.map(async (name) => ({ name, value: await cache.get(name) })))
  for (const { name, value } of await Promise.all(asked)) assert.equal(value, `the page about ${name}`)
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10))
}
