/** What a new life takes up of the former ones. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MemoryStorage } from '../../../src/storage/index.ts'
import { ScriptedStorage } from '../../harness/scripted-storage.ts'
import { codeOf, DurableStage, SECOND, WALL_MS } from './stage.ts'

const OWNER = { clusterId: 'gossipmonger', id: 'a' }

const restart = suite<{ stage: DurableStage }>('restart')

restart.before.each((context) => {
  context.stage = new DurableStage()
})

restart.after.each(({ stage }) => stage.end())

restart('S2.30 keys come back as own entries of a higher generation, numbered from 1', async ({ stage }) => {
  const storage = new MemoryStorage()
  const first = await stage.make('a', { storage }).start()
  for (let i = 0; i < 10; i++) first.set('k', i)
  first.set('l', { deep: [1] })
  first.set('gone', 1)
  first.delete('gone')
  const { generation } = first
  await first.close()
  const second = await stage.make('a', { storage }).start()
  assert.ok(second.generation > generation)
  assert.equal([...second.entries('a')].sort(), [
    ['k', 9],
    ['l', { deep: [1] }],
  ])
  assert.is(second.explain('a')?.maxVersionSeen, 2)
  const reader = await stage.make('b', { seeds: ['a'] }).start()
  await stage.system.run(3 * SECOND)
  assert.equal([...reader.entries('a')].sort(), [
    ['k', 9],
    ['l', { deep: [1] }],
  ])
  assert.throws(() => (second.get('a', 'l') as { deep: number[] }).deep.push(2))
})

restart('what was set or deleted before the start wins over what was stored', async ({ stage }) => {
  const storage = new MemoryStorage()
  const first = await stage.make('a', { storage }).start()
  for (const key of ['kept', 'replaced', 'deleted', 'deleted and set']) first.set(key, 'stored')
  await first.close()
  const second = stage.make('a', { storage })
  second.set('replaced', 'new')
  second.delete('deleted')
  second.delete('deleted and set')
  second.set('deleted and set', 'new')
  second.set('set and deleted', 'new')
  second.delete('set and deleted')
  await second.start()
  const expected = [
    ['deleted and set', 'new'],
    ['kept', 'stored'],
    ['replaced', 'new'],
  ]
  assert.equal([...second.entries('a')].sort(), expected)
  await second.close()
  const third = await stage.make('a', { storage }).start()
  assert.equal([...third.entries('a')].sort(), expected)
})

restart('what is restored is not written again', async ({ stage }) => {
  const storage = new ScriptedStorage()
  const first = await stage.make('a', { storage }).start()
  first.set('k', 1)
  first.set('leased', 1, { ttlMs: 60 * SECOND })
  await first.close()
  storage.batches.length = 0
  const second = await stage.make('a', { storage }).start()
  await second.flushed()
  assert.equal(
    storage.changes.map(({ type }) => type),
    ['generation'],
  )
})

restart('a lease goes on by the wall clock, lapses while nobody runs, and is never prolonged', async ({ stage }) => {
  const storage = new MemoryStorage()
  const first = await stage.make('a', { storage }).start()
  first.set('short', 1, { ttlMs: 10 * SECOND })
  first.set('long', 1, { ttlMs: 100 * SECOND })
  await first.flushed()
  await first.close()
  await stage.system.run(20 * SECOND)
  const second = await stage.make('a', { storage }).start()
  assert.equal([...second.entries('a')], [['long', 1]])
  await second.flushed()
  assert.equal(
    (await storage.copy().open(OWNER)).entries.map(({ key }) => key),
    ['long'],
  )
  await stage.system.run(79 * SECOND)
  assert.is(second.get('a', 'long'), 1)
  await stage.system.run(2 * SECOND)
  assert.is(second.get('a', 'long'), undefined)
  second.set('k', 1, { ttlMs: 10 * SECOND })
  await second.close()
  stage.jumpMs = -1_000 * SECOND
  const third = await stage.make('a', { storage }).start()
  assert.is(third.get('a', 'k'), 1)
  await stage.system.run(11 * SECOND)
  assert.is(third.get('a', 'k'), undefined)
})

restart('a wall clock that was set back does not keep the generation from rising', async ({ stage }) => {
  const storage = new MemoryStorage()
  let former = 0
  for (const jumpMs of [0, -1_000, -3_600_000, 5, -80_000_000]) {
    stage.jumpMs = jumpMs
    const node = await stage.make('a', { storage }).start()
    assert.ok(node.generation > former, `${node.generation} after ${former}`)
    former = node.generation
    await node.close()
  }
  assert.equal(stage.errors, [])
})

restart('a generation a year ahead is gone on from, and told once', async ({ stage }) => {
  const storage = new MemoryStorage()
  const ahead = (WALL_MS + 365 * 86_400_000) * 1_024
  await storage.open(OWNER)
  await storage.append([{ type: 'generation', generation: ahead }])
  await storage.close()
  const node = await stage.make('a', { storage }).start()
  assert.ok(node.generation > ahead && node.generation <= ahead + 1_024)
  assert.equal(stage.errors, ['GOSSIP_GENERATION_AHEAD'])
})

restart(
  'where no generation is left, or it is none, the start is refused and the storage released',
  async ({ stage }) => {
    const last = 2 ** 53 - 1 - 2 ** 22
    for (const [generation, code] of [
      [last, 'GOSSIP_GENERATION_SPENT'],
      [last + 1, 'GOSSIP_STORAGE_CORRUPT'],
      [0.5, 'GOSSIP_STORAGE_CORRUPT'],
    ] as const) {
      const storage = new ScriptedStorage()
      await storage.open(OWNER)
      await storage.append([{ type: 'generation', generation }])
      await storage.close()
      storage.calls.length = 0
      assert.is(await codeOf(stage.make('a', { storage }).start()), code)
      assert.equal(storage.calls, ['open', 'close'])
    }
  },
)

restart('metadata is kept, and replaced where it is given', async ({ stage }) => {
  const storage = new MemoryStorage()
  const lives = [{ zone: 1 }, undefined, { zone: 2 }, undefined]
  const seen: unknown[] = []
  const reader = await stage.make('b').start()
  for (const metadata of lives) {
    const node = await stage.make('a', { storage, seeds: ['b'] }, metadata).start()
    await stage.system.run(3 * SECOND)
    seen.push(reader.peers()[0]?.metadata)
    assert.is(node.entries('a').size, 0)
    await node.close()
  }
  assert.equal(seen, [{ zone: 1 }, { zone: 1 }, { zone: 2 }, { zone: 2 }])
})

restart('a place of another id or cluster is refused, and nothing is said', async ({ stage }) => {
  const storage = new MemoryStorage()
  await (await stage.make('a', { storage }).start()).close()
  assert.is(await codeOf(stage.make('b', { storage }).start()), 'GOSSIP_STORAGE_FOREIGN')
  assert.is(await codeOf(stage.make('a', { storage, clusterId: 'other' }).start()), 'GOSSIP_STORAGE_FOREIGN')
  assert.equal(
    stage.sent.filter(({ from }) => from === 'b'),
    [],
  )
})

restart(
  'a stored key that the limits no longer allow fails the start, unless it is deleted first',
  async ({ stage }) => {
    const storage = new MemoryStorage()
    const first = await stage.make('a', { storage }).start()
    first.set('large', 'x'.repeat(1_000))
    await first.close()
    assert.is(await codeOf(stage.make('a', { storage, valueBytesMax: 100 }).start()), 'GOSSIP_VALUE_TOO_LARGE')
    const second = stage.make('a', { storage, valueBytesMax: 100 })
    second.delete('large')
    await second.start()
    assert.is(second.entries('a').size, 0)
  },
)

restart('without a storage, flushed resolves and nothing else is different', async ({ stage }) => {
  const node = stage.make('a')
  node.set('k', 1)
  await node.flushed()
  await node.start()
  await node.flushed()
  await node.close()
  await node.flushed()
})

restart.run()
