/** Cases about whose a place is, and about opening and closing at any time. */

import type { CaseDefinition } from './case-definition.ts'
import { OWNER, type Stage } from './stage.ts'
import { StorageCaseError } from './storage-case-error.ts'

/** In the order of the contract. */
export const possessionCases: readonly CaseDefinition[] = [
  { name: 'possession: another id or cluster is refused, and changes nothing', play: foreign },
  { name: 'possession: a place in use is refused to a second storage, until it is closed', play: locked },
  { name: 'possession: nothing is appended before it is open or after it is closed', play: closed },
  { name: 'possession: closing finishes what was appended, and may be repeated', play: closing },
  { name: 'possession: a storage can be opened again after closing', play: reopening },
]

async function foreign(stage: Stage): Promise<void> {
  const own = await stage.open()
  await own.append([{ type: 'set', key: 'k', value: 1 }])
  await own.close()
  for (const owner of [
    { ...OWNER, id: 'somebody else' },
    { ...OWNER, clusterId: 'elsewhere' },
  ]) {
    const other = await stage.storage()
    await stage.expectCode('GOSSIP_STORAGE_FOREIGN', `open() for ${JSON.stringify(owner)}`, () => other.open(owner))
    await stage.expectCode('GOSSIP_STORAGE_CLOSED', 'append() after it', () => other.append([]))
  }
  stage.expectState(await stage.reopened(), { generation: 0, entries: [{ key: 'k', value: 1 }], peers: [] })
}

async function locked(stage: Stage): Promise<void> {
  const first = await stage.open()
  const second = await stage.storage()
  await stage.expectCode('GOSSIP_STORAGE_LOCKED', 'a second open()', () => second.open(OWNER))
  await stage.expectCode('GOSSIP_STORAGE_LOCKED', 'open() of what is open', () => first.open(OWNER))
  // Being refused, it has nothing to let go of.
  if (second !== first) await second.close()
  const third = await stage.storage()
  if (third !== first) await stage.expectCode('GOSSIP_STORAGE_LOCKED', 'a third open()', () => third.open(OWNER))
  await first.append([{ type: 'set', key: 'k', value: 1 }])
  stage.expectState(await stage.reopened(), { generation: 0, entries: [{ key: 'k', value: 1 }], peers: [] })
}

async function closed(stage: Stage): Promise<void> {
  const storage = await stage.storage()
  const append = (): Promise<void> => storage.append([{ type: 'set', key: 'k', value: 1 }])
  await stage.expectCode('GOSSIP_STORAGE_CLOSED', 'append() before open()', append)
  await storage.open(OWNER)
  await storage.close()
  await stage.expectCode('GOSSIP_STORAGE_CLOSED', 'append() after close()', append)
  stage.expectState(await stage.reopened(), { generation: 0, entries: [], peers: [] })
}

async function closing(stage: Stage): Promise<void> {
  const unopened = await stage.storage()
  await unopened.close()
  const storage = await stage.open()
  let isKept = false
  const appending = storage.append([{ type: 'set', key: 'k', value: 1 }]).then(() => {
    isKept = true
  })
  // It is awaited below; until then a rejection is nobody's surprise.
  appending.catch(() => {})
  await Promise.all([storage.close(), storage.close()])
  if (!isKept) throw new StorageCaseError('close() to wait for what was appended', 'it had not been written')
  await appending
  await storage.close()
  stage.expectState(await stage.reopened(), { generation: 0, entries: [{ key: 'k', value: 1 }], peers: [] })
}

async function reopening(stage: Stage): Promise<void> {
  const storage = await stage.storage()
  for (let value = 0; value < 3; value++) {
    const entries = value === 0 ? [] : [{ key: 'k', value: value - 1 }]
    stage.expectState(await storage.open(OWNER), { generation: 0, entries, peers: [] })
    await storage.append([{ type: 'set', key: 'k', value }])
    await storage.close()
  }
}
