/** When what is written is durable, and what is said while it is not. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ScriptedStorage } from '../../harness/scripted-storage.ts'
import { codeOf, DurableStage, SECOND } from './stage.ts'

const OWNER = { clusterId: 'gossipmonger', id: 'a' }

interface Context {
  stage: DurableStage
  storage: ScriptedStorage
}

const writing = suite<Context>('writing')

writing.before.each((context) => {
  context.stage = new DurableStage()
  context.storage = new ScriptedStorage()
})

writing.after.each(async ({ stage, storage }) => {
  storage.failure = undefined
  storage.release()
  await stage.end()
})

writing('nothing is said and nothing listens before the generation is durable', async ({ stage, storage }) => {
  storage.hold()
  const node = stage.make('a', { storage, seeds: ['b'] })
  const starting = node.start()
  await stage.system.run(5 * SECOND)
  assert.is(node.address, undefined)
  assert.equal(stage.sent, [])
  assert.is(storage.changes[0]?.type, 'generation')
  storage.release()
  await starting
  await stage.system.run(SECOND)
  assert.ok(stage.sent.every(({ generation }) => generation === node.generation))
  assert.ok(stage.sent.length > 0)
})

writing('after a takeover nothing is said before the new generation is durable', async ({ stage, storage }) => {
  await stage.make('b').start()
  const node = await stage.make('a', { storage, seeds: ['b'] }).start()
  await stage.system.run(3 * SECOND)
  const before = node.generation
  storage.hold()
  await stage.forceTakeover(node)
  await stage.system.run(SECOND)
  assert.ok(node.generation > before)
  stage.sent.length = 0
  await stage.system.run(10 * SECOND)
  assert.equal(
    stage.sent.filter(({ from }) => from === 'a'),
    [],
  )
  storage.release()
  await stage.system.run(3 * SECOND)
  const generations = stage.sent.filter(({ from }) => from === 'a').map(({ generation }) => generation)
  assert.ok(generations.includes(node.generation))
  assert.not(generations.includes(before))
  assert.is((await storage.state(OWNER)).generation, node.generation)
})

writing('every life that is killed after saying something is followed by a higher one', async ({ stage, storage }) => {
  await stage.make('b').start()
  const heard = new Set<number>()
  let present = storage
  for (let life = 0; life < 10; life++) {
    stage.jumpMs -= 10_000
    const node = await stage.make('a', { storage: present, seeds: ['b'] }).start()
    await stage.system.run(2 * SECOND)
    if (life % 2 === 1) await stage.forceTakeover(node)
    await stage.system.run(2 * SECOND)
    const said = new Set(stage.sent.filter(({ from }) => from === 'a').map(({ generation }) => generation ?? 0))
    for (const generation of said) assert.ok(generation > Math.max(0, ...heard))
    for (const generation of said) heard.add(generation)
    present = present.copy()
    await node.close()
    stage.sent.length = 0
  }
  assert.ok(heard.size >= 10)
})

writing('one write is in flight, and the next batch has one state per key', async ({ stage, storage }) => {
  const node = await stage.make('a', { storage }).start()
  storage.batches.length = 0
  storage.hold()
  node.set('first', 1)
  await stage.system.run(1)
  for (let i = 0; i < 1_000; i++) node.set(`k${i % 3}`, i)
  node.delete('k2')
  await stage.system.run(1)
  assert.is(storage.batches.length, 1)
  storage.release()
  await node.flushed()
  assert.is(storage.inFlightMost, 1)
  assert.is(storage.batches.length, 2)
  assert.equal(storage.batches[1], [
    { type: 'set', key: 'k0', value: 999 },
    { type: 'set', key: 'k1', value: 997 },
    { type: 'delete', key: 'k2' },
  ])
})

writing('batches are bounded, and flushed waits for all of them', async ({ stage, storage }) => {
  const node = stage.make('a', { storage })
  for (let i = 0; i < 10_000; i++) node.set(`k${i}`, i)
  for (let i = 0; i < 50; i++) node.set(`large ${i}`, 'x'.repeat(60_000))
  await node.start()
  await node.flushed()
  assert.is((await storage.state(OWNER)).entries.length, 10_050)
  for (const batch of storage.batches) assert.ok(batch.length <= 4_096 && JSON.stringify(batch).length < 1_200_000)
})

writing('flushed does not wait for what is written after it was asked', async ({ stage, storage }) => {
  const node = await stage.make('a', { storage }).start()
  storage.hold()
  node.set('k', 1)
  const flushed = node.flushed()
  await stage.system.run(1)
  node.set('l', 1)
  storage.release()
  storage.hold()
  await flushed
  assert.equal((await storage.state(OWNER)).entries, [{ key: 'k', value: 1 }])
})

writing('a failing storage is told once, flushed rejects, and gossip goes on', async ({ stage, storage }) => {
  const reader = await stage.make('b').start()
  const node = await stage.make('a', { storage, seeds: ['b'] }).start()
  storage.failure = new Error('the disk is full')
  node.set('k', 1)
  assert.is(await codeOf(node.flushed()), 'GOSSIP_STORAGE_FAILED')
  assert.is(await codeOf(node.flushed()), 'GOSSIP_STORAGE_FAILED')
  await stage.system.run(120 * SECOND)
  assert.equal(stage.errors, ['GOSSIP_STORAGE_FAILED'])
  assert.is(reader.get('a', 'k'), 1)
  const attempts = storage.batches.length
  assert.ok(attempts > 5 && attempts < 30, `${attempts} attempts`)
  storage.failure = undefined
  node.set('k', 2)
  await node.flushed()
  assert.equal((await storage.state(OWNER)).entries, [{ key: 'k', value: 2 }])
  storage.failure = new Error('again')
  node.set('k', 3)
  await stage.system.run(SECOND)
  assert.equal(stage.errors, ['GOSSIP_STORAGE_FAILED', 'GOSSIP_STORAGE_FAILED'])
})

writing('with a storage that fails, a takeover is not announced before it works again', async ({ stage, storage }) => {
  const reader = await stage.make('b').start()
  const node = await stage.make('a', { storage, seeds: ['b'] }).start()
  await stage.system.run(3 * SECOND)
  storage.failure = new Error('the disk is gone')
  await stage.forceTakeover(node)
  await stage.system.run(10 * SECOND)
  assert.ok((reader.peers().find(({ id }) => id === 'a')?.generation ?? 0) < node.generation)
  storage.failure = undefined
  await stage.system.run(60 * SECOND)
  assert.is(reader.peers().find(({ id }) => id === 'a')?.generation, node.generation)
})

writing(
  'a start whose generation cannot be written is refused, and releases everything',
  async ({ stage, storage }) => {
    storage.failure = new Error('read-only')
    assert.is(await codeOf(stage.make('a', { storage }).start()), 'GOSSIP_STORAGE_FAILED')
    assert.equal(storage.calls, ['open', 'close'])
    assert.is(stage.system.pending, 0)
    assert.equal(stage.sent, [])
    const other = new ScriptedStorage()
    other.openFailure = new TypeError('no such database')
    const error = await stage
      .make('a', { storage: other })
      .start()
      .catch((reason: Error) => reason)
    assert.instance((error as Error).cause, TypeError)
  },
)

writing(
  'closing writes what is left; what could not be written is told, and flushed says so',
  async ({ stage, storage }) => {
    const node = await stage.make('a', { storage }).start()
    node.set('k', 1)
    await node.close()
    assert.equal((await storage.state(OWNER)).entries, [{ key: 'k', value: 1 }])
    assert.is(await codeOf(node.flushed()), undefined)
    assert.is(storage.calls.at(-1), 'close')
    const again = await stage.make('a', { storage }).start()
    storage.failure = new Error('the disk is full')
    again.set('k', 2)
    await again.close()
    assert.equal(stage.errors, ['GOSSIP_STORAGE_FAILED'])
    assert.is(await codeOf(again.flushed()), 'GOSSIP_NODE_CLOSED')
    assert.is(stage.system.pending, 0)
  },
)

writing('flushed before the start, and after a close without one, is refused', async ({ stage, storage }) => {
  const node = stage.make('a', { storage })
  assert.is(await codeOf(node.flushed()), 'GOSSIP_NODE_NOT_STARTED')
  await node.close()
  assert.is(await codeOf(node.flushed()), 'GOSSIP_NODE_CLOSED')
  assert.equal(storage.calls, [])
})

writing(
  'a node closed or aborted while it loads does not come to life, and releases the storage',
  async ({ stage, storage }) => {
    const controller = new AbortController()
    storage.hold()
    const node = stage.make('a', { storage })
    const starting = codeOf(node.start({ signal: controller.signal }))
    await stage.system.run(1)
    controller.abort()
    storage.release()
    assert.is(await starting, 'GOSSIP_ABORTED')
    assert.equal(storage.calls, ['open', 'close'])
    const other = stage.make('a', { storage })
    const again = codeOf(other.start())
    const closing = other.close()
    assert.is(await again, 'GOSSIP_NODE_CLOSED')
    await closing
    assert.equal(storage.calls, ['open', 'close', 'open', 'close'])
    assert.is(stage.system.pending, 0)
  },
)

writing('after an id conflict nothing more is written, and whoever waits is told why', async ({ stage, storage }) => {
  const node = await stage.make('a', { storage }).start()
  node.set('k', 1)
  await node.flushed()
  for (let i = 0; i < 3; i++) await stage.forceTakeover(node)
  storage.hold()
  node.set('k', 2)
  await stage.system.run(1)
  node.set('k', 3)
  const flushed = codeOf(node.flushed())
  const written = storage.batches.length
  await stage.forceTakeover(node)
  assert.equal(stage.errors, ['GOSSIP_ID_CONFLICT'])
  storage.release()
  assert.is(await flushed, 'GOSSIP_ID_CONFLICT')
  assert.is(await codeOf(node.flushed()), 'GOSSIP_ID_CONFLICT')
  await stage.system.run(60 * SECOND)
  await node.close()
  assert.is(storage.batches.length, written)
  assert.equal((await storage.state(OWNER)).entries, [{ key: 'k', value: 2 }])
  assert.is(storage.calls.at(-1), 'close')
})

writing.run()
