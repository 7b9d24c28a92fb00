/** The storage in files, on a real file system: the kit, and who may have a folder. */

import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { StorageError } from '../../../src/core/index.ts'
import { FileStorage, type FileStorageOptions } from '../../../src/storage/index.ts'
import { addStorageTests } from '../../harness/storage-cases.ts'
import { TemporaryFolder } from '../../harness/temporary-folder.ts'

const OWNER = { clusterId: 'c', id: 'a' }

interface Context {
  folder: TemporaryFolder
  path: string
}

const files = suite<Context>('file storage')

files.before.each((context) => {
  context.folder = new TemporaryFolder()
  context.path = join(context.folder.path, 'data')
})

files.after.each(({ folder }) => folder.remove())

for (const options of [{}, { fsync: 'interval', syncIntervalMs: 1 }, { fsync: 'never', rewriteBytesMin: 0 }] as const) {
  addStorageTests(files, {
    name: 'file',
    createPlace() {
      const folder = new TemporaryFolder()
      return { storage: () => new FileStorage({ path: folder.path, ...options }), remove: () => folder.remove() }
    },
  })
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  return work.then(
    () => undefined,
    (error: StorageError) => error.code,
  )
}

files('a bad option throws, naming option, rule and value', ({ path }) => {
  for (const [name, value] of [
    ['path', ''],
    ['path', undefined],
    ['fsync', 'sometimes'],
    ['syncIntervalMs', 0],
    ['recordBytesMax', 100],
    ['rewriteFactor', 0],
    ['rewriteBytesMin', -1],
    ['folder', '/'],
  ]) {
    assert.throws(
      () => new FileStorage({ path, [name as string]: value } as FileStorageOptions),
      (error: { code?: string; option?: string }) =>
        error.code === 'GOSSIP_OPTION_INVALID' && error.option?.endsWith(name as string) === true,
      String(name),
    )
  }
})

files('the folder is made, and nobody else may read it', async ({ path }) => {
  const storage = new FileStorage({ path: join(path, 'deep') })
  await storage.open(OWNER)
  await storage.close()
  const [folder, journal] = [join(path, 'deep'), join(path, 'deep', 'journal')].map((at) => statSync(at).mode & 0o77)
  assert.equal([folder, journal], [0, 0])
})

files('rewriting keeps a journal short, and one file is all there is beside the lock', async ({ path }) => {
  const storage = new FileStorage({ path, rewriteBytesMin: 10_000, fsync: 'never' })
  await storage.open(OWNER)
  for (let i = 0; i < 500; i++) await storage.append([{ type: 'set', key: 'k', value: `${'x'.repeat(1_000)}${i}` }])
  assert.ok(statSync(join(path, 'journal')).size < 15_000)
  await storage.close()
  assert.equal(readdirSync(path).sort(), ['journal', 'lock.1'])
})

files('what is larger than a record may be is refused, and nothing of its batch is written', async ({ path }) => {
  const storage = new FileStorage({ path, recordBytesMax: 8_192 })
  await storage.open(OWNER)
  const large = storage.append([
    { type: 'set', key: 'small', value: 1 },
    { type: 'set', key: 'large', value: 'x'.repeat(8_192) },
  ])
  assert.is(await codeOf(large), 'GOSSIP_STORAGE_RECORD_TOO_LARGE')
  await storage.append(Array.from({ length: 100 }, (_, i) => ({ type: 'set', key: `鍵${i}`, value: '鍵'.repeat(300) })))
  await storage.close()
  const { entries } = await storage.open(OWNER)
  assert.is(entries.length, 100)
  await storage.close()
})

files('a folder that cannot be made or written is a coded error that names it', async ({ path, folder }) => {
  writeFileSync(join(folder.path, 'file'), '')
  const storage = new FileStorage({ path: join(folder.path, 'file') })
  const error = (await storage.open(OWNER).catch((reason: unknown) => reason)) as StorageError
  assert.is(error.code, 'GOSSIP_STORAGE_FAILED')
  assert.match(error.message, join(folder.path, 'file'))
  assert.is(await codeOf(new FileStorage({ path }).open(OWNER)), undefined)
})

files('a lock of a process that has ended, or of an earlier run of the system, is taken over', async ({ path }) => {
  const storage = new FileStorage({ path })
  await storage.open(OWNER)
  await storage.close()
  const stale = [
    { pid: 2 ** 22 + 1 },
    { pid: process.pid, startedAt: '1' },
    { pid: process.ppid, startedAt: '1' },
    { pid: process.pid, boot: 'an earlier one' },
  ]
  for (const holder of stale.slice(0, process.platform === 'linux' ? undefined : 1)) {
    const name = readdirSync(path).find((each) => each.startsWith('lock.')) as string
    writeFileSync(join(path, name), JSON.stringify(holder))
    await storage.open(OWNER)
    await storage.close()
  }
})

files('a lock of a process that runs is respected', async ({ path }) => {
  const storage = new FileStorage({ path })
  await storage.open(OWNER)
  await storage.close()
  writeFileSync(join(path, 'lock.1'), JSON.stringify({ pid: process.ppid }))
  assert.is(await codeOf(storage.open(OWNER)), 'GOSSIP_STORAGE_LOCKED')
})

files('of many that take a folder at once, one gets it', async ({ path }) => {
  for (let round = 0; round < 10; round++) {
    const storages = Array.from({ length: 10 }, () => new FileStorage({ path }))
    const codes = await Promise.all(storages.map((storage) => codeOf(storage.open(OWNER))))
    assert.is(codes.filter((code) => code === undefined).length, 1)
    assert.is(codes.filter((code) => code === 'GOSSIP_STORAGE_LOCKED').length, 9)
    for (const storage of storages) await storage.close()
  }
  assert.is(readdirSync(path).filter((name) => name.startsWith('lock')).length, 1)
})

files.run()
