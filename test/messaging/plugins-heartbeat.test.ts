/** The heartbeat plug-in: who is asked, when, and what becomes of who does not answer. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { LoadedPlugins } from '../../src/core/index.ts'
import { type HeartbeatOptions, type HeartbeatPlugin, heartbeatPlugin } from '../../src/messaging/index.ts'
import { type Member, type MessagingCluster, withCluster } from './cluster.ts'

const heartbeat = suite('heartbeat plug-in')

/** Two nodes; `b` has opened a session with `a`, which has the plug-in. */
async function pairOf(
  cluster: MessagingCluster,
  options?: HeartbeatOptions,
): Promise<{ a: Member; b: Member; plugin: HeartbeatPlugin; loaded: LoadedPlugins }> {
  const [a, b] = await cluster.start('a', 'b')
  assert.ok(a && b)
  const plugin = heartbeatPlugin(options)
  const loaded = await a.node.use(plugin)
  a.messenger.handle('hello', () => 'hello')
  b.messenger.handle('hello', () => 'hello')
  await b.messenger.request('a', 'hello')
  return { a, b, plugin, loaded }
}

heartbeat(
  'S1.28 who was silent for 10 s is asked, who was heard is not, and whoever dialled does not ask',
  withCluster(async (cluster) => {
    const { a, b, plugin } = await pairOf(cluster)
    const there = heartbeatPlugin()
    await b.node.use(there)
    await cluster.system.run(9_999)
    assert.is(plugin.stats.pings, 0)
    assert.ok(plugin.stats.skips >= 2) // Every 3 to 4 s.
    await cluster.system.run(4_001)
    assert.is(plugin.stats.pings, 1)
    assert.is(plugin.stats.pongs, 1)
    for (let i = 0; i < 10; i++) {
      await b.messenger.request('a', 'hello')
      await cluster.system.run(9_000)
    }
    assert.is(plugin.stats.pings, 1)
    await cluster.system.run(120_000)
    assert.ok(plugin.stats.pings >= 8 && plugin.stats.pings <= 13, `${plugin.stats.pings}`) // Every 10 to 14 s.
    assert.equal(there.stats, { pings: 0, pongs: 0, skips: 0, closed: 0 })
    assert.is(a.messenger.stats.sessions, 1)
    assert.equal(a.errors, [])
  }),
)

heartbeat(
  'S1.28 who does not answer for 60 s loses the session, and it is told',
  withCluster(async (cluster) => {
    const { a, b, plugin } = await pairOf(cluster)
    await b.node.use({ name: 'mute', eventMap: { heartbeat: { ping: () => new Promise(() => {}) } } })
    await cluster.system.run(69_000)
    assert.is(a.messenger.stats.sessions, 1)
    await cluster.system.run(5_001)
    assert.is(a.messenger.stats.sessions, 0)
    assert.is(b.messenger.stats.sessions, 0)
    assert.is(plugin.stats.closed, 1)
    assert.equal(
      a.errors.map(({ code }) => code),
      ['GOSSIP_PEER_SILENT'],
    )
  }),
)

heartbeat(
  'S1.28 who does not answer but is heard keeps the session',
  withCluster(async (cluster) => {
    const { a, b, plugin } = await pairOf(cluster)
    await b.node.use({ name: 'mute', eventMap: { heartbeat: { ping: () => new Promise(() => {}) } } })
    for (let i = 0; i < 10; i++) {
      await cluster.system.run(14_000)
      await b.messenger.request('a', 'hello')
    }
    assert.ok(plugin.stats.pings > 1)
    assert.is(plugin.stats.pongs, 0)
    assert.is(plugin.stats.closed, 0)
    assert.is(a.messenger.stats.sessions, 1)
  }),
)

heartbeat(
  'S1.28 a peer without the plug-in refuses, which is a sign of life',
  withCluster(async (cluster) => {
    const { a, b, plugin } = await pairOf(cluster)
    await cluster.system.run(200_000)
    assert.ok(plugin.stats.pings > 10)
    assert.is(plugin.stats.closed, 0)
    assert.equal(a.errors, [])
    assert.equal(b.errors, [])
  }),
)

heartbeat(
  'S1.28 a peer that sleeps is asked no more until it sends something',
  withCluster(async (cluster) => {
    const { b, plugin } = await pairOf(cluster)
    let isSleeping = true
    await b.node.use(heartbeatPlugin({ isSleeping: () => isSleeping }))
    await cluster.system.run(200_000)
    assert.is(plugin.stats.pings, 1)
    isSleeping = false
    await b.messenger.request('a', 'hello')
    await cluster.system.run(100_000)
    assert.ok(plugin.stats.pings > 5)
    assert.is(plugin.stats.closed, 0)
  }),
)

heartbeat(
  'S1.28 S1.7 unloaded, it asks nobody and leaves no timers, and it can be loaded again',
  withCluster(async (cluster) => {
    const { a, plugin, loaded } = await pairOf(cluster, { intervalMs: 100, jitterMs: 0, quietMs: 0 })
    const before = plugin.stats.pings
    await cluster.system.run(1_000)
    assert.ok(plugin.stats.pings > before)
    const timers = cluster.system.pending
    await loaded.unload()
    const { pings } = plugin.stats
    assert.is(cluster.system.pending, timers - 1)
    await cluster.system.run(5_000)
    assert.is(plugin.stats.pings, pings)
    await a.node.use(plugin) // The session is still there.
    await cluster.system.run(1_000)
    assert.ok(plugin.stats.pings > pings)
    assert.is(plugin.stats.closed, 0)
  }),
)

heartbeat('options that are unknown or out of range are refused', () => {
  const bad: unknown[] = [{ intervalMs: 0 }, { jitterMs: -1 }, { quietMs: 0.5 }, { silenceMs: 2 ** 31 }, { pulse: 1 }]
  for (const options of [...bad, { isSleeping: true }]) {
    assert.throws(
      () => heartbeatPlugin(options as HeartbeatOptions),
      (error: { code: string }) => error.code === 'GOSSIP_OPTION_INVALID',
    )
  }
})

heartbeat.run()
