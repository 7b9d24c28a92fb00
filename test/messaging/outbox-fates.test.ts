/** What becomes of messages of an outbox that are refused, or come too late. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Outbox } from '../../src/messaging/index.ts'
import { ScriptedStorage } from '../harness/scripted-storage.ts'
import { failureOf } from './cluster.ts'
import { withPosts } from './post-office.ts'

const fates = suite('outbox fates')

const MINUTE_MS = 60_000

fates(
  'a message that is refused holds up those behind it, and comes again with longer pauses until it is taken',
  withPosts(async (office) => {
    const a = await office.start('a')
    let refusals = 3
    const b = await office.start('b', new ScriptedStorage(), (job) => {
      if (job === 'stubborn' && refusals-- > 0) throw Object.assign(new Error('not yet'), { code: 'ACME_NOT_YET' })
    })
    await office.run(6_000)
    const receipts = [await a.outbox.emit('b', 'job', 'stubborn'), await a.outbox.emit('b', 'job', 'next')]
    await office.run(100)
    const [first] = a.outbox.messages({ peer: 'b' })
    assert.equal([first?.attempts, first?.failure], [1, { code: 'ACME_NOT_YET', message: 'not yet' }])
    await office.run(400)
    assert.is(b.handled.length, 1, 'no attempt before half of the pause is over')
    await office.run(10_000)
    assert.equal(b.handled, ['a stubborn', 'a stubborn', 'a stubborn', 'a stubborn', 'a next'])
    await Promise.all(receipts.map(({ delivered }) => delivered))
  }),
)

fates(
  'a message that is refused too often is told, kept over lives, and out of the way of others until it is retried',
  withPosts(
    async (office) => {
      let isTaken = false
      const a = await office.start('a')
      const b = await office.start('b', new ScriptedStorage(), (job) => {
        if (job === 'bad' && !isTaken) throw new Error('never')
      })
      await office.run(6_000)
      const bad = await a.outbox.emit('b', 'job', 'bad')
      await a.outbox.emit('b', 'job', 'good')
      await office.run(20_000)
      const failure = await failureOf(bad.delivered)
      assert.is(failure.code, 'GOSSIP_OUTBOX_UNDELIVERABLE')
      assert.equal(a.told, ['GOSSIP_OUTBOX_UNDELIVERABLE bad', 'delivered good'])
      const a2 = await office.start('a', await office.end(a))
      const [kept] = a2.outbox.messages()
      assert.equal([kept?.id, kept?.isUndeliverable, kept?.attempts], [bad.id, true, 3])
      assert.is(kept?.failure?.code, 'GOSSIP_HANDLER_FAILED')
      isTaken = true
      await office.run(10_000)
      assert.is(b.handled.filter((job) => job === 'a bad').length, 3)
      const again = a2.outbox.retry('b', bad.id)
      assert.is(again?.id, bad.id)
      await office.run(60_000)
      await again?.delivered
      assert.is(b.handled.filter((job) => job === 'a bad').length, 4)
      assert.is(a2.outbox.retry('b', bad.id), undefined)
    },
    { attemptsMax: 3 },
  ),
)

fates(
  'what is undeliverable goes at once where that is wanted, and a name that nobody handles is refused too',
  withPosts(
    async (office) => {
      const a = await office.start('a')
      await office.start('b')
      await office.run(6_000)
      const { delivered } = await a.outbox.emit('b', 'nobody', 1)
      await office.run(20_000)
      const failure = await failureOf(delivered)
      assert.is((failure.cause as { code?: string }).code, 'GOSSIP_HANDLER_UNKNOWN')
      assert.equal(a.told, ['GOSSIP_OUTBOX_UNDELIVERABLE 1'])
      assert.equal([a.outbox.stats.messages, a.outbox.stats.bytes], [0, 0])
      await a.outbox.close()
      assert.equal((await a.storage.state({ clusterId: 'outbox of gossipmonger', id: 'a' })).entries, [])
    },
    { attemptsMax: 2, undeliverable: 'drop' },
  ),
)

fates(
  'a peer that has no open outbox refuses nothing: it is asked until it has one',
  withPosts(
    async (office) => {
      const a = await office.start('a')
      const b = await office.cluster.add('b')
      await office.run(6_000)
      await a.outbox.emit('b', 'job', 1)
      await office.run(10 * MINUTE_MS)
      assert.equal(
        [a.outbox.messages()[0]?.attempts, a.outbox.messages()[0]?.failure?.code],
        [0, 'GOSSIP_HANDLER_UNKNOWN'],
      )
      const handled: unknown[] = []
      const late = new Outbox(b.messenger, { storage: 'memory', system: office.cluster.system })
      late.handle('job', (payload) => void handled.push(payload))
      await office.run(2 * MINUTE_MS)
      assert.equal([handled, a.outbox.messages()[0]?.failure?.code], [[], 'GOSSIP_OUTBOX_CLOSED'])
      await late.open()
      await office.run(2 * MINUTE_MS)
      assert.equal(handled, [1])
      await late.close()
    },
    { attemptsMax: 2 },
  ),
)

fates(
  'what expires is told and gone, in a later life too, and does not hold up what is behind it',
  withPosts(async (office) => {
    const a = await office.start('a')
    const short = await a.outbox.emit('b', 'job', 'short', { expiresAfterMs: 5_000 })
    await a.outbox.emit('b', 'job', 'shorter than a life', { expiresAfterMs: 20_000 })
    await a.outbox.emit('b', 'job', 'long')
    await office.run(5_100)
    assert.equal(a.told, ['GOSSIP_OUTBOX_EXPIRED short'])
    assert.is((await failureOf(short.delivered)).code, 'GOSSIP_OUTBOX_EXPIRED')
    const disk = await office.kill(a)
    await office.run(20_000)
    const a2 = await office.start('a', disk)
    assert.equal(a2.told, ['GOSSIP_OUTBOX_EXPIRED shorter than a life'])
    const b = await office.start('b')
    await office.run(MINUTE_MS)
    assert.equal(b.handled, ['a long'])
  }),
)

fates(
  'a pause after a refusal is not cut short by a peer that comes and goes',
  withPosts(
    async (office) => {
      const a = await office.start('a')
      const b = await office.start('b', new ScriptedStorage(), () => {
        throw new Error('not now')
      })
      await office.run(6_000)
      await a.outbox.emit('b', 'job', 1)
      await office.run(100)
      let connects = 0
      a.member.messenger.on('connect', () => void connects++)
      a.member.messenger.handle('bye', (_, { session }) => void session?.close())
      for (let i = 0; i < 3; i++) {
        await b.member.messenger.send('a', 'bye')
        await office.run(500)
      }
      assert.ok(connects >= 2, `${connects}`)
      assert.equal(b.handled, ['a 1'])
    },
    { retryDelayMs: 60_000, retryDelayMsMax: 60_000 },
  ),
)

fates(
  'a handler that takes longer than a sender waits is not run again beside itself, nor for nobody',
  withPosts(
    async (office) => {
      const a = await office.start('a')
      const b = await office.start('b')
      let running = 0
      let calls = 0
      const wrong: string[] = []
      b.outbox.handle('slow', async (_, { signal }) => {
        if (signal.aborted) wrong.push('nobody waits')
        if (++running > 1) wrong.push('beside itself')
        await new Promise<void>((resolve) => void office.cluster.system.startTimer(resolve, 10_000))
        running--
        if (++calls === 1) throw new Error('all for nothing')
      })
      await office.run(6_000)
      const { delivered } = await a.outbox.emit('b', 'slow')
      await office.run(MINUTE_MS)
      await delivered
      assert.equal([calls, wrong], [2, []])
    },
    { ackTimeoutMs: 1_000, retryDelayMsMax: 1_000 },
  ),
)

fates(
  'what was retried goes behind what waited, in a later life too',
  withPosts(
    async (office) => {
      let isTaken = false
      const a = await office.start('a')
      const b = await office.start('b', new ScriptedStorage(), () => {
        if (!isTaken) throw new Error('not now')
      })
      await office.run(6_000)
      const { id } = await a.outbox.emit('b', 'job', 'retried')
      await office.run(1_000)
      const disk = await office.kill(b)
      await a.outbox.emit('b', 'job', 'waiting')
      assert.ok(a.outbox.retry('b', id))
      isTaken = true
      await office.run(1_000)
      await office.start('a', await office.kill(a))
      const b2 = await office.start('b', disk)
      await office.run(MINUTE_MS)
      assert.equal(b2.handled, ['a waiting', 'a retried'])
    },
    { attemptsMax: 1 },
  ),
)

fates(
  'a retry that the disk does not take leaves the message undeliverable, and what is behind it goes on',
  withPosts(
    async (office) => {
      let isTaken = false
      const a = await office.start('a')
      const b = await office.start('b', new ScriptedStorage(), () => {
        if (!isTaken) throw new Error('not now')
      })
      await office.run(6_000)
      const { id } = await a.outbox.emit('b', 'job', 1)
      await office.run(1_000)
      isTaken = true
      a.storage.failure = new Error('disk full')
      const receipt = a.outbox.retry('b', id)
      assert.is((await failureOf(receipt?.delivered as Promise<void>)).code, 'GOSSIP_STORAGE_FAILED')
      await office.run(MINUTE_MS)
      assert.equal([b.handled, a.outbox.stats.undeliverable], [['a 1'], 1])
      a.storage.failure = undefined
      await a.outbox.emit('b', 'job', 2)
      assert.ok(a.outbox.retry('b', id))
      await office.run(MINUTE_MS)
      assert.equal([b.handled, a.outbox.stats.messages], [['a 1', 'a 2', 'a 1'], 0])
    },
    { attemptsMax: 1 },
  ),
)

fates.run()
