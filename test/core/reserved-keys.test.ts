import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Gossipmonger, type WatchChange } from '../../src/core/index.ts'
import { MemoryNetwork } from '../../src/transports/index.ts'
import { VirtualSystem } from '../harness/virtual-system.ts'

const reserved = suite('reserved keys')

async function pair(): Promise<{ system: VirtualSystem; ada: Gossipmonger; bob: Gossipmonger }> {
  const network = new MemoryNetwork()
  const system = new VirtualSystem()
  const [ada, bob] = ['ada', 'bob'].map(
    (id) => new Gossipmonger({ id }, { transport: network.transport(id), seeds: ['ada'], system }),
  ) as [Gossipmonger, Gossipmonger]
  await ada.start()
  await bob.start()
  await system.run(3_000)
  return { system, ada, bob }
}

reserved('are read by name everywhere, and are no keys of the embedder’s', async () => {
  const { system, ada, bob } = await pair()
  const told: string[] = []
  bob.on('update', (_, key) => told.push(key))
  ada.reservedKeys('area').set('name', { a: 1 })
  ada.set('own', 1)
  await system.run(3_000)
  assert.equal(bob.reservedKeys('area').get('ada', 'name'), { a: 1 })
  assert.is(bob.reservedKeys('other').get('ada', 'name'), undefined)
  assert.equal([...bob.entries('ada').keys()], ['own'])
  assert.equal(told, ['own'])
  assert.throws(() => ada.set('$gossip/area/name', 2), /belong to the library/)
  await Promise.all([ada.close(), bob.close()])
})

reserved('are watched by those who ask for their area, with the lives of peers, and by nobody else', async () => {
  const { system, ada, bob } = await pair()
  const keys = bob.reservedKeys('area')
  const seen: WatchChange[] = []
  const all: WatchChange[] = []
  const read = async (changes: AsyncIterable<WatchChange>, into: WatchChange[]): Promise<void> => {
    for await (const change of changes) into.push(change)
  }
  const readers = [read(keys.watch(), seen), read(bob.watch({ prefix: '$gossip/' }), all)]
  await system.run(1)
  ada.reservedKeys('area').set('name', 1)
  ada.reservedKeys('area2').set('name', 1)
  ada.set('own', 1)
  bob.reservedKeys('area').set('mine', 2)
  await system.run(3_000)
  assert.is(ada.reservedKeys('area').delete('name'), true)
  await system.run(3_000)
  await Promise.all([ada.close(), bob.close()])
  await Promise.all(readers)
  assert.equal(
    seen.map((change) => ('key' in change ? `${change.type} ${change.peer} ${change.key}` : change.type)),
    ['peer', 'synced', 'set bob $gossip/area/mine', 'set ada $gossip/area/name', 'delete ada $gossip/area/name'],
  )
  assert.equal(
    all.map(({ type }) => type),
    ['peer', 'synced'],
  )
})

reserved('a peer is found by its id', async () => {
  const { ada, bob } = await pair()
  assert.equal([bob.peer('ada')?.status, bob.peer('zoe'), bob.peer('bob')], ['live', undefined, undefined])
  await Promise.all([ada.close(), bob.close()])
})

reserved.run()
