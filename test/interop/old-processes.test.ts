/** Processes of npm `gossipmonger` 0.1.10 and nodes of this project in one cluster over TCP, in every direction. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Gossipmonger, type JsonValue } from '../../src/core/index.ts'
import { TcpTransport } from '../../src/tcp/index.ts'
import { type Address, OldProcess, type OldState } from '../harness/old-process.ts'

const INTERVAL_MS = 100
/** Far beyond what anything here takes: only a failure waits that long. */
const DEADLINE_MS = 60_000

interface Context {
  olds: OldProcess[]
  news: Gossipmonger[]
}

const mixed = suite<Context>('old processes')

mixed.before.each(async (context) => {
  context.olds = []
  context.news = []
  const first = await startNew(context, 'new-0', [])
  for (const id of ['old-0', 'old-1', 'old-2']) await startOld(context, id, [first.address ?? null])
  for (const id of ['new-1', 'new-2']) await startNew(context, id, [first.address ?? null])
})

mixed.after.each(async ({ olds, news }) => {
  for (const old of olds) await old.kill()
  for (const node of news) await node.close()
})

mixed('keys and liveness go both ways', async ({ olds, news }) => {
  for (const old of olds) await old.ask(['k', { from: old.id }])
  for (const node of news) node.set('k', { from: node.id })
  const ids = [...olds, ...news].map(({ id }) => id)
  for (const node of news) await untilNew(node, (id) => equal(node.get(id, 'k'), { from: id }), ids)
  for (const old of olds) await untilOld(old, ({ data }) => ids.every((id) => equal(data[id]?.['k'], { from: id })))
  for (const node of news) {
    await untilNew(node, (id) => node.id === id || node.livePeers().some((peer) => peer.id === id), ids)
    assert.equal(
      node
        .peers()
        .filter(({ isOld }) => isOld)
        .map(({ id }) => id)
        .sort(),
      ['old-0', 'old-1', 'old-2'],
    )
  }
  for (const old of olds) await untilOld(old, ({ live }) => ids.every((id) => id === old.id || live.includes(id)))
})

mixed('overwriting and deleting reach the other kind', async ({ olds, news }) => {
  const [old] = olds as [OldProcess]
  const [node] = news as [Gossipmonger]
  for (let value = 1; value <= 12; value++) {
    node.set(`k${value % 3}`, value)
    await old.ask([`o${value % 3}`, value])
  }
  node.delete('k1')
  for (const each of olds) await untilOld(each, ({ data }) => equal(data['new-0'], { k0: 12, k1: null, k2: 11 }))
  for (const each of news)
    await until(() => equal(Object.fromEntries(each.entries('old-0')), { o0: 12, o1: 10, o2: 11 }))
})

mixed('a killed old process is held dead, and taken back with its new life only', async (context) => {
  const { olds, news } = context
  const [old] = olds as [OldProcess]
  for (const key of ['gone', 'kept']) await old.ask([key, 1])
  for (const node of news) await until(() => node.get('old-0', 'kept') === 1 && node.get('old-0', 'gone') === 1)
  await old.kill()
  for (const node of news) await until(() => node.deadPeers().some(({ id }) => id === 'old-0'))
  const again = await startOld(context, 'old-0', [news[0]?.address ?? null], old.address)
  await again.ask(['kept', 2])
  for (const node of news) {
    await until(() => node.livePeers().some(({ id }) => id === 'old-0'))
    await until(() => equal(Object.fromEntries(node.entries('old-0')), { kept: 2 }))
  }
})

mixed('a restarted node of this project is taken back by both kinds', async (context) => {
  const { olds, news } = context
  const [first, node] = news as [Gossipmonger, Gossipmonger]
  node.set('k', 'first life')
  for (const old of olds) await untilOld(old, ({ data }) => data['new-1']?.['k'] === 'first life')
  const address = node.address as unknown as Address
  await node.close()
  const again = await startNew(context, 'new-1', [first.address ?? null], address)
  again.set('k', 'second life')
  for (const old of olds) {
    await untilOld(old, ({ data, live }) => data['new-1']?.['k'] === 'second life' && live.includes('new-1'))
  }
  for (const other of [first, news[2] as Gossipmonger]) {
    await until(() => other.get('new-1', 'k') === 'second life' && other.livePeers().some(({ id }) => id === 'new-1'))
  }
})

mixed.run()

async function startNew(
  context: Context,
  id: string,
  seeds: readonly JsonValue[],
  address?: Address,
): Promise<Gossipmonger> {
  const transport = new TcpTransport(address ?? { host: '127.0.0.1', port: 0 })
  const node = new Gossipmonger({ id }, { transport, seeds, gossipIntervalMs: INTERVAL_MS, acceptOldPeers: true })
  context.news.push(node)
  return node.start()
}

async function startOld(
  context: Context,
  id: string,
  seeds: readonly unknown[],
  address?: Address,
): Promise<OldProcess> {
  const old = await OldProcess.start(id, seeds, INTERVAL_MS, address)
  context.olds.push(old)
  return old
}

function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
}

function untilNew(node: Gossipmonger, claim: (id: string) => boolean, ids: readonly string[]): Promise<void> {
  return until(
    () => ids.every(claim),
    () => `${node.id} lacks ${ids.filter((id) => !claim(id)).join(', ')}`,
  )
}

async function untilOld(old: OldProcess, claim: (state: OldState) => boolean): Promise<void> {
  let state = await old.ask()
  await until(
    async () => {
      state = await old.ask()
      return claim(state)
    },
    () => `${old.id} holds ${JSON.stringify(state)}`,
  )
}

/** Looks again until a claim holds. */
async function until(
  claim: () => boolean | Promise<boolean>,
  problem: () => string = () => claim.toString(),
): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  while (!(await claim())) {
    if (performance.now() > deadline) throw new Error(`not within ${DEADLINE_MS} ms: ${problem()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
