import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { MessageContext } from '../../src/messaging/index.ts'
import { deferred, failureOf, withCluster } from './cluster.ts'

const requests = suite('requests')

/** An error as an application has them. */
class StockError extends Error {
  readonly code = 'ACME_STOCK_EMPTY'
}

/** Waits until the signal is raised. */
function raised(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.reason)))
}

requests(
  'S1.16 a request is answered by the handler of its name, who knows the sender',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    const seen: MessageContext[] = []
    bob?.messenger.handle('add', (payload, context) => {
      seen.push(context)
      const { a, b } = payload as { a: number; b: number }
      return { sum: a + b }
    })
    assert.equal(await ada?.messenger.request('bob', 'add', { a: 2, b: 3 }), { sum: 5 })
    assert.equal([seen[0]?.from, seen[0]?.way], ['ada', 'request'])
  }),
)

requests(
  'S3.22 S3.23 bytes arrive as bytes, JSON as JSON, and nothing as nothing',
  withCluster(async (cluster) => {
    const [ada] = await cluster.start('ada', 'bob')
    const [, bob] = cluster.members
    bob?.messenger.handle('echo', (payload) => payload)
    for (const payload of [undefined, null, 0, '', 'ü', [1, { a: null }], new Uint8Array([0, 255, 7])]) {
      const answer = await ada?.messenger.request('bob', 'echo', payload)
      assert.equal(answer, payload)
      assert.is(answer instanceof Uint8Array, payload instanceof Uint8Array)
    }
  }),
)

requests(
  'S3.24 S1.12 handlers serve both ends of a session, whoever dialled it',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    const directions: string[] = []
    for (const member of [ada, bob]) {
      member?.messenger.handle('who', (_, { session }) => {
        directions.push(session?.direction ?? 'none')
        return member.node.id
      })
    }
    assert.is(await ada?.messenger.request('bob', 'who'), 'bob')
    assert.is(await bob?.messenger.request('ada', 'who'), 'ada')
    assert.equal(directions, ['inbound', 'outbound'])
    assert.is(ada?.messenger.stats.sessions, 1)
  }),
)

requests(
  'S1.16 C23 an error of the handler keeps its code and message; one without a code gets one',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    bob?.messenger.handle('coded', () => {
      throw new StockError('no more nails')
    })
    bob?.messenger.handle('plain', async () => {
      throw new Error('oh')
    })
    const coded = await failureOf(ada?.messenger.request('bob', 'coded') ?? Promise.resolve())
    assert.equal(
      [coded.name, coded.code, coded.message, coded.peer],
      ['RemoteError', 'ACME_STOCK_EMPTY', 'no more nails', 'bob'],
    )
    const plain = await failureOf(ada?.messenger.request('bob', 'plain') ?? Promise.resolve())
    assert.equal([plain.code, plain.message], ['GOSSIP_HANDLER_FAILED', 'oh'])
  }),
)

requests(
  'an answer that is no JSON, or fits no frame, is a failure that says so',
  withCluster(
    async (cluster) => {
      const [ada, bob] = await cluster.start('ada', 'bob')
      bob?.messenger.handle('date', () => new Date())
      bob?.messenger.handle('large', () => new Uint8Array(2_000))
      assert.is((await failureOf(ada?.messenger.request('bob', 'date') as Promise<void>)).code, 'GOSSIP_VALUE_INVALID')
      const large = await failureOf(ada?.messenger.request('bob', 'large') as Promise<void>)
      assert.is(large.code, 'GOSSIP_PAYLOAD_TOO_LARGE')
      const sent = await failureOf(ada?.messenger.request('bob', 'date', new Uint8Array(2_000)) as Promise<void>)
      assert.is(sent.code, 'GOSSIP_PAYLOAD_TOO_LARGE')
      assert.match(sent.message, /stream/)
    },
    { session: { frameBytesMax: 1_024 } },
  ),
)

requests(
  'a name that nobody handles is answered at once',
  withCluster(async (cluster) => {
    const [ada] = await cluster.start('ada', 'bob')
    const failure = await failureOf(ada?.messenger.request('bob', 'nobody') as Promise<void>)
    assert.is(failure.code, 'GOSSIP_HANDLER_UNKNOWN')
  }),
)

requests(
  'S1.23 a request fails when its time is over, and the handler is told',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    const told = deferred<unknown>()
    bob?.messenger.handle('slow', async (_, { signal }) => told.resolve(await raised(signal)))
    const failure = failureOf(ada?.messenger.request('bob', 'slow', null, { timeoutMs: 500 }) as Promise<void>)
    await cluster.system.run(499)
    assert.is(ada?.messenger.stats.pending, 1)
    await cluster.system.run(2)
    assert.is((await failure).code, 'GOSSIP_REQUEST_TIMEOUT')
    assert.is(((await told.promise) as { code?: string }).code, 'GOSSIP_ABORTED')
    assert.equal([ada?.messenger.stats.pending, bob?.messenger.stats.serving], [0, 0])
  }),
)

requests(
  'a request waits 10 s unless something else is said',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    bob?.messenger.handle('never', () => new Promise(() => {}))
    const failure = failureOf(ada?.messenger.request('bob', 'never') as Promise<void>)
    await cluster.system.run(9_999)
    assert.is(ada?.messenger.stats.pending, 1)
    await cluster.system.run(2)
    assert.is((await failure).code, 'GOSSIP_REQUEST_TIMEOUT')
  }),
)

requests(
  'a raised signal ends the request here and raises the handler’s there',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    const asked = deferred()
    const told = deferred<unknown>()
    bob?.messenger.handle('slow', async (_, { signal }) => {
      asked.resolve()
      told.resolve(await raised(signal))
    })
    const controller = new AbortController()
    const failure = failureOf(
      ada?.messenger.request('bob', 'slow', null, { signal: controller.signal }) as Promise<void>,
    )
    await asked.promise
    controller.abort()
    assert.is((await failure).code, 'GOSSIP_ABORTED')
    assert.is(((await told.promise) as { code?: string }).code, 'GOSSIP_ABORTED')
    const late = ada?.messenger.request('bob', 'slow', null, { signal: controller.signal })
    assert.is((await failureOf(late as Promise<void>)).code, 'GOSSIP_ABORTED')
  }),
)

requests(
  'a late answer reaches nobody, least of all the next caller',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    const first = deferred<string>()
    bob?.messenger.handle('echo', (payload) => (payload === 1 ? first.promise : payload))
    const failure = failureOf(ada?.messenger.request('bob', 'echo', 1, { timeoutMs: 10 }) as Promise<void>)
    await cluster.system.run(11)
    const second = ada?.messenger.request('bob', 'echo', 2)
    first.resolve('late')
    assert.is(await second, 2)
    assert.is((await failure).code, 'GOSSIP_REQUEST_TIMEOUT')
    assert.equal(ada?.errors, [])
  }),
)

requests(
  'C24 S1.23 the end of the session fails what is pending, at once and on both sides',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    const asked = deferred()
    const told = deferred<unknown>()
    bob?.messenger.handle('slow', async (_, { signal }) => {
      asked.resolve()
      told.resolve(await raised(signal))
    })
    const failure = failureOf(ada?.messenger.request('bob', 'slow') as Promise<void>)
    await asked.promise
    if (bob !== undefined) await cluster.crash(bob)
    assert.match((await failure).code, /^GOSSIP_SESSION_(CLOSED|LOST)$/)
    assert.match(((await told.promise) as { code: string }).code, /^GOSSIP_SESSION_(CLOSED|LOST)$/)
  }),
)

requests(
  'a peer that nobody knows is refused, and one that is gone cannot be reached',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    const unknown = await failureOf(ada?.messenger.request('zoe', 'echo') as Promise<void>)
    assert.equal([unknown.code, unknown.peer], ['GOSSIP_PEER_UNKNOWN', 'zoe'])
    if (bob !== undefined) await cluster.crash(bob)
    const gone = await failureOf(ada?.messenger.request('bob', 'echo') as Promise<void>)
    assert.is(gone.code, 'GOSSIP_CONNECT_FAILED')
  }),
)

requests(
  'S3.20 a node asks itself as it asks others, without a transport between',
  withCluster(async (cluster) => {
    const [ada] = await cluster.start('ada')
    ada?.messenger.handle('who', (payload, { from }) => [from, payload as string])
    assert.equal(await ada?.messenger.request('ada', 'who', 'me'), ['ada', 'me'])
    const failure = await failureOf(ada?.messenger.request('ada', 'nobody') as Promise<void>)
    assert.is(failure.code, 'GOSSIP_HANDLER_UNKNOWN')
    assert.is(ada?.transport.traffic.sentBytes, 0)
  }),
)

requests(
  'S1.22 identical requests share one flight where that is asked for',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    const answer = deferred<number>()
    let calls = 0
    bob?.messenger.handle('count', async () => {
      calls++
      return answer.promise
    })
    const ask = (payload: number, coalesce: boolean): Promise<unknown> =>
      ada?.messenger.request('bob', 'count', payload, { coalesce }) as Promise<unknown>
    const all = [ask(1, true), ask(1, true), ask(2, true), ask(1, false)]
    await cluster.system.run(10)
    answer.resolve(7)
    assert.equal(await Promise.all(all), [7, 7, 7, 7])
    assert.is(calls, 3)
    await ask(1, true)
    assert.is(calls, 4)
  }),
)

requests(
  'a flight goes on until the last who shares it gives up',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    const told = deferred<unknown>()
    let isTold = false
    bob?.messenger.handle('slow', async (_, { signal }) => {
      told.resolve(await raised(signal))
      isTold = true
    })
    const ask = (timeoutMs: number): Promise<{ code: string }> =>
      failureOf(ada?.messenger.request('bob', 'slow', 1, { coalesce: true, timeoutMs }) as Promise<void>)
    const [soon, later] = [ask(10), ask(20)]
    await cluster.system.run(15)
    assert.is((await soon).code, 'GOSSIP_REQUEST_TIMEOUT')
    assert.is(isTold, false)
    await cluster.system.run(10)
    assert.is((await later).code, 'GOSSIP_REQUEST_TIMEOUT')
    await told.promise
  }),
)

requests(
  'a handler has its name alone, until it is taken away',
  withCluster(async (cluster) => {
    const [ada] = await cluster.start('ada')
    const remove = ada?.messenger.handle('name', () => 1)
    assert.throws(
      () => ada?.messenger.handle('name', () => 2),
      (error: { code?: string }) => error.code === 'GOSSIP_HANDLER_TAKEN',
    )
    remove?.()
    ada?.messenger.handle('name', () => 3)
    remove?.()
    assert.is(await ada?.messenger.request('ada', 'name'), 3)
  }),
)

requests.run()
