import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MemoryStorage } from '../../../src/storage/index.ts'
import { addStorageTests } from '../../harness/storage-cases.ts'

const memory = suite('memory storage')

addStorageTests(memory, {
  name: 'memory',
  createPlace() {
    const storage = new MemoryStorage()
    return { storage: () => storage }
  },
})

memory('S2.31 a copy is what was there then, and goes its own way', async () => {
  const owner = { clusterId: 'c', id: 'a' }
  const storage = new MemoryStorage()
  await storage.open(owner)
  await storage.append([{ type: 'set', key: 'k', value: 1 }])
  const copy = storage.copy()
  await storage.append([{ type: 'set', key: 'k', value: 2 }])
  assert.equal((await copy.open(owner)).entries, [{ key: 'k', value: 1 }])
  await copy.append([{ type: 'delete', key: 'k' }])
  await storage.close()
  assert.equal((await storage.open(owner)).entries, [{ key: 'k', value: 2 }])
})

memory.run()
