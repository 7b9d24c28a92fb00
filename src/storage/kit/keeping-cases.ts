/** Cases about what is kept: everything that was appended, as it was, and nothing else. */

import type { JsonValue, StorageChange, StoredState } from '../../core/index.ts'
import type { CaseDefinition } from './case-definition.ts'
import type { Stage } from './stage.ts'

const NOTHING: StoredState = { generation: 0, entries: [], peers: [] }
const GENERATION = 1_838_000_000_000_512
/** Whoever writes over and over makes a storage clear up after itself. */
const OVERWRITES = 60
const LARGE_TEXT = 'large '.repeat(6_000)

const NAMES = [
  'plain',
  '__proto__',
  'constructor',
  ' ',
  '!',
  '~',
  'a/b\\c"d',
  'line\nend\u0000',
  'größe',
  '鍵',
  '🗝️',
  '~\u{10ffff}',
]
const VALUES: readonly JsonValue[] = [
  null,
  true,
  0,
  -1.5e-300,
  9_007_199_254_740_991,
  '',
  'text with\nlines, \u0000 and 🗝️',
  [],
  {},
  [1, [2, [3]]],
  { nested: { list: [null, false], '': 'no name' } },
  JSON.parse('{"__proto__": {"polluted": true}}') as JsonValue,
]

/** In the order of the contract. */
export const keepingCases: readonly CaseDefinition[] = [
  { name: 'keeping: a new place is empty, and so is one where nothing was appended', play: empty },
  { name: 'keeping: values of every kind, under names of every kind, come back as they were', play: values },
  { name: 'keeping: leases and peers come back as they were', play: records },
  { name: 'keeping: the last write of a key wins, within a batch and across batches', play: lastWins },
  { name: 'keeping: what is deleted or forgotten is gone, and may be unknown', play: gone },
  { name: 'keeping: the highest generation counts, whatever comes after it', play: highest },
  { name: 'keeping: appends that overlap are carried out in order', play: order },
  { name: 'keeping: what is written over and over costs nothing but its last state', play: overwriting },
  { name: 'keeping: every life finds what all former ones left', play: lives },
]

async function empty(stage: Stage): Promise<void> {
  const first = await stage.storage()
  stage.expectState(await first.open({ clusterId: 'kit', id: 'owner' }), NOTHING)
  await first.append([])
  stage.expectState(await stage.reopened(), NOTHING)
}

async function values(stage: Stage): Promise<void> {
  const entries = NAMES.flatMap((name) => VALUES.map((value, index) => ({ key: `${name}${index}`, value })))
  const state = await stage.kept(entries.map((entry) => ({ type: 'set', ...entry })))
  stage.expectState(state, { generation: 0, entries, peers: [] })
}

async function records(stage: Stage): Promise<void> {
  const entries = [
    { key: 'leased', value: 1, lease: { expiresAtMs: 1_800_000_000_000, ttlMs: 60_000 } },
    { key: 'longest', value: null, lease: { expiresAtMs: 2 ** 43 + 1_800_000_000_000, ttlMs: 2 ** 43 } },
  ]
  const peers = NAMES.map((id, index) => ({
    id,
    transport: VALUES[index] ?? 'host:1',
    seenAtMs: 1_800_000_000_000 + index,
  }))
  const state = await stage.kept([
    ...entries.map((entry): StorageChange => ({ type: 'set', ...entry })),
    ...peers.map((peer): StorageChange => ({ type: 'peer', ...peer })),
  ])
  stage.expectState(state, { generation: 0, entries, peers })
}

async function lastWins(stage: Stage): Promise<void> {
  const state = await stage.kept(
    [
      { type: 'set', key: 'a', value: 1, lease: { expiresAtMs: 5, ttlMs: 5 } },
      { type: 'set', key: 'a', value: 2 },
      { type: 'delete', key: 'b' },
      { type: 'set', key: 'b', value: 1 },
      { type: 'peer', id: 'p', transport: 'host:1', seenAtMs: 1 },
    ],
    [
      { type: 'set', key: 'b', value: 2 },
      { type: 'peer', id: 'p', transport: 'host:2', seenAtMs: 2 },
    ],
  )
  const entries = [
    { key: 'a', value: 2 },
    { key: 'b', value: 2 },
  ]
  stage.expectState(state, { generation: 0, entries, peers: [{ id: 'p', transport: 'host:2', seenAtMs: 2 }] })
}

async function gone(stage: Stage): Promise<void> {
  const state = await stage.kept(
    [
      { type: 'delete', key: 'never there' },
      { type: 'forget', id: 'never there' },
      { type: 'set', key: 'a', value: 1 },
      { type: 'delete', key: 'a' },
      { type: 'set', key: 'b', value: 1 },
      { type: 'peer', id: 'p', transport: 'host:1', seenAtMs: 1 },
      // A key and an id of one name have nothing to do with each other.
      { type: 'peer', id: 'b', transport: 'host:1', seenAtMs: 1 },
      { type: 'set', key: 'p', value: 1 },
    ],
    [
      { type: 'delete', key: 'b' },
      { type: 'forget', id: 'p' },
    ],
  )
  const peers = [{ id: 'b', transport: 'host:1', seenAtMs: 1 }]
  stage.expectState(state, { generation: 0, entries: [{ key: 'p', value: 1 }], peers })
}

async function highest(stage: Stage): Promise<void> {
  const generation = (offset: number): StorageChange => ({ type: 'generation', generation: GENERATION + offset })
  const state = await stage.kept([generation(0)], [generation(7), generation(2)], [generation(5)])
  stage.expectState(state, { ...NOTHING, generation: GENERATION + 7 })
}

async function order(stage: Stage): Promise<void> {
  const storage = await stage.open()
  const appends = Array.from({ length: 100 }, (_, value) => storage.append([{ type: 'set', key: 'k', value }]))
  await Promise.all(appends)
  stage.expectState(await stage.reopened(), { ...NOTHING, entries: [{ key: 'k', value: 99 }] })
}

async function overwriting(stage: Stage): Promise<void> {
  const storage = await stage.open()
  for (let i = 1; i <= OVERWRITES; i++) {
    await storage.append([
      { type: 'set', key: 'large', value: LARGE_TEXT + i },
      { type: 'set', key: `brief ${i}`, value: i },
      { type: 'delete', key: `brief ${i - 1}` },
      { type: 'generation', generation: i },
    ])
  }
  const entries = [
    { key: 'large', value: LARGE_TEXT + OVERWRITES },
    { key: `brief ${OVERWRITES}`, value: OVERWRITES },
  ]
  stage.expectState(await stage.reopened(), { generation: OVERWRITES, entries, peers: [] })
}

async function lives(stage: Stage): Promise<void> {
  const entries: StoredState['entries'][number][] = []
  for (let life = 1; life <= 5; life++) {
    entries.push({ key: `of life ${life}`, value: life })
    const state = await stage.kept([
      { type: 'generation', generation: life },
      { type: 'set', key: `of life ${life}`, value: life },
    ])
    stage.expectState(state, { generation: life, entries, peers: [] })
  }
}
