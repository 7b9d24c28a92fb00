/**
 * A replicated cache: whatever anybody wants is loaded once, by the one node that the ring makes responsible for it, and is
 * then in everybody's memory. When a node goes, others load what was its own, and nothing else is loaded again.
 */

import assert from 'node:assert/strict'
import { Gossipmonger } from 'gossipmonger-engine'
import { Ring } from 'gossipmonger-engine/ring'
import { TcpTransport } from 'gossipmonger-engine/tcp'

type Keys = Record<`want/${string}`, true> & Record<`cache/${string}`, string>

class Cache {
  readonly node: Gossipmonger<Keys>
  readonly ring: Ring
  /** Names this node has loaded, in order. */
  readonly loaded: string[] = []

  constructor(node: Gossipmonger<Keys>) {
    this.node = node
    this.ring = new Ring(node, { serviceIntervalMs: '1s' })
    this.ring.on('members', () => this.#serve())
    node.on('update', (_peer, key) => {
      if (key.startsWith('want/')) this.#serve()
    })
  }

  /** Asks for a value; it comes when its owner has heard of it. */
  want(name: string): void {
    this.node.set(`want/${name}`, true)
    this.#serve()
  }

  /** The value, from this node's own memory; undefined until it has come. */
  get(name: string): string | undefined {
    return this.node.get(this.ring.ownerOf(name).peer.id, `cache/${name}`)
  }

  /** Loads what is wanted and this node's to load, and drops what has become another's. */
  #serve(): void {
    const { node, ring } = this
    const isThere = (name: string): boolean => node.get(node.id, `cache/${name}`) !== undefined
    for (const peer of [node.id, ...node.peers().map(({ id }) => id)]) {
      for (const key of node.entries(peer).keys()) {
        const name = key.slice('want/'.length)
        if (!key.startsWith('want/') || !ring.isOwner(name) || isThere(name)) continue
        this.loaded.push(name)
        node.set(`cache/${name}`, `the page about ${name}`) // here a real cache would ask its database
      }
    }
    for (const key of node.entries(node.id).keys()) {
      if (key.startsWith('cache/') && !ring.isOwner(key.slice('cache/'.length))) node.delete(key as `cache/${string}`)
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

// 1. Everybody wants everything, and every value is loaded once.
const names = Array.from({ length: 30 }, (_, number) => `page ${number}`)
for (const cache of caches) for (const name of names) cache.want(name)
await until(() => caches.every((cache) => names.every((name) => cache.get(name) === `the page about ${name}`)))
for (const { node, loaded } of caches) console.log(`${node.id} has loaded ${loaded.length} of ${names.length} values`)
assert.deepEqual(caches.flatMap(({ loaded }) => loaded).sort(), [...names].sort())

// 2. A node goes: its values are loaded by those who are next, the others stay where they are.
const [ada, ...others] = caches as [Cache, ...Cache[]]
const before = others.map(({ loaded }) => loaded.length)
await ada.node.close({ leave: true })
const isThere = (name: string): boolean => others.every((cache) => cache.get(name) !== undefined)
await until(() => others.every(({ ring }) => ring.members.length === 2) && names.every(isThere))
const again = others.flatMap(({ loaded }, index) => loaded.slice(before[index]))
assert.deepEqual(again.sort(), [...ada.loaded].sort())
console.log(`ada has left: ${again.length} values were loaded again, exactly hers`)
await Promise.all(others.map(({ node }) => node.close({ leave: true })))

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10))
}
