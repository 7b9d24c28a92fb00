/** When a plug-in is told what: from its start to its stop, of sessions and of errors. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { PluginContext } from '../../src/core/index.ts'
import { PluginError } from '../../src/messaging/index.ts'
import { deferred, failureOf, withCluster } from './cluster.ts'
import { contextOf, witness } from './plugin-parts.ts'

const life = suite('life of plug-ins')

life(
  'S1.7 start comes before anything is told, stop after everything, and neither twice',
  withCluster(async (cluster) => {
    const [a, b] = await cluster.start('a', 'b')
    assert.ok(a && b)
    const calls: string[] = []
    const gate = deferred()
    const using = b.node.use({
      name: 'p',
      eventMap: { t: { e: () => void calls.push('handled') } },
      start: async ({ id, signal }) => {
        calls.push(`start ${id} ${signal.aborted}`)
        await gate.promise
      },
      stop: () => void calls.push('stop'),
      onConnection: () => void calls.push('connection'),
      onClose: () => void calls.push('close'),
    })
    const { send } = await contextOf(a)
    await send('b', 't', 'e') // Nobody handles it yet.
    await cluster.settle()
    assert.equal(calls, ['start b false'])
    gate.resolve()
    const loaded = await using
    assert.equal(calls, ['start b false', 'connection']) // The session is there already.
    await send('b', 't', 'e')
    await cluster.settle()
    const unloading = [loaded.unload(), loaded.unload()]
    await send('b', 't', 'e')
    await Promise.all(unloading)
    await cluster.settle()
    await a.messenger.close()
    await cluster.settle()
    assert.equal(calls, ['start b false', 'connection', 'handled', 'stop'])
    assert.is(b.messenger.plugins.stats.unhandled, 2)
  }),
)

life(
  'S1.7 an unloaded plug-in hears nothing, its signal is raised, and it can send no more once it has stopped',
  withCluster(async (cluster) => {
    const [a, b] = await cluster.start('a', 'b')
    assert.ok(a && b)
    const heard: unknown[] = []
    await b.node.use({ name: 'ear', eventMap: { t: { e: (_session, message) => void heard.push(message) } } })
    let context: PluginContext | undefined
    const loaded = await a.node.use({
      name: 'p',
      start: (given) => {
        context = given
      },
      stop: () => context?.send('b', 't', 'e', 'goodbye'),
      onError: () => assert.unreachable(),
    })
    assert.ok(context)
    await loaded.unload()
    assert.ok(context.signal.aborted)
    assert.is((await failureOf(context.send('b', 't', 'e', 'late'))).code, 'GOSSIP_PLUGIN_UNLOADED')
    assert.is((await failureOf(context.request('b', 't', 'e'))).code, 'GOSSIP_PLUGIN_UNLOADED')
    a.messenger.tellError(new Error('later'))
    await cluster.settle()
    assert.equal(heard, ['goodbye'])
  }),
)

life(
  'S1.7 a start that throws, rejects or takes too long loads nothing, and one that ends too late is stopped',
  withCluster(
    async (cluster) => {
      const [a] = await cluster.start('a')
      assert.ok(a)
      const cause = new Error('no disk')
      const throwing = (): never => {
        throw cause
      }
      for (const start of [throwing, () => Promise.reject(cause)]) {
        const error = (await failureOf(a.node.use({ name: 'p', start }))) as PluginError
        assert.instance(error, PluginError)
        assert.equal([error.code, error.plugin, error.cause], ['GOSSIP_PLUGIN_START_FAILED', 'p', cause])
      }
      const gate = deferred()
      let stops = 0
      const using = failureOf(a.node.use({ name: 'p', start: () => gate.promise, stop: () => stops++ }))
      await cluster.system.run(500)
      assert.is((await using).code, 'GOSSIP_PLUGIN_START_FAILED')
      assert.is(stops, 0)
      gate.resolve()
      await cluster.system.run(1)
      assert.is(stops, 1)
      await a.node.use({ name: 'p' })
    },
    { messenger: { pluginTimeoutMs: 500 } },
  ),
)

life(
  'S1.7 closing the messenger unloads all, the last first; a stop that throws or hangs is told and holds up nobody',
  withCluster(
    async (cluster) => {
      const [a] = await cluster.start('a')
      assert.ok(a)
      const stops: string[] = []
      const gate = deferred()
      await a.node.use({ name: '1', stop: () => void stops.push('1') })
      await a.node.use({ name: '2', stop: () => Promise.reject(new Error('stuck')) })
      await a.node.use({
        name: '3',
        stop: async () => {
          stops.push('3')
          await gate.promise
        },
      })
      const starting = failureOf(a.node.use({ name: '4', start: () => gate.promise, stop: () => void stops.push('4') }))
      const closing = a.messenger.close()
      assert.is((await starting).code, 'GOSSIP_PLUGIN_START_FAILED')
      await cluster.system.run(1_000)
      await closing
      assert.equal(stops, ['3', '1'])
      assert.equal(
        a.errors.map((error) => [error.code, (error as PluginError).plugin]),
        [
          ['GOSSIP_PLUGIN_FAILED', '3'],
          ['GOSSIP_PLUGIN_FAILED', '2'],
        ],
      )
      gate.resolve()
      await cluster.system.run(1)
      assert.equal(stops, ['3', '1', '4'])
    },
    { messenger: { pluginTimeoutMs: 500 } },
  ),
)

life(
  'S1.8 S1.9 S1.10 S1.12 S1.14 both sides are told of a session, who dialled it, and its end',
  withCluster(async (cluster) => {
    const [a, b] = await cluster.start('a', 'b')
    assert.ok(a && b)
    const notes: unknown[] = []
    await a.node.use(witness('at a', notes))
    await b.node.use(witness('at b', notes))
    const events: unknown[] = []
    b.messenger.on('connect', ({ direction }) => events.push(['connect', direction]))
    b.messenger.on('disconnect', ({ direction }) => events.push(['disconnect', direction]))
    await a.messenger.request('b', 'x').catch(() => {})
    await b.node.use(witness('later', notes))
    assert.equal(
      notes.splice(0).sort(),
      [
        ['at a', 'open', 'b', 'outbound', undefined],
        ['at b', 'connection', 'a', 'inbound', undefined],
        ['later', 'connection', 'a', 'inbound', undefined],
      ].sort(),
    )
    await a.messenger.close()
    await cluster.settle()
    assert.equal(notes, [
      ['at b', 'close', 'a', 'inbound', undefined],
      ['later', 'close', 'a', 'inbound', undefined],
    ])
    assert.equal(events, [
      ['connect', 'inbound'],
      ['disconnect', 'inbound'],
    ])
  }),
)

life(
  'S1.11 a plug-in is told its own errors with the session; others are not, and go on',
  withCluster(async (cluster) => {
    const [a, b] = await cluster.start('a', 'b')
    assert.ok(a && b)
    const notes: unknown[] = []
    const heard: unknown[] = []
    const failing = async (): Promise<never> => {
      throw Object.assign(new Error('out of paper'), { code: 'ACME_PAPER' })
    }
    await b.node.use({ ...witness('bad', notes), onConnection: failing, eventMap: { t: { e: failing } } })
    await b.node.use({ ...witness('good', notes), eventMap: { t: { e: () => void heard.push('good') } } })
    const { send, request } = await contextOf(a)
    await send('b', 't', 'e')
    await cluster.settle()
    assert.equal(heard, ['good'])
    assert.equal(notes, [
      ['good', 'connection', 'a', 'inbound', undefined],
      ['bad', 'error', 'a', 'inbound', 'ACME_PAPER'],
      ['bad', 'error', 'a', 'inbound', 'ACME_PAPER'],
    ])
    const facts = b.errors.map((error) => [error.code, (error as PluginError).plugin, (error as PluginError).peer])
    assert.equal(facts, [
      ['GOSSIP_PLUGIN_FAILED', 'bad', 'a'],
      ['GOSSIP_PLUGIN_FAILED', 'bad', 'a'],
    ])
    assert.is(b.messenger.stats.failedSends, 1)
    assert.is((await failureOf(request('b', 't', 'e'))).code, 'ACME_PAPER')
  }),
)

life(
  'S1.11 trouble of a session and of the messenger is told to all, with the session; what onError throws only to others',
  withCluster(async (cluster) => {
    const [a, b] = await cluster.start('a', 'b')
    assert.ok(a && b)
    const notes: unknown[] = []
    let calls = 0
    await b.node.use({
      name: 'bad',
      onError: () => {
        calls++
        throw new Error('again')
      },
    })
    await b.node.use(witness('w', notes))
    await a.messenger.send('b', 'unknown')
    await cluster.settle()
    assert.equal(notes, [
      ['w', 'connection', 'a', 'inbound', undefined],
      ['w', 'error', undefined, undefined, 'GOSSIP_HANDLER_UNKNOWN'],
    ])
    notes.length = 0
    await a.messenger.area('plugins').send('b', 'message', { type: 't' })
    await cluster.settle()
    assert.equal(notes, [
      ['w', 'error', 'a', 'inbound', 'GOSSIP_FRAME_MALFORMED'],
      ['w', 'close', 'a', 'inbound', undefined],
    ])
    assert.is(calls, 2)
    assert.equal(b.errors.map(({ code }) => code).sort(), [
      'GOSSIP_FRAME_MALFORMED',
      'GOSSIP_HANDLER_UNKNOWN',
      'GOSSIP_PLUGIN_FAILED',
      'GOSSIP_PLUGIN_FAILED',
    ])
  }),
)

life.run()
