/** The storage over databases: the kit over two of them, and what stands in one. */

import { ClassicLevel } from 'classic-level'
import { MemoryLevel } from 'memory-level'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { StorageError } from '../../../src/core/index.ts'
import { LevelStorage } from '../../../src/storage/index.ts'
import { addStorageTests } from '../../harness/storage-cases.ts'
import { TemporaryFolder } from '../../harness/temporary-folder.ts'

const OWNER = { clusterId: 'c', id: 'a' }

const level = suite('level storage')

addStorageTests(level, {
  name: 'memory-level',
  createPlace() {
    const database = new MemoryLevel()
    return { storage: () => new LevelStorage(database), remove: () => database.close() }
  },
})

addStorageTests(level, {
  name: 'classic-level, whose own encoding is another',
  createPlace() {
    const folder = new TemporaryFolder()
    const database = new ClassicLevel<string, unknown>(folder.path, { valueEncoding: 'json' })
    const remove = async (): Promise<void> => {
      await database.close()
      folder.remove()
    }
    return { storage: () => new LevelStorage(database), remove }
  },
})

addStorageTests(level, {
  name: 'a sublevel',
  createPlace() {
    const database = new MemoryLevel()
    const sublevel = database.sublevel('node')
    return { storage: () => new LevelStorage(sublevel, { sync: false }), remove: () => database.close() }
  },
})

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  return work.then(
    () => undefined,
    (error: StorageError) => error.code,
  )
}

level('nodes share a database under prefixes, beside whatever else is in it', async () => {
  const database = new MemoryLevel()
  await database.put('gossip', 'not ours')
  await database.put('gossip"', 'not ours')
  const [a, b] = ['gossip', 'gossip2'].map((prefix) => new LevelStorage(database, { prefix })) as [
    LevelStorage,
    LevelStorage,
  ]
  await a.open(OWNER)
  await a.append([{ type: 'set', key: 'k', value: 1 }])
  await a.close()
  assert.equal(await b.open({ ...OWNER, id: 'b' }), { generation: 0, entries: [], peers: [] })
  assert.equal((await a.open(OWNER)).entries, [{ key: 'k', value: 1 }])
  assert.is(await database.get('gossip'), 'not ours')
  await database.close()
})

level('what is not what was written is refused with its key', async () => {
  for (const [key, value, code] of [
    ['g!!owner', '{"format":2}', 'GOSSIP_STORAGE_FORMAT'],
    ['g!!owner', '{"format":1,"clusterId":"c"}', 'GOSSIP_STORAGE_CORRUPT'],
    ['g!generation', '"1"', 'GOSSIP_STORAGE_CORRUPT'],
    ['g!generation', '9007199254740991', 'GOSSIP_STORAGE_CORRUPT'],
    ['g!entry!k', '[1,2]', 'GOSSIP_STORAGE_CORRUPT'],
    ['g!entry!k', '{', 'GOSSIP_STORAGE_CORRUPT'],
    ['g!peer!p', '["host:1"]', 'GOSSIP_STORAGE_CORRUPT'],
    ['g!stranger', '1', 'GOSSIP_STORAGE_CORRUPT'],
  ] as const) {
    const database = new MemoryLevel()
    const storage = new LevelStorage(database, { prefix: 'g' })
    await storage.open(OWNER)
    await storage.close()
    await database.put(key, value)
    const error = (await storage.open(OWNER).catch((reason: unknown) => reason)) as StorageError
    assert.is(error.code, code, `${key} ${value}`)
    assert.match(error.message, key)
    await database.del('g!!owner')
    if (key !== 'g!!owner') assert.is(await codeOf(storage.open(OWNER)), 'GOSSIP_STORAGE_CORRUPT', 'without an owner')
    await database.close()
  }
})

level('a database that fails is a coded error with its cause', async () => {
  const database = new MemoryLevel()
  const storage = new LevelStorage(database)
  await storage.open(OWNER)
  await database.close()
  const error = (await storage
    .append([{ type: 'delete', key: 'k' }])
    .catch((reason: unknown) => reason)) as StorageError
  assert.is(error.code, 'GOSSIP_STORAGE_FAILED')
  assert.instance(error.cause, Error)
  await storage.close()
  assert.is(await codeOf(storage.open(OWNER)), 'GOSSIP_STORAGE_FAILED')
})

level('what is no database, and bad options, are refused by name', () => {
  const database = new MemoryLevel()
  for (const [name, make] of [
    ['database', () => new LevelStorage({} as never)],
    ['prefix', () => new LevelStorage(database, { prefix: '' })],
    ['prefix', () => new LevelStorage(database, { prefix: 'a!b' })],
    ['sync', () => new LevelStorage(database, { sync: 1 as never })],
    ['options.path', () => new LevelStorage(database, { path: 'x' } as never)],
  ] as const) {
    assert.throws(make, (error: { option?: string }) => error.option === name, name)
  }
})

level.run()
