/** Nodes that come back without seeds, by the addresses they kept. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MemoryStorage } from '../../../src/storage/index.ts'
import { ScriptedStorage } from '../../harness/scripted-storage.ts'
import { DurableStage, SECOND } from './stage.ts'

const OWNER = { clusterId: 'gossipmonger', id: 'c' }

const rejoin = suite<{ stage: DurableStage }>('rejoin')

rejoin.before.each((context) => {
  context.stage = new DurableStage()
})

rejoin.after.each(({ stage }) => stage.end())

async function idsKept(storage: ScriptedStorage): Promise<string[]> {
  const { peers } = await storage.state(OWNER)
  return peers.map(({ id }) => id).sort()
}

rejoin('S1.32 a node that was killed finds its cluster again without seeds', async ({ stage }) => {
  for (const id of ['a', 'b']) await stage.make(id, { seeds: ['a'] }).start()
  const storage = new ScriptedStorage()
  const first = await stage.make('c', { storage, seeds: ['a'] }).start()
  await stage.system.run(20 * SECOND)
  const killed = storage.copy()
  assert.equal(await idsKept(killed), ['a', 'b'])
  await first.close()
  const second = await stage.make('c', { storage: killed }).start()
  await stage.system.run(5 * SECOND)
  assert.equal(
    second.livePeers().map(({ id }) => id),
    ['a', 'b'],
  )
})

rejoin('a whole cluster that was down comes back, whoever starts first and last', async ({ stage }) => {
  const ids = ['a', 'b', 'c', 'd', 'e']
  const storages = new Map(ids.map((id) => [id, new MemoryStorage()]))
  const startAll = async (order: readonly string[], seeds: readonly string[]): Promise<void> => {
    for (const id of order) {
      await stage.make(id, { storage: storages.get(id) as MemoryStorage, seeds }).start()
      await stage.system.run(3 * SECOND)
    }
  }
  await startAll(ids, ['a'])
  await stage.system.run(20 * SECOND)
  await Promise.all(stage.nodes.map((node) => node.close()))
  stage.nodes.length = 0
  await stage.system.run(3 * 86_400 * SECOND)
  await startAll(['d', 'b', 'e', 'a', 'c'], [])
  await stage.system.run(20 * SECOND)
  for (const node of stage.nodes) assert.is(node.livePeers().length, 4, node.id)
})

rejoin('who leaves is forgotten, and so is who was removed', async ({ stage }) => {
  const storage = new ScriptedStorage()
  const options = { seeds: ['a'], deadPeerGracePeriodMs: 60 * SECOND }
  const [a, b] = [await stage.make('a', options).start(), await stage.make('b', options).start()]
  await stage.make('d', options).start()
  await stage.make('c', { storage, ...options }).start()
  await stage.system.run(20 * SECOND)
  assert.equal(await idsKept(storage), ['a', 'b', 'd'])
  const leaving = a.close({ leave: true })
  await stage.system.run(10 * SECOND)
  await leaving
  assert.equal(await idsKept(storage), ['b', 'd'])
  await b.close()
  await stage.system.run(50 * SECOND)
  assert.equal(await idsKept(storage), ['b', 'd'])
  await stage.system.run(60 * SECOND)
  assert.equal(await idsKept(storage), ['d'])
})

rejoin('a node that is cut off for longer than the grace keeps trying whom it knew', async ({ stage }) => {
  const storage = new ScriptedStorage()
  const options = { deadPeerGracePeriodMs: 60 * SECOND }
  const a = await stage.make('a', options).start()
  const c = await stage.make('c', { storage, seeds: ['a'], ...options }).start()
  await stage.system.run(20 * SECOND)
  await c.close()
  const again = await stage.make('c', { storage, ...options }).start()
  await stage.system.run(5 * SECOND)
  assert.is(again.livePeers().length, 1)
  await a.close()
  await stage.system.run(300 * SECOND)
  assert.equal(again.peers(), [])
  assert.equal(await idsKept(storage), ['a'])
  await stage.make('a', options).start()
  await stage.system.run(5 * SECOND)
  assert.is(again.livePeers().length, 1)
})

rejoin('no more peers are kept than was said', async ({ stage }) => {
  const storage = new ScriptedStorage()
  for (let i = 0; i < 8; i++) await stage.make(`p${i}`, { seeds: ['p0'] }).start()
  await stage.make('c', { storage, seeds: ['p0'], storedPeersMax: 3 }).start()
  await stage.system.run(20 * SECOND)
  assert.is((await idsKept(storage)).length, 3)
})

rejoin('a quiet cluster is not written down again and again', async ({ stage }) => {
  const storage = new ScriptedStorage()
  await stage.make('a').start()
  await stage.make('c', { storage, seeds: ['a'] }).start()
  await stage.system.run(60 * SECOND)
  const { length } = storage.batches
  await stage.system.run(600 * SECOND)
  assert.is(storage.batches.length, length)
})

rejoin.run()
