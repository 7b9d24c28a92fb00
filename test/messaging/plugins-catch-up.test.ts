/** The catch-up plug-in: every copy becomes the log, in order and without repetition. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue, Plugin } from '../../src/core/index.ts'
import { type CatchUpOptions, type CatchUpPlugin, catchUpPlugin } from '../../src/messaging/index.ts'
import { failureOf, type Member, type MessagingCluster, withCluster } from './cluster.ts'

const catchUp = suite('catch-up plug-in')

interface Reader {
  readonly member: Member
  readonly plugin: CatchUpPlugin
  readonly told: unknown[]
}

async function readerOf(
  cluster: MessagingCluster,
  id: string,
  options: CatchUpOptions = {},
  before: Plugin = { name: 'nothing' },
): Promise<Reader> {
  const member = await cluster.add(id)
  await member.node.use(before)
  const told: unknown[] = []
  const plugin = catchUpPlugin({
    onEntry: (peer, index, entry) => told.push([peer, index, entry]),
    onReset: (peer) => told.push([peer, 'reset']),
    ...options,
  })
  await member.node.use(plugin)
  return { member, plugin, told }
}

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)
const toldOf = (peer: string, from: number, to: number): unknown[] => numbers(from, to).map((n) => [peer, n, n])

catchUp(
  'S1.4 what is appended reaches every node, once and in order, in batches',
  withCluster(async (cluster) => {
    const a = await readerOf(cluster, 'a', { batchEntriesMax: 10 })
    for (const n of numbers(0, 45)) assert.is(a.plugin.append(n), n)
    const b = await readerOf(cluster, 'b')
    const c = await readerOf(cluster, 'c')
    await cluster.settle()
    for (const n of numbers(45, 50)) a.plugin.append(n)
    await cluster.settle()
    for (const { told, plugin } of [b, c]) {
      assert.equal(told, toldOf('a', 0, 50))
      assert.equal(plugin.entries('a', 48), [48, 49])
      assert.is(plugin.length('a'), 50)
      assert.ok(plugin.stats.requests >= 6)
      assert.is(plugin.stats.entries, 50)
    }
    assert.equal(a.told, [])
    for (const { member } of [a, b, c]) assert.equal(member.errors, [])
  }),
)

catchUp(
  'a session that opens is enough: nothing has to be gossiped first',
  withCluster(async (cluster) => {
    const a = await readerOf(cluster, 'a')
    const b = await readerOf(cluster, 'b')
    await cluster.settle()
    a.member.node.pause()
    a.plugin.append('unheard of')
    await b.member.messenger.request('a', 'x').catch(() => {})
    await cluster.system.run(10)
    assert.equal(b.plugin.entries('a'), ['unheard of'])
  }),
)

catchUp(
  'after a session is lost in the middle it goes on where the copy ends',
  withCluster(async (cluster) => {
    let asked = 0
    const breaker: Plugin = {
      name: 'breaker',
      eventMap: {
        'catch-up': {
          fetch: (session) => {
            asked++
            if (asked % 3 === 0) void session.close() // The answer is lost with it.
            return false
          },
        },
      },
    }
    const a = await readerOf(cluster, 'a', { batchEntriesMax: 5 }, breaker)
    for (const n of numbers(0, 50)) a.plugin.append(n)
    const b = await readerOf(cluster, 'b', { retryMs: 1_000 })
    await cluster.system.run(60_000)
    assert.equal(b.told, toldOf('a', 0, 50))
    assert.ok(b.plugin.stats.failures >= 3, `${b.plugin.stats.failures}`)
    assert.is(b.plugin.stats.entries, 50)
  }),
)

catchUp(
  'unloaded and loaded again, it goes on; meanwhile nothing comes',
  withCluster(async (cluster) => {
    const a = await readerOf(cluster, 'a')
    a.plugin.append(0)
    const member = await cluster.add('b')
    const told: unknown[] = []
    const plugin = catchUpPlugin({ onEntry: (peer, index, entry) => told.push([peer, index, entry]) })
    const loaded = await member.node.use(plugin)
    await cluster.settle()
    await loaded.unload()
    a.plugin.append(1)
    await cluster.settle()
    assert.equal(told, toldOf('a', 0, 1))
    await member.node.use(plugin)
    await cluster.settle()
    assert.equal(told, toldOf('a', 0, 2))
  }),
)

catchUp(
  'a node that begins a new log is told as such, and its former entries are gone',
  withCluster(async (cluster) => {
    const b = await readerOf(cluster, 'b')
    const a = await readerOf(cluster, 'a')
    for (const n of numbers(0, 3)) a.plugin.append(n)
    await cluster.settle()
    await a.member.messenger.close()
    await cluster.crash(a.member)
    const again = await readerOf(cluster, 'a')
    again.plugin.append('new')
    await cluster.system.run(30_000)
    assert.equal(b.told, [...toldOf('a', 0, 3), ['a', 'reset'], ['a', 0, 'new']])
    assert.equal(b.plugin.entries('a'), ['new'])
  }),
)

catchUp(
  'what a peer says of its log that cannot be is not taken, is told, and costs it the session',
  withCluster(async (cluster) => {
    const b = await readerOf(cluster, 'b')
    const liar = await cluster.add('liar')
    const lies: JsonValue[] = [
      null,
      { id: 'x', length: 2, from: 0 },
      { id: 'x', length: 2, from: 1, entries: [1] },
      { id: 'x', length: 1, from: 0, entries: [1, 2] },
      { id: 'x', length: 2, from: 0, entries: [] },
      { id: '', length: 1, from: 0, entries: [1] },
      { id: 'x', length: -1, from: 0, entries: [] },
    ]
    let lie: JsonValue = null
    await liar.node.use({ name: 'lies', eventMap: { 'catch-up': { fetch: () => lie } } })
    await cluster.settle()
    for (const one of lies) {
      lie = one
      await liar.messenger.request('b', 'x').catch(() => {})
      await cluster.system.run(1_000)
      assert.is(b.member.messenger.stats.sessions, 0, JSON.stringify(one))
    }
    assert.equal(
      b.member.errors.map(({ code }) => code),
      lies.map(() => 'GOSSIP_LOG_MALFORMED'),
    )
    assert.equal(b.told, [])
    assert.is(b.plugin.length('liar'), 0)
  }),
)

catchUp(
  'who asks for what is no part of a log is refused, and loses the session',
  withCluster(async (cluster) => {
    const b = await readerOf(cluster, 'b')
    const asker = await cluster.add('asker')
    await cluster.settle()
    let ask: (message: unknown) => Promise<unknown> = () => Promise.resolve()
    await asker.node.use({
      name: 'asks',
      start: ({ request }) => {
        ask = (message) => request('b', 'catch-up', 'fetch', message)
      },
    })
    for (const message of [undefined, { from: -1 }, { from: 0, id: 7 }, { from: 0.5 }]) {
      assert.ok((await failureOf(ask(message))).code.startsWith('GOSSIP_'))
      await cluster.system.run(100)
      assert.is(b.member.messenger.stats.sessions, 0)
    }
    assert.equal(await ask({ from: 99, id: 'unknown' }).then((answer) => (answer as { from: number }).from), 0)
  }),
)

catchUp(
  'logs are bounded: in entries, in bytes, and in how many are copied',
  withCluster(async (cluster) => {
    const a = await readerOf(cluster, 'a', { entriesMax: 3, logBytesMax: 100, entryBytesMax: 60 })
    assert.throws(
      () => a.plugin.append('x'.repeat(60)),
      (error: { code: string }) => error.code === 'GOSSIP_LOG_LIMIT',
    )
    a.plugin.append('x'.repeat(58))
    assert.throws(
      () => a.plugin.append('x'.repeat(40)),
      (error: { code: string }) => error.code === 'GOSSIP_LOG_LIMIT',
    )
    a.plugin.append(1)
    a.plugin.append(2)
    assert.throws(
      () => a.plugin.append(3),
      (error: { code: string }) => error.code === 'GOSSIP_LOG_LIMIT',
    )
    const b = await readerOf(cluster, 'b', { entriesMax: 2, logsMax: 1 })
    await cluster.settle()
    const c = await readerOf(cluster, 'c')
    c.plugin.append('c')
    await cluster.settle()
    assert.is(b.plugin.length('a'), 2)
    assert.is(b.plugin.length('c'), 0)
    assert.is(c.plugin.length('a'), 3)
    assert.equal(
      b.member.errors.map(({ code }) => code),
      ['GOSSIP_LOG_LIMIT', 'GOSSIP_LOG_LIMIT'],
    )
  }),
)

catchUp(
  'what cannot travel cannot be appended, and what onEntry throws harms nothing',
  withCluster(async (cluster) => {
    const a = await readerOf(cluster, 'a')
    const b = await readerOf(cluster, 'b', { onEntry: () => Promise.reject(new Error('no')) })
    let deep: JsonValue = 0
    for (let i = 0; i < 63; i++) deep = [deep]
    assert.throws(
      () => a.plugin.append(deep),
      (error: { code: string }) => error.code === 'GOSSIP_VALUE_INVALID',
    )
    let less: JsonValue = 0
    for (let i = 0; i < 60; i++) less = [less]
    a.plugin.append(less)
    await cluster.settle()
    assert.equal(b.plugin.entries('a'), [less])
    assert.equal(
      b.member.errors.map(({ code }) => code),
      ['GOSSIP_PLUGIN_FAILED'],
    )
  }),
)

catchUp('options that are unknown or out of range are refused', () => {
  const bad: unknown[] = [
    { name: '' },
    { entriesMax: 0 },
    { onEntry: 1 },
    { batchBytesMax: 1_000 },
    { retryMs: 0 },
    { x: 1 },
  ]
  for (const options of bad) {
    assert.throws(
      () => catchUpPlugin(options as CatchUpOptions),
      (error: { code: string }) => error.code === 'GOSSIP_OPTION_INVALID',
    )
  }
})

catchUp.run()
