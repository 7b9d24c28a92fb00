/** What a forwarder refuses: rubbish of others, too much, and options that mean nothing. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Forwarder, type ForwarderOptions, Ring } from '../../../src/ring/index.ts'
import { failureOf } from '../../messaging/cluster.ts'
import { keyOf, withForwarding } from './forwarding.ts'

const bounds = suite('ring: bounds of forwarding')

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code

bounds(
  'what cannot be read costs its sender the session, is counted and told, and harms nobody else',
  withForwarding(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    bob.forwarder.handle('job', () => 'done')
    const area = ada.messenger.area('ring')
    for (const rubbish of [null, 'text', Uint8Array.of(9, 9), new Uint8Array(7)]) {
      await failureOf(area.request('bob', 'ring', rubbish))
    }
    await cluster.run(10)
    assert.is(bob.forwarder.stats.malformed, 4)
    assert.equal(bob.errors.map(codeOf), Array(4).fill('GOSSIP_FORWARD_MALFORMED'))
    assert.is(bob.messenger.stats.sessions, 0)
    assert.is(await ada.forwarder.request(keyOf(ada.ring, 'bob'), 'job'), 'done')
  }),
)

bounds(
  'an answer that cannot be read fails the one request it was made for',
  withForwarding(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    bob.forwarder.close()
    const answers: unknown[] = [null, new Uint8Array(0), Uint8Array.of(7), Uint8Array.of(1, 0xff), Uint8Array.of(0, 9)]
    bob.messenger.area('ring').handle('ring', () => answers.shift())
    const key = keyOf(ada.ring, 'bob')
    while (answers.length > 0) {
      assert.is(
        (await failureOf(ada.forwarder.request(key, 'job', null, { retry: 'always' }))).code,
        'GOSSIP_FORWARD_MALFORMED',
      )
    }
    assert.is(ada.errors.length, 5)
  }),
)

bounds(
  'whoever has nobody in the ring waits for somebody, but not for a ring that has ended',
  withForwarding(async (cluster) => {
    const ada = await cluster.add('ada', { isMember: ({ id }) => id === 'bob' })
    const waiting = ada.forwarder.request('key', 'job', null, { timeoutMs: 30_000 })
    await cluster.run(1_000)
    const bob = await cluster.add('bob')
    bob.forwarder.handle('job', () => 'of bob')
    await cluster.run(6_000)
    assert.is(await waiting, 'of bob')
    ada.ring.close()
    assert.is((await failureOf(ada.forwarder.request('key', 'job'))).code, 'GOSSIP_RING_EMPTY')
  }),
)

bounds(
  'a key of bytes may be written to while its request is under way',
  withForwarding(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    const bytesOf = (key: string): Uint8Array => new TextEncoder().encode(key.padEnd(8))
    const named = Array.from({ length: 100 }, (_, n) => bytesOf(`k${n}`))
    const [ours, theirs] = [ada, bob].map(({ ring }) => named.find((key) => ring.isOwner(key)) as Uint8Array)
    bob.forwarder.handle('job', (_, { key }) => Buffer.from(key as Uint8Array).toString())
    const key = (theirs as Uint8Array).slice()
    const before = Buffer.from(key).toString()
    ada.faulty.faults.partition('bob')
    const job = ada.forwarder.request(key, 'job')
    await cluster.run(50)
    key.set(ours as Uint8Array)
    ada.faulty.faults.heal()
    await cluster.run(1_000)
    assert.is(await job, before)
    assert.is(ada.forwarder.stats.refusals, 0, 'nobody else was asked')
  }),
)

bounds(
  'tables have bounds, and a name has one handler',
  withForwarding(
    async (cluster) => {
      const [ada] = await cluster.start('ada')
      const { forwarder } = ada
      const remove = forwarder.handle('job', () => new Promise(() => {}))
      assert.throws(
        () => forwarder.handle('job', () => 1),
        (error: unknown) => codeOf(error) === 'GOSSIP_HANDLER_TAKEN',
      )
      assert.throws(
        () => forwarder.handle('other', () => 1),
        (error: unknown) => codeOf(error) === 'GOSSIP_HANDLER_LIMIT',
      )
      const pending = [1, 2].map(() => failureOf(forwarder.request('key', 'job')))
      assert.is((await failureOf(forwarder.request('key', 'job'))).code, 'GOSSIP_REQUEST_LIMIT')
      remove()
      forwarder.handle('other', () => 1)
      forwarder.close()
      for (const failure of pending) assert.is((await failure).code, 'GOSSIP_FORWARDER_CLOSED')
      assert.is((await failureOf(forwarder.request('key', 'job'))).code, 'GOSSIP_FORWARDER_CLOSED')
      assert.ok(new Forwarder(ada.ring, ada.messenger), 'there may be another one')
    },
    { forwarder: { requestsMax: 2, handlersMax: 1 } },
  ),
)

bounds(
  'options are checked, and so is what is asked',
  withForwarding(async (cluster) => {
    const [{ node, ring, messenger, forwarder }] = await cluster.start('ada')
    const wrong: unknown[] = [
      { attemptsMax: 0 },
      { retryAfterMs: 0 },
      { retryAfterMsMax: 99 },
      { requestTimeoutMs: null },
      { name: '' },
      { system: {} },
      { patience: 1 },
    ]
    for (const options of wrong) {
      assert.throws(
        () => new Forwarder(ring, messenger, options as ForwarderOptions),
        (error: unknown) => codeOf(error) === 'GOSSIP_OPTION_INVALID',
      )
    }
    assert.throws(
      () => new Forwarder({} as Ring, messenger),
      (error: unknown) => codeOf(error) === 'GOSSIP_OPTION_INVALID',
    )
    const wrongRequests: unknown[] = [
      { stallAfterMs: 5 },
      { stallAfterMs: 5, anyOwner: true, retry: 'unsent' },
      { retry: 'often' },
      { attemptsMax: 257 },
      { timeoutMs: null },
      { signal: {} },
      { coalesce: true },
    ]
    for (const options of wrongRequests) {
      assert.is(
        (await failureOf(forwarder.request('key', 'job', null, options as object))).code,
        'GOSSIP_OPTION_INVALID',
      )
    }
    assert.is((await failureOf(forwarder.request(7 as never, 'job'))).code, 'GOSSIP_VALUE_INVALID')
    assert.is((await failureOf(forwarder.request('key', 'job', () => 1))).code, 'GOSSIP_VALUE_INVALID')
    assert.is((await failureOf(forwarder.request('key', ''))).code, 'GOSSIP_OPTION_INVALID')
    assert.is(
      (await failureOf(forwarder.send('key', 'job', 1, { anyOwner: true } as object))).code,
      'GOSSIP_OPTION_INVALID',
    )
    // Two rings of one node, each with messages of its own.
    const second = new Forwarder(new Ring(node), messenger, { name: 'b' })
    second.handle('job', () => 'second')
    forwarder.handle('job', () => 'first')
    assert.equal([await forwarder.request('key', 'job'), await second.request('key', 'job')], ['first', 'second'])
  }),
)

bounds.run()
