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

fates.run()
