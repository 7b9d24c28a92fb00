/** What is asked for by a key is answered by the owner of the key, once, whoever that has become in the meantime. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ForwardError } from '../../../src/ring/index.ts'
import { deferred, failureOf } from '../../messaging/cluster.ts'
import { type Forwarding, keyOf, withForwarding } from './forwarding.ts'

const forwarding = suite('ring: forwarder')

/** Owners that answer when told to, and what they were asked and told. */
function servants(members: readonly Forwarding[]): {
  readonly asked: string[]
  readonly cancelled: string[]
  answer(id: string): void
} {
  const asked: string[] = []
  const cancelled: string[] = []
  const answers = new Map<string, (answer: string) => void>()
  for (const { node, forwarder } of members) {
    forwarder.handle('job', (_, { signal }) => {
      asked.push(node.id)
      signal.addEventListener('abort', () => cancelled.push(node.id))
      const answer = deferred<string>()
      answers.set(node.id, answer.resolve)
      return answer.promise
    })
  }
  return { asked, cancelled, answer: (id) => answers.get(id)?.(`of ${id}`) }
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code

forwarding(
  'S4.14 C20 C23 a request goes to the owner of its key, which may be this node, and the key goes with it',
  withForwarding(async (cluster) => {
    const all = await cluster.start('ada', 'bob', 'cy')
    for (const { node, forwarder } of all) {
      forwarder.handle('get', (payload, { key, from, way }) => ({
        by: node.id,
        key: String(key),
        from,
        way,
        payload: payload ?? null,
      }))
    }
    for (const owner of ['ada', 'bob', 'cy']) {
      const key = keyOf(all[0].ring, owner)
      const answer = await all[0].forwarder.request(key, 'get', { n: 1 })
      assert.equal(answer, { by: owner, key, from: 'ada', way: 'request', payload: { n: 1 } })
    }
    const bytes = Uint8Array.of(1, 2, 3)
    assert.is(((await all[0].forwarder.request(bytes, 'get')) as { by: string }).by, all[2].ring.ownerOf(bytes).peer.id)
    assert.equal(
      all.map(({ forwarder }) => forwarder.stats),
      Array(3).fill({ pending: 0, refusals: 0, malformed: 0 }),
    )
  }),
)

forwarding(
  'S4.15 C23 what the handler throws comes with its code and message, an unknown name as such, and is not tried again',
  withForwarding(async (cluster) => {
    const all = await cluster.start('ada', 'bob')
    let calls = 0
    for (const { forwarder } of all) {
      forwarder.handle('buy', () => {
        calls++
        throw Object.assign(new Error('none left'), { code: 'ACME_STOCK_EMPTY' })
      })
      // An owner that asks another one itself must not be taken for one that refuses.
      forwarder.handle('relay', () => {
        calls++
        throw Object.assign(new Error('not mine'), { code: 'GOSSIP_NOT_OWNER' })
      })
    }
    const key = keyOf(all[0].ring, 'bob')
    for (const [name, code, message] of [
      ['buy', 'ACME_STOCK_EMPTY', 'none left'],
      ['relay', 'GOSSIP_NOT_OWNER', 'not mine'],
    ] as const) {
      const failure = await failureOf(all[0].forwarder.request(key, name, null, { retry: 'always' }))
      assert.equal([failure.name, failure.code, failure.message], ['RemoteError', code, message])
    }
    assert.is(calls, 2)
    assert.is(codeOf(await failureOf(all[0].forwarder.request(key, 'sell'))), 'GOSSIP_HANDLER_UNKNOWN')
  }),
)

forwarding(
  'C25 when the owner is lost in the middle, the next owner is asked only where twice is said to be harmless',
  withForwarding(async (cluster) => {
    const all = await cluster.start('ada', 'bob', 'cy')
    const [ada, bob] = all
    const { asked, answer } = servants(all)
    const key = keyOf(ada.ring, 'bob', 'cy')
    const once = failureOf(ada.forwarder.request(key, 'job', null, { timeoutMs: 60_000 }))
    const often = ada.forwarder.request(key, 'job', null, { timeoutMs: 60_000, retry: 'always' })
    await cluster.run(10)
    assert.equal(asked, ['bob', 'bob'])
    await cluster.crash(bob)
    await cluster.run(1)
    assert.ok(String((await once).code).startsWith('GOSSIP_'), 'what ended the session')
    await cluster.run(40_000)
    assert.equal(asked, ['bob', 'bob', 'cy'])
    answer('cy')
    assert.is(await often, 'of cy')
  }),
)

forwarding(
  'an owner that cannot be reached has done nothing: the next owner is asked as soon as the ring names it',
  withForwarding(async (cluster) => {
    const all = await cluster.start('ada', 'bob', 'cy')
    const [ada] = all
    const { asked, answer } = servants(all)
    const key = keyOf(ada.ring, 'bob', 'cy')
    for (const { node, faulty } of all) faulty.faults.partition(...(node.id === 'bob' ? ['ada', 'cy'] : ['bob']))
    const job = ada.forwarder.request(key, 'job', null, { timeoutMs: 60_000, attemptsMax: 64 })
    await cluster.run(1_000)
    assert.equal([asked, ada.forwarder.stats.pending], [[], 1])
    await cluster.run(40_000)
    assert.equal(asked, ['cy'])
    answer('cy')
    assert.is(await job, 'of cy')
  }),
)

forwarding(
  'a newcomer that takes the key is asked instead where that is harmless, else the old owner still may answer',
  withForwarding(async (cluster) => {
    const all = await cluster.start('ada', 'bob')
    const [ada] = all
    const first = servants(all)
    const keys = Array.from({ length: 40 }, (_, n) => `key ${n}`).filter(
      (key) => ada.ring.ownerOf(key).peer.id === 'bob',
    )
    const once = keys.map((key) => ada.forwarder.request(key, 'job', null, { timeoutMs: 60_000 }))
    const often = keys.map((key) => ada.forwarder.request(key, 'job', null, { timeoutMs: 60_000, retry: 'always' }))
    await cluster.run(10)
    const cy = await cluster.add('cy')
    cy.forwarder.handle('job', () => 'of cy')
    await cluster.run(6_000)
    const moved = keys.filter((key) => ada.ring.ownerOf(key).peer.id === 'cy')
    assert.ok(moved.length > 0 && moved.length < keys.length, `${moved.length} of ${keys.length} moved`)
    assert.is(first.cancelled.length, moved.length)
    for (const key of moved) assert.is(await often[keys.indexOf(key)], 'of cy')
    assert.is(ada.forwarder.stats.pending, 2 * keys.length - moved.length, 'the others wait for bob')
    assert.is(first.asked.length, 2 * keys.length)
    ada.forwarder.close()
    for (const job of [...once, ...often.filter((_, at) => !moved.includes(keys[at] ?? ''))]) {
      assert.is(codeOf(await failureOf(job)), 'GOSSIP_FORWARDER_CLOSED')
    }
  }),
)

forwarding(
  'whoever is replaced while it is not reached yet is given up, and nothing is sent to it',
  withForwarding(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    let gateOpens: () => void = () => {}
    const gate = new Promise<void>((resolve) => (gateOpens = resolve))
    const connect = ada.faulty.connect?.bind(ada.faulty)
    // Dialling bob takes until the gate opens, whatever the caller thinks of it by then.
    Object.assign(ada.faulty, {
      connect: async (...rest: Parameters<NonNullable<typeof connect>>) => {
        if (rest[0].id === 'bob') await gate
        return connect?.(rest[0], {})
      },
    })
    const { asked } = servants([ada, bob])
    const keys = Array.from({ length: 40 }, (_, n) => `key ${n}`).filter(
      (key) => ada.ring.ownerOf(key).peer.id === 'bob',
    )
    const jobs = keys.map((key) => ada.forwarder.request(key, 'job', null, { timeoutMs: 60_000 }))
    const cy = await cluster.add('cy')
    cy.forwarder.handle('job', () => 'of cy')
    await cluster.run(6_000)
    const moved = keys.filter((key) => ada.ring.ownerOf(key).peer.id === 'cy')
    assert.ok(moved.length > 0, 'some moved')
    for (const key of moved) assert.is(await jobs[keys.indexOf(key)], 'of cy')
    gateOpens()
    await cluster.run(10)
    assert.is(asked.length, keys.length - moved.length)
    ada.forwarder.close()
    for (const job of jobs) await job.catch(() => {})
  }),
)

forwarding(
  'who does not own the key refuses and names who does, and that one is asked at once',
  withForwarding(async (cluster) => {
    const ada = await cluster.add('ada', { isMember: ({ id }) => id !== 'cy' })
    const bob = await cluster.add('bob')
    const cy = await cluster.add('cy')
    await cluster.inner.settle()
    const { asked } = servants([ada, bob])
    cy.forwarder.handle('job', () => 'of cy')
    const key = keyOf(bob.ring, 'cy', 'bob')
    assert.is(ada.ring.ownerOf(key).peer.id, 'bob')
    assert.is(await ada.forwarder.request(key, 'job'), 'of cy')
    assert.equal([asked, bob.forwarder.stats.refusals], [[], 1])
  }),
)

/** Every one of these rings names only the next one of them. */
async function inCircle(cluster: Parameters<Parameters<typeof withForwarding>[0]>[0]): Promise<Forwarding[]> {
  const next: Record<string, string> = { ada: 'bob', bob: 'cy', cy: 'bob' }
  const all: Forwarding[] = []
  for (const id of ['ada', 'bob', 'cy']) all.push(await cluster.add(id, { isMember: (peer) => peer.id === next[id] }))
  await cluster.inner.settle()
  return all
}

forwarding(
  'two nodes that take each other for the owner for ever carry nothing out, and are asked no more than attemptsMax times',
  withForwarding(async (cluster) => {
    const all = await inCircle(cluster)
    const [ada, bob, cy] = all as [Forwarding, Forwarding, Forwarding]
    const { asked } = servants(all)
    for (const attemptsMax of [1, 2, 7]) {
      const before = bob.forwarder.stats.refusals + cy.forwarder.stats.refusals
      const failed = failureOf(ada.forwarder.request('key', 'job', null, { attemptsMax, timeoutMs: 600_000 }))
      await cluster.run(60_000)
      const failure = (await failed) as unknown as ForwardError
      assert.equal([failure.code, failure.attempts, failure.isUndone], ['GOSSIP_NOT_OWNER', attemptsMax, true])
      assert.ok(failure.owner === 'bob' || failure.owner === 'cy')
      assert.is(bob.forwarder.stats.refusals + cy.forwarder.stats.refusals - before, attemptsMax)
    }
    assert.equal([asked, bob.forwarder.stats.pending, cy.forwarder.stats.pending], [[], 0, 0])
  }),
)

forwarding(
  'when views never meet the deadline ends it; a raised signal and close do so earlier',
  withForwarding(async (cluster) => {
    const all = await inCircle(cluster)
    const [ada] = all as [Forwarding]
    const options = { attemptsMax: 256, timeoutMs: 5_000 }
    const late = failureOf(ada.forwarder.request('key', 'job', null, options))
    const controller = new AbortController()
    const aborted = failureOf(ada.forwarder.request('key', 'job', null, { ...options, signal: controller.signal }))
    const early = failureOf(ada.forwarder.request('key', 'job', null, { ...options, signal: AbortSignal.abort() }))
    assert.is((await early).code, 'GOSSIP_ABORTED')
    await cluster.run(4_999)
    assert.is(ada.forwarder.stats.pending, 2)
    controller.abort()
    assert.is((await aborted).code, 'GOSSIP_ABORTED')
    await cluster.run(2)
    const failure = (await late) as unknown as ForwardError
    assert.equal(
      [failure.code, failure.isUndone, codeOf(failure.cause)],
      ['GOSSIP_REQUEST_TIMEOUT', true, 'GOSSIP_NOT_OWNER'],
    )
    assert.is(ada.forwarder.stats.pending, 0)
  }),
)

forwarding(
  'an owner that does not answer in time is told that nobody waits, and may have done it',
  withForwarding(async (cluster) => {
    const all = await cluster.start('ada', 'bob')
    const { cancelled } = servants(all)
    const key = keyOf(all[0].ring, 'bob')
    const failed = failureOf(all[0].forwarder.request(key, 'job', null, { timeoutMs: 100 }))
    await cluster.run(101)
    const failure = (await failed) as unknown as ForwardError
    assert.equal([failure.code, failure.peer, failure.isUndone], ['GOSSIP_REQUEST_TIMEOUT', 'bob', false])
    await cluster.run(1)
    assert.equal(cancelled, ['bob'])
  }),
)

forwarding(
  'C25 any replica may answer a read: the next is asked when one has stalled, and the losers are cancelled',
  withForwarding(
    async (cluster) => {
      const all = await cluster.start('ada', 'bob', 'cy', 'dan')
      const { asked, cancelled, answer } = servants(all)
      const key = keyOf(all[0].ring, 'bob', 'cy')
      const job = all[0].forwarder.request(key, 'job', null, { anyOwner: true, stallAfterMs: 100 })
      await cluster.run(99)
      assert.equal(asked, ['bob'])
      await cluster.run(500)
      assert.equal(asked, ['bob', 'cy'])
      answer('cy')
      assert.is(await job, 'of cy')
      await cluster.run(1)
      assert.equal(cancelled, ['bob'])
      // Not for writes: only the first of the owners takes those.
      all[1].forwarder.handle('write', () => 'of bob')
      assert.is(await all[2].forwarder.request(key, 'write'), 'of bob')
      // One's own copy is the nearest.
      const own = all[2].forwarder.request(key, 'job', null, { anyOwner: true })
      await cluster.run(1)
      answer('cy')
      assert.is(await own, 'of cy')
    },
    { ring: { replicas: 2 } },
  ),
)

forwarding(
  'what is sent goes to the owner, and what it does not own is an error there',
  withForwarding(async (cluster) => {
    const ada = await cluster.add('ada', { isMember: ({ id }) => id === 'bob' })
    const bob = await cluster.add('bob')
    await cluster.inner.settle()
    const heard: unknown[] = []
    bob.forwarder.handle('news', (payload, { key, way }) => void heard.push([key, payload, way]))
    const [mine, other] = [keyOf(bob.ring, 'bob'), keyOf(bob.ring, 'ada')]
    await ada.forwarder.send(mine, 'news', 1)
    await ada.forwarder.send(other, 'news', 2)
    await cluster.run(10)
    assert.equal(heard, [[mine, 1, 'send']])
    assert.equal(
      bob.errors.map((error) => codeOf(error.cause)),
      ['GOSSIP_NOT_OWNER'],
    )
  }),
)

forwarding.run()
