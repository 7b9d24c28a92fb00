/** What a plug-in may rely on, from `use` to `unload`. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Gossipmonger, type Plugin, type Session } from '../../src/core/index.ts'
import { type PluginLogEntry, WebMessenger } from '../../src/messaging/index.ts'
import { MemoryNetwork } from '../../src/transports/index.ts'
import { deferred, failureOf, withCluster } from './cluster.ts'
import { contextOf, witness } from './plugin-parts.ts'

const plugins = suite('plugins')

plugins(
  'S1.1 S1.2 a plug-in sees its node, the roles of it, and has a log',
  withCluster(async (cluster) => {
    const [a] = await cluster.start('a')
    assert.ok(a)
    const entries: PluginLogEntry[] = []
    a.messenger.on('log', (entry) => entries.push(entry))
    const context = await contextOf(a)
    assert.is(context.id, 'a')
    assert.is(context.node, a.node)
    assert.equal(context.roles, { client: true, server: true })
    context.log('ready', { n: 1 })
    assert.equal(entries, [{ plugin: 'bare', text: 'ready', facts: { n: 1 } }])
    context.node.set('color', 'red')
    assert.is(a.node.get('a', 'color'), 'red')
  }),
)

plugins('a node without a messenger refuses plug-ins, and so does one whose messenger is closed', async () => {
  const node = new Gossipmonger({ id: 'a' }, { transport: new MemoryNetwork().transport('a') })
  assert.is((await failureOf(node.use({ name: 'x' }))).code, 'GOSSIP_PLUGINS_UNSUPPORTED')
  const messenger = new WebMessenger(node)
  await node.use({ name: 'x' })
  assert.is((await failureOf(node.use('folder'))).code, 'GOSSIP_PLUGIN_FOLDERS_UNSUPPORTED')
  await messenger.close()
  assert.is((await failureOf(node.use({ name: 'y' }))).code, 'GOSSIP_PLUGINS_UNSUPPORTED')
  await node.close()
})

plugins(
  'S1.4 a name is one plug-in, and is free again when that has stopped',
  withCluster(
    async (cluster) => {
      const [a] = await cluster.start('a')
      assert.ok(a)
      const gate = deferred()
      const first = await a.node.use({ name: 'one', stop: () => gate.promise })
      assert.is((await failureOf(a.node.use({ name: 'one' }))).code, 'GOSSIP_PLUGIN_TAKEN')
      const unloading = first.unload()
      assert.equal(a.messenger.plugins.names, [])
      assert.is((await failureOf(a.node.use({ name: 'one' }))).code, 'GOSSIP_PLUGIN_TAKEN')
      gate.resolve()
      await unloading
      await a.node.use({ name: 'one' })
      await a.node.use({ name: 'two' })
      assert.is((await failureOf(a.node.use({ name: 'three' }))).code, 'GOSSIP_PLUGIN_LIMIT')
      assert.equal(a.messenger.plugins.names, ['one', 'two'])
    },
    { messenger: { pluginsMax: 2 } },
  ),
)

plugins(
  'S1.5 what is no plug-in is refused, and it says why',
  withCluster(async (cluster) => {
    const [a] = await cluster.start('a')
    assert.ok(a)
    const bad: unknown[] = [
      undefined,
      7,
      {},
      { name: '' },
      { name: 'x', start: 1 },
      { name: 'x', onError: {} },
      { name: 'x', eventMap: 1 },
      { name: 'x', eventMap: { type: 1 } },
      { name: 'x', eventMap: { type: { event: 1 } } },
      { name: 'x', eventMap: { '': {} } },
    ]
    for (const plugin of bad) {
      assert.is((await failureOf(a.node.use(plugin as Plugin))).code, 'GOSSIP_OPTION_INVALID')
    }
    assert.equal(a.messenger.plugins.names, [])
  }),
)

plugins(
  'S1.6 S1.13 messages go by type and event to every plug-in that handles them, which is their this',
  withCluster(async (cluster) => {
    const [a, b] = await cluster.start('a', 'b')
    assert.ok(a && b)
    const heard: unknown[] = []
    class Counter implements Plugin {
      readonly name = 'counter'
      #count = 0
      get eventMap(): NonNullable<Plugin['eventMap']> {
        return { news: { item: this.count } }
      }
      count(session: Session, message: unknown): boolean {
        this.#count++
        heard.push(['counter', session.remote.id, message, this.#count])
        return true
      }
    }
    await b.node.use(new Counter())
    await b.node.use({
      name: 'other',
      eventMap: {
        news: { item: (_session, message) => void heard.push(['other', message]), else: () => assert.unreachable() },
        constructor: { item: () => assert.unreachable() },
      },
    })
    const { send } = await contextOf(a)
    await send('b', 'news', 'item', { n: 1 })
    await send('b', 'news', 'item', Uint8Array.of(7))
    await send('b', 'news', 'item')
    await cluster.settle()
    assert.equal(heard, [
      ['counter', 'a', { n: 1 }, 1],
      ['other', { n: 1 }],
      ['counter', 'a', Uint8Array.of(7), 2],
      ['other', Uint8Array.of(7)],
      ['counter', 'a', undefined, 3],
      ['other', undefined],
    ])
    assert.equal(b.errors, [])
  }),
)

plugins(
  'S1.13 a request is answered by the first that does not say false; by nobody, it fails with a code',
  withCluster(async (cluster) => {
    const [a, b] = await cluster.start('a', 'b')
    assert.ok(a && b)
    const asked: string[] = []
    const ask = (name: string, answer: unknown): unknown => {
      asked.push(name)
      return answer
    }
    const answering = (name: string, answer: unknown): Plugin => ({
      name,
      eventMap: { ask: { it: () => ask(name, answer), no: () => Promise.resolve(false) } },
    })
    for (const plugin of [answering('1', false), answering('2', { n: 2 }), answering('3', 3)]) await b.node.use(plugin)
    const { request } = await contextOf(a)
    assert.equal(await request('b', 'ask', 'it'), { n: 2 })
    assert.equal(asked, ['1', '2'])
    for (const [type, event] of [
      ['ask', 'no'],
      ['ask', 'that'],
      ['toString', 'call'],
    ] as const) {
      assert.is((await failureOf(request('b', type, event))).code, 'GOSSIP_PLUGIN_UNHANDLED')
    }
    assert.is(b.messenger.plugins.stats.unhandled, 3)
    assert.equal(b.errors, [])
  }),
)

plugins(
  'a message that nobody handles is counted and told, as is one to which all say false',
  withCluster(async (cluster) => {
    const [a, b] = await cluster.start('a', 'b')
    assert.ok(a && b)
    await b.node.use({ name: 'no', eventMap: { news: { item: async () => false } } })
    const { send } = await contextOf(a)
    await send('b', 'news', 'item')
    await send('b', 'news', 'other')
    await cluster.settle()
    assert.equal(
      b.errors.map(({ code }) => code),
      ['GOSSIP_PLUGIN_UNHANDLED', 'GOSSIP_PLUGIN_UNHANDLED'],
    )
    assert.equal(b.messenger.plugins.stats, { unhandled: 2, failedSends: 2 })
    assert.is(b.messenger.stats.failedSends, 2)
  }),
)

plugins(
  'S1.12 a plug-in can answer and ask on the very session that a message came on, and on no session that is over',
  withCluster(async (cluster) => {
    const [a, b] = await cluster.start('a', 'b')
    assert.ok(a && b)
    const sessions: Session[] = []
    const heard: unknown[] = []
    const there = await contextOf(b, 'there')
    await b.node.use({
      name: 'echo',
      eventMap: {
        talk: {
          ping: async (session, message) => {
            sessions.push(session)
            assert.is(session.direction, 'inbound')
            await there.send(session, 'talk', 'pong', message)
          },
        },
      },
    })
    await a.node.use({
      name: 'ear',
      eventMap: {
        talk: {
          pong: ({ direction }, message) => void heard.push([direction, message]),
          name: () => 'a',
        },
      },
    })
    const here = await contextOf(a, 'here')
    await here.send('b', 'talk', 'ping', 1)
    await cluster.settle()
    assert.equal(heard, [['outbound', 1]])
    const [session] = sessions
    assert.ok(session)
    assert.is(await there.request(session, 'talk', 'name'), 'a')
    assert.equal(there.sessions, [session])
    await session.close()
    assert.is((await failureOf(there.request(session, 'talk', 'name'))).code, 'GOSSIP_SESSION_CLOSED')
    assert.is((await failureOf(there.send(session, 'talk', 'pong'))).code, 'GOSSIP_SESSION_CLOSED')
    assert.equal(b.errors, [])
  }),
)

plugins(
  'a node reaches its own plug-ins, and a session with itself is told to none',
  withCluster(async (cluster) => {
    const [a] = await cluster.start('a')
    assert.ok(a)
    const own: Session[] = []
    const notes: unknown[] = []
    await a.node.use({ ...witness('w', notes), eventMap: { ask: { who: (session) => own.push(session) } } })
    const { request } = await contextOf(a)
    assert.is(await request('a', 'ask', 'who'), 1)
    assert.is(own[0]?.remote.id, 'a')
    await own[0]?.close()
    await cluster.system.run(1)
    assert.equal(notes, [])
  }),
)

plugins(
  'whatever cannot be read costs its sender the session, asked or told',
  withCluster(async (cluster) => {
    const [a, b] = await cluster.start('a', 'b')
    assert.ok(a && b)
    const area = a.messenger.area('plugins')
    const bad = [undefined, 'x', [], Uint8Array.of(), Uint8Array.of(0, 0, 0, 0, 0), Uint8Array.of(0, 1, 97, 0, 9, 98)]
    const more = [
      Uint8Array.of(0, 1, 255, 0, 1, 98, 0),
      Uint8Array.of(0, 1, 97, 0, 1, 98),
      Uint8Array.of(0, 1, 97, 0, 1, 98, 9),
    ]
    for (const payload of [...bad, ...more]) {
      await area.send('b', 'message', payload)
      await cluster.system.run(100)
      assert.is(b.messenger.stats.sessions, 0)
      assert.is((await failureOf(area.request('b', 'message', payload))).code.slice(0, 7), 'GOSSIP_')
      await cluster.system.run(100)
      assert.is(b.messenger.stats.sessions, 0)
    }
    assert.is(b.errors.length, 2 * (bad.length + more.length))
    assert.ok(b.errors.every(({ code }) => code === 'GOSSIP_FRAME_MALFORMED'))
    assert.is(b.messenger.stats.failedSends, bad.length + more.length)
  }),
)

plugins.run()
