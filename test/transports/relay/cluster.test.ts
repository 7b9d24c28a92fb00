/** Whole nodes: a cluster of which some can be dialled, some are behind one relay, and some behind another. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Gossipmonger, type JsonValue } from '../../../src/core/index.ts'
import { MemoryNetwork, RelayTransport, type RelayTransportOptions } from '../../../src/transports/index.ts'
import { until } from './relay-world.ts'

const cluster = suite('relay cluster')

let network: MemoryNetwork
const nodes = new Set<Gossipmonger>()
cluster.before.each(() => {
  network = new MemoryNetwork()
})
cluster.after.each(async () => {
  await Promise.all([...nodes].map((node) => node.close()))
  nodes.clear()
})

cluster('everybody comes to know everybody, the relay restarts, and everybody comes back', async () => {
  const relay = await start('hub', { carrier: network.transport('hub'), relay: true })
  await start('far', { carrier: network.transport('far'), relay: true }, ['hub'])
  for (const id of ['n1', 'n2']) await start(id, { carrier: network.transport(id) }, ['hub'])
  for (const id of ['c1', 'c2', 'c3']) await start(id, { carrier: network.transport(), relay: 'hub' }, ['hub'])
  for (const id of ['f1', 'f2']) await start(id, { carrier: network.transport(), relay: 'far' }, ['far'])
  await converged(9)

  nodes.delete(relay)
  await relay.close()
  for (const node of nodes) node.set('during', `${node.id} goes on`)
  await start('hub', { carrier: network.transport('hub'), relay: true }, ['far'])
  await converged(9)
  for (const node of nodes) node.set('after', `${node.id} is back`)
  await converged(9)
})

cluster('two browsers that know nothing but their relay agree through it, even if it only relays', async () => {
  const carrier = network.transport('hub')
  const relay = new RelayTransport({ carrier, relay: true })
  relay.introduce({
    protocolVersion: 1,
    clusterId: 'gossipmonger',
    id: 'hub',
    generation: 1,
    features: [],
    valueBytesMax: 65_536,
  })
  await relay.listen()
  try {
    const behind = (id: string): JsonValue => ({ relay: 'hub', id })
    await start('c1', { carrier: network.transport(), relay: 'hub' }, [behind('c2')])
    await start('c2', { carrier: network.transport(), relay: 'hub' }, [behind('c1')])
    await converged(2)
  } finally {
    await relay.close()
  }
})

cluster.run()

async function start(id: string, options: RelayTransportOptions, seeds: JsonValue[] = []): Promise<Gossipmonger> {
  const transport = new RelayTransport({ retryDelayMs: 10, retryDelayMsMax: 50, ...options })
  const node = new Gossipmonger({ id }, { transport, seeds, gossipIntervalMs: 40 })
  node.on('error', () => {}) // A relay that is away is trouble, and passes.
  await node.start()
  node.set('name', `I am ${id}`)
  nodes.add(node)
  return node
}

/** Waits until all nodes have everybody's present keys, and nobody takes anybody for dead. */
async function converged(count: number): Promise<void> {
  assert.is(nodes.size, count)
  const agrees = (reader: Gossipmonger, owner: Gossipmonger): boolean =>
    [...owner.entries(owner.id)].every(([key, value]) => reader.get(owner.id, key) === value)
  const all = [...nodes]
  await until('all to agree', () => all.every((reader) => all.every((owner) => agrees(reader, owner))), 30_000)
  await until('all to be live', () => all.every((node) => node.livePeers().length === count - 1), 30_000)
}
