/** The journal over an imagined folder: torn at every byte, damaged in every bit, refused at every step. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type StorageChange, StorageError, type StoredState } from '../../../src/core/index.ts'
import { JOURNAL_NAME, Journal, type JournalSetup, NEXT_JOURNAL_NAME } from '../../../src/storage/file/journal.ts'
import { StoredImage } from '../../../src/storage/stored-image.ts'
import { seededRandom } from '../../harness/seeded-random.ts'
import { ImaginedDirectory } from './imagined-directory.ts'

const OWNER = { clusterId: 'c', id: 'a' }
/** Rewriting never, unless a test is about it. */
const LONG = 1_000_000

const journals = suite('journal')

let salt = 0x89abcdef
function open(directory: ImaginedDirectory, setup: Partial<JournalSetup> = {}): Promise<Journal> {
  return Journal.open({
    directory,
    owner: OWNER,
    syncsAppends: true,
    recordBytesMax: LONG,
    rewriteFactor: 2,
    rewriteBytesMin: LONG,
    makeSalt: () => salt++,
    ...setup,
  })
}

/** Changes of every kind, and the states they come to, the one before the first included. */
function history(length: number): { changes: StorageChange[]; states: string[] } {
  const random = seededRandom(11)
  const image = new StoredImage()
  const states = [shown(image.state())]
  const changes = Array.from({ length }, (_, i): StorageChange => {
    const name = `n${Math.floor(4 * random())}`
    const kind = Math.floor(5 * random())
    if (kind === 0) return { type: 'generation', generation: 1_000 * i }
    if (kind === 1) return { type: 'delete', key: name }
    if (kind === 2) return { type: 'peer', id: name, transport: { host: 'größe', port: i }, seenAtMs: i }
    if (kind === 3) return { type: 'forget', id: name }
    return { type: 'set', key: name, value: { i }, ...(i % 2 === 0 ? { lease: { expiresAtMs: i, ttlMs: 1 } } : {}) }
  })
  for (const change of changes) {
    image.apply(change)
    states.push(shown(image.state()))
  }
  return { changes, states }
}

function shown({ generation, entries, peers }: StoredState): string {
  const sorted = [...entries, ...peers].map((item) => JSON.stringify(item)).sort()
  return JSON.stringify({ generation, sorted })
}

/** A journal with one record for each change, and where each of them ends. */
async function written(changes: readonly StorageChange[]): Promise<{ bytes: Uint8Array; ends: number[] }> {
  const directory = new ImaginedDirectory()
  const journal = await open(directory)
  const ends = [directory.bytes(JOURNAL_NAME).length]
  for (const change of changes) {
    await journal.append([change])
    ends.push(directory.bytes(JOURNAL_NAME).length)
  }
  await journal.close()
  return { bytes: directory.bytes(JOURNAL_NAME), ends }
}

async function failureOf(work: Promise<unknown>): Promise<StorageError | undefined> {
  return work.then(
    () => undefined,
    (error: StorageError) => error,
  )
}

journals('cut off at any byte, it opens with every whole record before the cut, and goes on from there', async () => {
  const { changes, states } = history(30)
  const { bytes, ends } = await written(changes)
  const [snapshotEnd = 0] = ends
  for (let cut = 0; cut <= bytes.length; cut++) {
    const directory = ImaginedDirectory.holding(JOURNAL_NAME, bytes.subarray(0, cut))
    if (cut < snapshotEnd) {
      // No crash does this: a snapshot is on the disk before it is in place.
      assert.is((await failureOf(open(directory)))?.code, 'GOSSIP_STORAGE_CORRUPT', `cut at ${cut}`)
      continue
    }
    const whole = ends.filter((end) => end <= cut).length - 1
    const journal = await open(directory)
    assert.is(shown(journal.state()), states[whole], `cut at ${cut}`)
    assert.is(directory.bytes(JOURNAL_NAME).length, ends[whole])
    await journal.append(changes.slice(whole))
    await journal.close()
    assert.is(shown((await open(directory)).state()), states.at(-1), `cut at ${cut}, then gone on`)
  }
})

journals('any single bit that is flipped is found, and nothing is changed', async () => {
  const { changes } = history(8)
  const { bytes, ends } = await written(changes)
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const at = bit >> 3
    const damaged = bytes.slice()
    damaged[at] = (damaged[at] as number) ^ (1 << (bit & 7))
    const directory = ImaginedDirectory.holding(JOURNAL_NAME, damaged)
    const error = await failureOf(open(directory))
    assert.instance(error, StorageError, `bit ${bit}`)
    assert.ok(
      ['GOSSIP_STORAGE_CORRUPT', 'GOSSIP_STORAGE_FORMAT'].includes(error?.code ?? ''),
      `bit ${bit} ${error?.code}`,
    )
    assert.equal(directory.bytes(JOURNAL_NAME), damaged)
    const recordStart = ends.filter((end) => end <= at).at(-1)
    if (recordStart !== undefined) {
      assert.is(error?.offset, recordStart, `bit ${bit}`)
      assert.match(error?.message ?? '', `imagined/journal is damaged at byte ${recordStart}`)
    }
  }
})

journals('records that change their places, are repeated, or come from another journal are found', async () => {
  const [first, second] = [
    { type: 'set', key: 'k', value: 1 },
    { type: 'set', key: 'k', value: 2 },
  ] as const
  const a = await written([first, second])
  const b = await written([second, first])
  const [start = 0, middle = 0, end = 0] = a.ends
  const of = (bytes: Uint8Array, from: number, to: number): Uint8Array => bytes.slice(from, to)
  const head = of(a.bytes, 0, start)
  for (const parts of [
    [head, of(a.bytes, middle, end), of(a.bytes, start, middle)],
    [head, of(a.bytes, start, middle), of(a.bytes, start, middle)],
    [head, of(a.bytes, middle, end)],
    [head, of(b.bytes, start, middle)],
    [of(b.bytes, 0, start), of(a.bytes, start, middle)],
  ]) {
    const directory = ImaginedDirectory.holding(JOURNAL_NAME, Buffer.concat(parts))
    assert.is((await failureOf(open(directory)))?.code, 'GOSSIP_STORAGE_CORRUPT')
  }
})

journals('blocks at the end that a loss of power left unwritten are torn off; zeros elsewhere are damage', async () => {
  const { changes, states } = history(6)
  const { bytes, ends } = await written([...changes, { type: 'set', key: 'large', value: 'x'.repeat(3_000) }])
  const lastStart = ends.at(-2) ?? 0
  const zeroed = (from: number, to: number): ImaginedDirectory => {
    const copy = bytes.slice()
    copy.fill(0, from, to)
    return ImaginedDirectory.holding(JOURNAL_NAME, copy)
  }
  for (const [from, to] of [
    [lastStart, bytes.length],
    [1_024, 1_536],
    [Math.ceil(bytes.length / 512) * 512 - 512, bytes.length],
    [1_000, bytes.length],
  ] as const) {
    const directory = zeroed(from, to)
    assert.is(shown((await open(directory)).state()), states.at(-1), `zeros from ${from} to ${to}`)
    assert.is(directory.bytes(JOURNAL_NAME).length, lastStart)
  }
  for (const [from, to] of [
    [ends[0] ?? 0, lastStart],
    [lastStart, lastStart + 12],
    [lastStart + 100, lastStart + 110],
  ] as const) {
    assert.is((await failureOf(open(zeroed(from, to))))?.code, 'GOSSIP_STORAGE_CORRUPT', `zeros from ${from} to ${to}`)
  }
  const followed = await written([
    { type: 'set', key: 'large', value: 'x'.repeat(3_000) },
    { type: 'set', key: 'k', value: 1 },
  ])
  followed.bytes.fill(0, 1_024, 1_536)
  const inTheMiddle = ImaginedDirectory.holding(JOURNAL_NAME, followed.bytes)
  assert.is((await failureOf(open(inTheMiddle)))?.code, 'GOSSIP_STORAGE_CORRUPT', 'a record follows')
  const longer = ImaginedDirectory.holding(JOURNAL_NAME, Buffer.concat([bytes, new Uint8Array(300_000)]))
  assert.is(
    (await open(longer)).state().entries.some(({ key }) => key === 'large'),
    true,
  )
})

journals('a crash at any moment of rewriting leaves one whole state', async () => {
  const { changes, states } = history(40)
  const directory = new ImaginedDirectory()
  const copies: { copy: ImaginedDirectory; done: number }[] = []
  let done = 0
  directory.onOperation = () => void copies.push({ copy: directory.copy(), done })
  const journal = await open(directory, { rewriteBytesMin: 0, rewriteFactor: 0.5 })
  for (const change of changes) {
    await journal.append([change])
    done++
  }
  assert.ok(directory.operations.filter((operation) => operation === 'replace').length > 5)
  for (const { copy, done: kept } of copies) {
    const found = shown((await open(copy)).state())
    assert.ok([states[kept], states[kept + 1]].includes(found), `after ${kept} changes`)
    assert.equal(copy.names, [JOURNAL_NAME])
  }
})

journals('whatever fails once, what was acknowledged is kept, and appending again succeeds', async () => {
  const { changes, states } = history(25)
  const setup = { rewriteBytesMin: 0, rewriteFactor: 0.5 }
  const counter = new ImaginedDirectory()
  const counted = await open(counter, setup)
  for (const change of changes) await counted.append([change])
  for (let failing = 0; failing < counter.operations.length; failing++) {
    const directory = new ImaginedDirectory()
    let operations = 0
    directory.onOperation = (operation) => {
      if (operations++ === failing) throw new Error(`no ${operation}`)
    }
    let journal = await open(directory, setup).catch(() => open(directory, setup))
    for (const [index, change] of changes.entries()) {
      const error = await failureOf(journal.append([change]))
      if (error === undefined) continue
      const found = shown((await open(directory.copy())).state())
      assert.ok([states[index], states[index + 1]].includes(found), `failure ${failing} at change ${index}`)
      if (failing % 2 === 0) {
        await journal.close()
        journal = await open(directory, setup)
      }
      await journal.append([change])
    }
    assert.is(shown((await open(directory)).state()), states.at(-1), `failure ${failing}`)
  }
})

journals('what a failed write has left is never followed by anything', async () => {
  const directory = new ImaginedDirectory()
  const journal = await open(directory)
  directory.onOperation = (operation) => {
    directory.onOperation = () => {}
    throw new Error(`no ${operation}`)
  }
  assert.is(
    (await failureOf(journal.append([{ type: 'set', key: 'large', value: 'x'.repeat(3_000) }])))?.message,
    'no write',
  )
  await journal.append([{ type: 'set', key: 'k', value: 1 }])
  const { entries } = (await open(directory.copy())).state()
  assert.equal(entries.at(-1), { key: 'k', value: 1 })
})

journals('an append is on the disk before it resolves, and only then', async () => {
  const directory = new ImaginedDirectory()
  const always = await open(directory)
  directory.operations.length = 0
  await always.append([{ type: 'set', key: 'k', value: 1 }])
  assert.equal(directory.operations, ['write', 'sync'])
  await always.close()
  const lazy = await open(directory, { syncsAppends: false })
  assert.not(lazy.isDirty)
  directory.operations.length = 0
  await lazy.append([{ type: 'set', key: 'k', value: 2 }])
  assert.equal(directory.operations, ['write'])
  assert.ok(lazy.isDirty)
  await lazy.sync()
  assert.not(lazy.isDirty)
})

journals('a snapshot is on the disk before it takes its place', async () => {
  const directory = new ImaginedDirectory()
  const journal = await open(directory)
  directory.operations.length = 0
  await journal.rewrite()
  const order = directory.operations.filter((operation) => operation !== 'write')
  assert.equal(order, ['create', 'sync', 'close', 'close', 'replace'])
})

journals('what a crash left of the next journal is cleared away', async () => {
  const directory = ImaginedDirectory.holding(NEXT_JOURNAL_NAME, new Uint8Array(10))
  await open(directory)
  assert.equal(directory.names, [JOURNAL_NAME])
})

journals('a later format, and what is no journal, are refused as what they are', async () => {
  for (const [text, code] of [
    ['gossipmonger journal 2 89abcdef\n', 'GOSSIP_STORAGE_FORMAT'],
    ['gossipmonger journal 17 with a heading of another length', 'GOSSIP_STORAGE_FORMAT'],
    ['gossipmonger journal 0 89abcdef\n', 'GOSSIP_STORAGE_CORRUPT'],
    ['gossipmonger journal 1 89ABCDEF\n', 'GOSSIP_STORAGE_CORRUPT'],
    ['{"some": "other file of that name"}', 'GOSSIP_STORAGE_CORRUPT'],
    ['', 'GOSSIP_STORAGE_CORRUPT'],
  ] as const) {
    const directory = ImaginedDirectory.holding(JOURNAL_NAME, new TextEncoder().encode(text))
    assert.is((await failureOf(open(directory)))?.code, code, text)
  }
})

journals('a record longer than this node allows is refused by the name of the limit', async () => {
  const { bytes } = await written([{ type: 'set', key: 'k', value: 'x'.repeat(20_000) }])
  const directory = ImaginedDirectory.holding(JOURNAL_NAME, bytes)
  const error = await failureOf(open(directory, { recordBytesMax: 8_192 }))
  assert.is(error?.code, 'GOSSIP_STORAGE_RECORD_TOO_LARGE')
  assert.match(error?.message ?? '', 'recordBytesMax')
})

journals.run()
