/** Messages that outlive their sender: taken, kept, delivered in order, acknowledged, refused, expired. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Outbox } from '../../src/messaging/index.ts'
import { ScriptedStorage } from '../harness/scripted-storage.ts'
import { failureOf, withCluster } from './cluster.ts'
import { withPosts } from './post-office.ts'

const outbox = suite('outbox')

const MINUTE_MS = 60_000

outbox(
  'S5.7 S5.16 S5.17 an acknowledged emit that need not outlive anything is a request: answered when it was handled',
  withCluster(async (cluster) => {
    const [a, b] = await cluster.start('a', 'b')
    assert.ok(a && b)
    let isHandled = false
    b.messenger.handle('event', async (payload) => {
      isHandled = true
      return ['acknowledged', payload]
    })
    assert.equal(await a.messenger.request('b', 'event', 1), ['acknowledged', 1])
    assert.ok(isHandled)
  }),
)

outbox(
  'S5.29 C35 what is emitted for a peer that is not there is kept, and delivered in order when it comes',
  withPosts(async (office) => {
    const a = await office.start('a')
    const receipts = await Promise.all([1, 2, 3].map((n) => a.outbox.emit('b', 'job', n)))
    await office.run(10 * MINUTE_MS)
    assert.is(a.outbox.stats.messages, 3)
    const b = await office.start('b')
    await office.run(10_000)
    assert.equal(b.handled, ['a 1', 'a 2', 'a 3'])
    await Promise.all(receipts.map(({ delivered }) => delivered))
    assert.equal(a.told, ['delivered 1', 'delivered 2', 'delivered 3'])
    assert.is(a.outbox.stats.messages, 0)
    assert.is(new Set(receipts.map(({ id }) => id)).size, 3)
  }),
)

outbox(
  'S5.29 what is durable is sent by the next life of a sender that was killed, also what the receiver has not handled yet',
  withPosts(async (office) => {
    const a = await office.start('a')
    for (const n of [1, 2]) await a.outbox.emit('b', 'job', n)
    const disk = await office.kill(a)
    const later = await office.start('a', disk)
    await later.outbox.emit('b', 'job', 3)
    const b = await office.start('b')
    await office.run(10_000)
    assert.equal(b.handled, ['a 1', 'a 2', 'a 3'])
    assert.equal(later.told, ['delivered 1', 'delivered 2', 'delivered 3'])
  }),
)

outbox(
  'what was handled is not handled again when its acknowledgement was lost with the sender, nor after the receiver was killed',
  withPosts(async (office) => {
    const a = await office.start('a')
    const b = await office.start('b')
    await office.run(6_000)
    await a.outbox.emit('b', 'job', 1)
    const undelivered = a.storage.copy()
    await office.run(100)
    assert.equal(b.handled, ['a 1'])
    await office.kill(a)
    const b2 = await office.start('b', await office.kill(b))
    const a2 = await office.start('a', undelivered)
    assert.is(a2.outbox.stats.messages, 1)
    await a2.outbox.emit('b', 'job', 2)
    await office.run(60_000)
    assert.equal(a2.told, ['delivered 1', 'delivered 2'])
    assert.equal(b2.handled, ['a 2'])
  }),
)

outbox(
  'a sender that has lost its disk is heard: its numbers begin anew under another name',
  withPosts(async (office) => {
    const a = await office.start('a')
    const b = await office.start('b')
    await office.run(6_000)
    for (const n of [1, 2, 3]) await a.outbox.emit('b', 'job', n)
    await office.run(1_000)
    await office.kill(a)
    const wiped = await office.start('a')
    await wiped.outbox.emit('b', 'job', 4)
    await office.run(60_000)
    assert.equal(b.handled, ['a 1', 'a 2', 'a 3', 'a 4'])
  }),
)

outbox(
  'payloads arrive as they were, JSON, bytes and nothing, also out of a storage',
  withPosts(async (office) => {
    const a = await office.start('a')
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7) & 0xff)
    const payloads = [undefined, null, { deep: ['ü', 1.5] }, '', bytes, new Uint8Array(0)]
    for (const payload of payloads) await a.outbox.emit('b', 'any', payload)
    const a2 = await office.start('a', await office.kill(a))
    const b = await office.start('b')
    const heard: unknown[] = []
    b.outbox.handle('any', (payload) => void heard.push(payload))
    await office.run(60_000)
    assert.equal(heard, payloads)
    assert.is(a2.outbox.stats.messages, 0)
  }),
)

outbox(
  'a node may emit to itself',
  withPosts(async (office) => {
    const a = await office.start('a')
    const { delivered } = await a.outbox.emit('a', 'job', 1)
    await office.run(10)
    await delivered
    assert.equal(a.handled, ['a 1'])
  }),
)

outbox(
  'an emit with the id of a message that waits is that message; after its delivery it is another one',
  withPosts(async (office) => {
    const a = await office.start('a')
    const one = await a.outbox.emit('b', 'job', 1, { id: 'order 7' })
    const same = await a.outbox.emit('b', 'job', 1, { id: 'order 7' })
    assert.is(one.delivered, same.delivered)
    await a.outbox.emit('c', 'job', 1, { id: 'order 7' })
    assert.is(a.outbox.stats.messages, 2)
    const b = await office.start('b')
    await office.run(MINUTE_MS)
    assert.equal(b.handled, ['a 1'])
    await a.outbox.emit('b', 'job', 2, { id: 'order 7' })
    await office.run(1_000)
    assert.equal(b.handled, ['a 1', 'a 2'])
  }),
)

outbox(
  'what is withdrawn is not sent, in no life, and the next one goes ahead',
  withPosts(async (office) => {
    const a = await office.start('a')
    const { id, delivered } = await a.outbox.emit('b', 'job', 1)
    await a.outbox.emit('b', 'job', 2)
    assert.ok(await a.outbox.withdraw('b', id))
    assert.not(await a.outbox.withdraw('b', id))
    assert.is((await failureOf(delivered)).code, 'GOSSIP_OUTBOX_WITHDRAWN')
    await office.start('a', await office.kill(a))
    const b = await office.start('b')
    await office.run(MINUTE_MS)
    assert.equal(b.handled, ['a 2'])
  }),
)

outbox(
  'an emit that the disk does not take is rejected and not sent, and the disk is tried again',
  withPosts(async (office) => {
    const a = await office.start('a')
    const b = await office.start('b')
    await office.run(6_000)
    a.storage.failure = new Error('disk full')
    assert.is((await failureOf(a.outbox.emit('b', 'job', 1))).code, 'GOSSIP_STORAGE_FAILED')
    assert.is(a.member.errors.at(-1)?.code, 'GOSSIP_STORAGE_FAILED')
    a.storage.failure = undefined
    await office.run(MINUTE_MS)
    await a.outbox.emit('b', 'job', 2)
    await office.run(1_000)
    assert.equal(b.handled, ['a 2'])
    const a2 = await office.start('a', await office.kill(a))
    await office.run(MINUTE_MS)
    assert.equal([b.handled, a2.outbox.stats.messages], [['a 2'], 0])
  }),
)

outbox(
  'nothing is sent before it is durable, and nothing acknowledged before the receiver has it written down',
  withPosts(async (office) => {
    const a = await office.start('a')
    const b = await office.start('b')
    await office.run(6_000)
    a.storage.hold()
    const emitted = a.outbox.emit('b', 'job', 1)
    await office.run(1_000)
    assert.equal(b.handled, [])
    b.storage.failure = new Error('disk full')
    a.storage.release()
    const { delivered } = await emitted
    await office.run(MINUTE_MS)
    assert.equal([b.handled, a.told], [['a 1'], []])
    b.storage.failure = undefined
    await office.run(2 * MINUTE_MS)
    await delivered
    assert.equal([b.handled, a.told], [['a 1'], ['delivered 1']])
  }),
)

outbox(
  'what is not durable yet does not follow what is delivered before it',
  withPosts(async (office) => {
    const a = await office.start('a')
    const b = await office.start('b', new ScriptedStorage(), () => {
      return new Promise<void>((resolve) => void office.cluster.system.startTimer(resolve, 1_000))
    })
    await office.run(6_000)
    await a.outbox.emit('b', 'job', 1)
    a.storage.hold()
    const second = a.outbox.emit('b', 'job', 2)
    await office.run(10_000)
    assert.equal([b.handled, a.told], [['a 1'], ['delivered 1']])
    a.storage.release()
    await second
    await office.run(10_000)
    assert.equal(b.handled, ['a 1', 'a 2'])
  }),
)

outbox(
  'an emit that is not wanted any more before it is durable is taken back',
  withPosts(async (office) => {
    const a = await office.start('a')
    a.storage.hold()
    const controller = new AbortController()
    const emitted = a.outbox.emit('b', 'job', 1, { signal: controller.signal })
    const failure = failureOf(emitted)
    controller.abort()
    assert.is((await failure).code, 'GOSSIP_ABORTED')
    a.storage.release()
    await office.run(1_000)
    assert.is(a.outbox.stats.messages, 0)
    assert.is((await failureOf(a.outbox.emit('b', 'job', 2, { signal: controller.signal }))).code, 'GOSSIP_ABORTED')
    await a.outbox.close()
    assert.equal((await a.storage.state({ clusterId: 'outbox of gossipmonger', id: 'a' })).entries, [])
  }),
)

outbox(
  'a full outbox refuses, of one peer and of all, in messages and in bytes, and has room again after a delivery',
  withPosts(
    async (office) => {
      const a = await office.start('a')
      const full = async (peer: string, payload: unknown): Promise<string> =>
        (await failureOf(a.outbox.emit(peer, 'job', payload))).message
      await a.outbox.emit('b', 'job', 1)
      await a.outbox.emit('b', 'job', 2)
      assert.match(await full('b', 3), 'messagesPerPeerMax is 2')
      assert.match(await full('c', 'x'.repeat(800)), 'bytesPerPeerMax is 1024')
      await a.outbox.emit('c', 'job', 'x'.repeat(500))
      assert.match(await full('d', 'x'.repeat(300)), 'bytesMax is 1600')
      await a.outbox.emit('d', 'job', 1)
      assert.match(await full('e', 1), 'messagesMax is 4')
      const failure = await failureOf(a.outbox.emit('e', 'job', 'x'.repeat(2_000)))
      assert.is(failure.code, 'GOSSIP_PAYLOAD_TOO_LARGE')
      await office.start('b')
      await office.run(MINUTE_MS)
      await a.outbox.emit('b', 'job', 3)
    },
    { messagesPerPeerMax: 2, messagesMax: 4, bytesPerPeerMax: 1_024, bytesMax: 1_600, messageBytesMax: 1_500 },
  ),
)

outbox(
  'messages of one sender are handled one after the other, those of several at the same time',
  withPosts(async (office) => {
    const [a, c] = [await office.start('a'), await office.start('c')]
    const running = new Set<string>()
    let most = 0
    let mixed = 0
    const b = await office.start('b')
    b.outbox.handle('slow', async (_, { from }) => {
      if (running.has(from)) mixed++
      running.add(from)
      most = Math.max(most, running.size)
      await new Promise<void>((resolve) => void office.cluster.system.startTimer(resolve, 100))
      running.delete(from)
    })
    await office.run(6_000)
    for (const sender of [a, a, c, c]) await sender.outbox.emit('b', 'slow')
    await office.run(1_000)
    assert.equal([most, mixed, a.told.length, c.told.length], [2, 0, 2, 2])
  }),
)

outbox(
  'close waits for a handler that is running, so what it has handled is not handled again',
  withPosts(async (office) => {
    const a = await office.start('a')
    const b = await office.start('b', new ScriptedStorage(), () => {
      return new Promise<void>((resolve) => void office.cluster.system.startTimer(resolve, 1_000))
    })
    await office.run(6_000)
    await a.outbox.emit('b', 'job', 1)
    await office.run(100)
    const ended = office.end(b)
    await office.run(2_000)
    const b2 = await office.start('b', await ended)
    await office.run(MINUTE_MS)
    assert.equal([b.handled, b2.handled, a.told], [['a 1'], [], ['delivered 1']])
  }),
)

outbox(
  'a closed outbox takes nothing, and says so to whoever waits; the next life delivers',
  withPosts(async (office) => {
    const a = await office.start('a')
    const { delivered } = await a.outbox.emit('b', 'job', 1)
    await a.outbox.close()
    for (const failing of [delivered, a.outbox.emit('b', 'job', 2), a.outbox.withdraw('b', 'x')]) {
      assert.is((await failureOf(failing)).code, 'GOSSIP_OUTBOX_CLOSED')
    }
    const unopened = new Outbox(a.member.messenger, { storage: 'memory' })
    assert.is((await failureOf(unopened.emit('b', 'job'))).code, 'GOSSIP_OUTBOX_CLOSED')
    await unopened.close()
    assert.is((await failureOf(unopened.open())).code, 'GOSSIP_OUTBOX_CLOSED')
  }),
)

outbox.run()
