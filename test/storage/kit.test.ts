/** The kit notices storages that break their promises, each by the case that is about the promise. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Storage, StorageChange, StorageOwner, StoredState } from '../../src/core/index.ts'
import { MemoryStorage, type StorageFixture, storageCases } from '../../src/storage/index.ts'

const kit = suite('storage kit')

/** A storage that does everything right, to be broken in one place. */
class Breakable implements Storage {
  readonly inner: MemoryStorage

  constructor(inner: MemoryStorage) {
    this.inner = inner
  }

  open(owner: StorageOwner): Promise<StoredState> {
    return this.inner.open(owner)
  }

  append(changes: readonly StorageChange[]): Promise<void> {
    return this.inner.append(changes)
  }

  close(): Promise<void> {
    return this.inner.close()
  }
}

function fixtureOf(make: (inner: MemoryStorage) => Storage): StorageFixture {
  return {
    name: 'broken',
    createPlace() {
      const storage = make(new MemoryStorage())
      return { storage: () => storage }
    },
  }
}

async function failing(make: (inner: MemoryStorage) => Storage): Promise<string[]> {
  const failed: string[] = []
  for (const { name, run } of storageCases(fixtureOf(make))) {
    await run().catch((error: { code?: string }) => {
      assert.match(error.code ?? '', /^GOSSIP_(CONFORMANCE_FAILED|STORAGE_[A-Z]+)$/, name)
      failed.push(name)
    })
  }
  return failed
}

/** What is done to the changes before they are kept, and the case that has to see it. */
const ALTERATIONS: readonly (readonly [string, (changes: readonly StorageChange[]) => readonly StorageChange[]])[] = [
  ['keeping: values of every kind', (changes) => JSON.parse(JSON.stringify(changes).replaceAll('__proto__', 'p'))],
  [
    'keeping: leases and peers',
    (changes) => changes.map((change) => ({ ...change, lease: undefined }) as StorageChange),
  ],
  ['keeping: the last write', (changes) => [...changes].reverse()],
  ['keeping: what is deleted', (changes) => changes.filter(({ type }) => type !== 'delete')],
  ['keeping: what is deleted', (changes) => changes.filter(({ type }) => type !== 'forget')],
  ['keeping: the highest generation', (changes) => changes.filter((change) => change.type !== 'generation').slice()],
  ['keeping: every life', (changes) => changes.filter((change) => change.type !== 'set' || change.key !== 'of life 2')],
]

kit('what is kept otherwise than it was appended is seen', async () => {
  for (const [expected, alter] of ALTERATIONS) {
    const failed = await failing((inner) => {
      const storage = new Breakable(inner)
      storage.append = (changes) => inner.append(alter(changes))
      return storage
    })
    assert.ok(
      failed.some((name) => name.startsWith(expected)),
      `${expected}, and not only ${failed.join('; ')}`,
    )
  }
})

kit('appends that overtake each other are seen', async () => {
  const failed = await failing((inner) => {
    const storage = new Breakable(inner)
    let turns = 100
    storage.append = async (changes) => {
      for (let turn = turns--; turn > 0; turn--) await Promise.resolve()
      await inner.append(changes)
    }
    return storage
  })
  assert.ok(
    failed.some((name) => name.startsWith('keeping: appends that overlap')),
    failed.join('; '),
  )
})

kit('whoever lets in strangers, or a second one, is seen', async () => {
  const anybody = await failing((inner) => {
    const storage = new Breakable(inner)
    storage.open = () => inner.open({ clusterId: 'any', id: 'body' })
    return storage
  })
  assert.equal(anybody, ['possession: another id or cluster is refused, and changes nothing'])
  const twice = await failing((inner) => {
    const storage = new Breakable(inner)
    storage.open = async (owner) => {
      await inner.close()
      return inner.open(owner)
    }
    return storage
  })
  assert.equal(twice, ['possession: a place in use is refused to a second storage, until it is closed'])
})

kit('a call that throws, an append to what is closed, and a close that does not wait are seen', async () => {
  const throwing = await failing((inner) => {
    const storage = new Breakable(inner)
    let isOpen = false
    storage.open = async (owner) => {
      const state = await inner.open(owner)
      isOpen = true
      return state
    }
    storage.append = (changes) => {
      if (!isOpen) throw new Error('not open')
      return inner.append(changes)
    }
    return storage
  })
  assert.ok(
    throwing.some((name) => name.startsWith('possession: nothing is appended')),
    throwing.join('; '),
  )
  const hasty = await failing((inner) => {
    const storage = new Breakable(inner)
    storage.append = async (changes) => {
      await inner.append(changes)
      for (let turn = 0; turn < 100; turn++) await Promise.resolve()
    }
    return storage
  })
  assert.equal(hasty, ['possession: closing finishes what was appended, and may be repeated'])
})

kit('what is no fixture is refused by name', () => {
  assert.throws(
    () => storageCases({ name: '' } as StorageFixture),
    (error: { option?: string }) => error.option === 'fixture.name',
  )
  assert.throws(
    () => storageCases({ name: 'mine' } as StorageFixture),
    (error: { option?: string }) => error.option === 'fixture.createPlace',
  )
})

kit.run()
