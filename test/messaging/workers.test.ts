/** Handlers that live in worker threads. */

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { HandlerTable } from '../../src/messaging/handler.ts'
import type { WorkerHandler } from '../../src/messaging/index.ts'
import { restartDelayMs } from '../../src/messaging/workers/handler-worker.ts'
import { Workers, workerSource } from '../../src/messaging/workers/index.ts'
import { VirtualSystem } from '../harness/virtual-system.ts'
import { failureOf, withCluster } from './cluster.ts'

const workers = suite('workers')

// Workers keep no process alive, and nothing else does that in virtual time.
let alive: ReturnType<typeof setInterval>
workers.before(() => {
  alive = setInterval(() => {}, 1_000)
})
workers.after(() => clearInterval(alive))

function inWorker(name: string, more: Partial<WorkerHandler['worker']> = {}): WorkerHandler {
  return { worker: { file: new URL('./workers/handlers.js', import.meta.url), export: name, ...more } }
}

const request = { mode: 'request' } as const

workers(
  'S3.25 C46 a service answers from another thread, and is told who asks',
  withCluster(async (cluster) => {
    const [a, b] = await cluster.start('a', 'b')
    assert.ok(a && b)
    const service = b.messenger.open(8080, request, { worker: { file: inWorker('').worker.file } })
    await service.ready
    const client = await a.messenger.connect('b', 8080)
    const { threadId, ...told } = (await client.request({ n: [1] })) as { threadId: number }
    assert.equal(told, { payload: { n: [1] }, from: 'a', way: 'request' })
    assert.ok(threadId > 0)
    service.close()
    assert.is((await failureOf(client.request())).code, 'GOSSIP_PORT_CLOSED')
  }),
)

workers(
  'S3.25 handlers of one name share a thread and its memory, others have their own',
  withCluster(async (cluster) => {
    const [a] = await cluster.start('a')
    assert.ok(a)
    const { messenger } = a
    const removeFirst = messenger.handle('count', inWorker('count', { name: 'vm' }))
    messenger.handle('counted', inWorker('counted', { name: 'vm' }))
    messenger.handle('alone', inWorker('counted'))
    const first = (await messenger.request('a', 'count')) as { threadId: number }
    assert.equal(await messenger.request('a', 'counted'), { ...first, calls: 1 })
    const alone = (await messenger.request('a', 'alone')) as { calls: number; threadId: number }
    assert.is(alone.calls, 0)
    assert.is.not(alone.threadId, first.threadId)
    removeFirst()
    assert.equal(await messenger.request('a', 'counted'), { ...first, calls: 1 })
    assert.is((await failureOf(messenger.request('a', 'count'))).code, 'GOSSIP_HANDLER_UNKNOWN')
  }),
)

workers(
  'payloads are the same behind a worker, and bytes of shared memory are copied',
  withCluster(async (cluster) => {
    const [a] = await cluster.start('a')
    assert.ok(a)
    a.messenger.handle('echo', inWorker('echo'))
    a.messenger.handle('pooled', inWorker('pooled'))
    for (const payload of [undefined, null, 'ü', [1, { a: null }], new Uint8Array([0, 255, 7])]) {
      assert.equal(await a.messenger.request('a', 'echo', payload), payload)
    }
    for (let i = 0; i < 3; i++) {
      const bytes = (await a.messenger.request('a', 'pooled')) as Uint8Array
      assert.is(new TextDecoder().decode(bytes), 'pooled')
    }
  }),
)

workers(
  'C46 an error in a worker keeps its code and message, and what cannot be sent says so',
  withCluster(async (cluster) => {
    const [a, b] = await cluster.start('a', 'b')
    assert.ok(a && b)
    b.messenger.handle('empty', inWorker('empty'))
    b.messenger.handle('foreign', inWorker('foreign'))
    const coded = await failureOf(a.messenger.request('b', 'empty'))
    assert.equal([coded.code, coded.message], ['ACME_STOCK_EMPTY', 'no more nails'])
    assert.is((await failureOf(a.messenger.request('b', 'foreign'))).code, 'GOSSIP_VALUE_INVALID')
  }),
)

workers(
  'who gives up is heard in the worker, whose place is free again',
  withCluster(async (cluster) => {
    const [a, b] = await cluster.start('a', 'b')
    assert.ok(a && b)
    await b.messenger.open(1, request, inWorker('patient', { pendingCallsMax: 1 })).ready
    const client = await a.messenger.connect('b', 1)
    for (let i = 0; i < 2; i++) {
      const controller = new AbortController()
      const failure = failureOf(client.request(i, { signal: controller.signal }))
      await until(() => b.messenger.stats.serving === 1)
      controller.abort()
      assert.is((await failure).code, 'GOSSIP_ABORTED')
      await until(() => b.messenger.stats.serving === 0)
    }
  }),
)

workers(
  'a file that cannot be loaded, or lacks the export, fails ready, is told, and answers with its code',
  withCluster(async (cluster) => {
    const [a] = await cluster.start('a')
    assert.ok(a)
    const file = new URL('./workers/nowhere.js', import.meta.url)
    for (const [port, handler] of [inWorker('no such export'), { worker: { file } }].entries()) {
      const service = a.messenger.open(port + 1, request, handler)
      const failure = await failureOf(service.ready)
      assert.is(failure.code, 'GOSSIP_WORKER_FAILED')
      assert.match(failure.message, /no such export|nowhere/)
      assert.is(a.errors.at(-1), failure)
      const client = await a.messenger.connect('a', port + 1)
      assert.is((await failureOf(client.request())).code, 'GOSSIP_WORKER_FAILED')
    }
    const early = a.messenger.open(3, request, inWorker('echo'))
    early.close()
    assert.is((await failureOf(early.ready)).code, 'GOSSIP_WORKER_FAILED')
  }),
)

workers(
  'C46 a worker that ends fails what it was asked at once, and another one takes its place',
  withCluster(async (cluster) => {
    const [a, b] = await cluster.start('a', 'b')
    assert.ok(a && b)
    for (const [port, ending] of ['exit', 'crash', 'hog'].entries()) {
      const limits = { name: ending, resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 } }
      const service = b.messenger.open(port + 1, request, inWorker(ending, limits))
      b.messenger.handle(`count ${ending}`, inWorker('count', limits))
      b.messenger.handle(`busy ${ending}`, inWorker('busy', limits))
      await service.ready
      const before = (await a.messenger.request('b', `count ${ending}`)) as { threadId: number }
      const busy = failureOf(a.messenger.request('b', `busy ${ending}`))
      const client = await a.messenger.connect('b', port + 1)
      assert.is((await failureOf(client.request())).code, 'GOSSIP_WORKER_FAILED')
      assert.is((await busy).code, 'GOSSIP_WORKER_FAILED')
      let after: { calls?: number; threadId?: number } = {}
      await until(async () => {
        const answer = a.messenger.request('b', `count ${ending}`)
        after = (await answer.catch(() => ({}))) as typeof after
        return after.threadId !== undefined
      })
      assert.is(after.calls, 1)
      assert.is.not(after.threadId, before.threadId)
      assert.is(b.errors.at(-1)?.code, 'GOSSIP_WORKER_FAILED')
      service.close()
    }
  }),
)

workers(
  'C46 a worker that spins holds up nobody, refuses what is too much, and ends with its node',
  withCluster(async (cluster) => {
    const [a, b] = await cluster.start('a', 'b')
    assert.ok(a && b)
    const service = b.messenger.open(1, request, inWorker('spin', { pendingCallsMax: 2 }))
    await service.ready
    const client = await a.messenger.connect('b', 1)
    const asked = [1, 2].map(() => failureOf(client.request(null, { timeoutMs: 10_000_000 })))
    assert.is((await failureOf(client.request())).code, 'GOSSIP_WORKER_BUSY')
    b.messenger.handle('hello', () => 'here')
    await cluster.system.run(120_000)
    assert.is(a.node.peer('b')?.status, 'live')
    assert.is(await a.messenger.request('b', 'hello'), 'here')
    service.close()
    for (const failure of asked) assert.is((await failure).code, 'GOSSIP_WORKER_FAILED')
    b.messenger.handle('spin', inWorker('spin'))
    const last = failureOf(a.messenger.request('b', 'spin'))
    await until(() => b.messenger.stats.serving === 1)
    await b.messenger.close()
    assert.is((await last).code, 'GOSSIP_SESSION_CLOSED')
    const late = (): unknown => b.messenger.open(2, request, inWorker('echo'))
    assert.throws(late, ({ code }: { code: string }) => code === 'GOSSIP_MESSENGER_CLOSED')
  }),
)

workers(
  'one-way messages reach a worker, and its trouble is an error event',
  withCluster(async (cluster) => {
    const [a, b] = await cluster.start('a', 'b')
    assert.ok(a && b)
    b.messenger.handle('count', inWorker('count', { name: 'vm' }))
    b.messenger.handle('counted', inWorker('counted', { name: 'vm' }))
    b.messenger.handle('empty', inWorker('empty'))
    await a.messenger.send('b', 'count')
    await a.messenger.send('b', 'empty')
    assert.is(((await a.messenger.request('b', 'counted')) as { calls: number }).calls, 1)
    await until(() => b.errors.length > 0)
    assert.match(b.errors[0]?.message ?? '', 'no more nails')
  }),
)

workers('a thread whose module does not load in time is ended, and replaced after growing pauses', async () => {
  const system = new VirtualSystem()
  const told: string[] = []
  const all = new Workers({ max: 1, system, tellError: ({ message }) => told.push(message) })
  const source = workerSource({
    worker: { file: new URL('./workers/spinning-module.js', import.meta.url), startTimeoutMs: 50 },
  })
  assert.ok(source)
  const part = all.add(source)
  try {
    for (let failures = 1; failures <= 4; failures++) {
      await system.run(49)
      assert.is(told.length, failures - 1)
      await system.run(1)
      assert.is(told.length, failures)
      // The first time there is no pause.
      if (failures === 1) continue
      await system.run(restartDelayMs(failures) - 1)
      const call = Promise.resolve(part.handler(1, undefined as never))
      assert.match((await failureOf(call)).message, `ended ${failures} times`)
      await system.run(1)
    }
    assert.match((await failureOf(part.ready)).message, /50 ms/)
    assert.throws(() => all.add(source), /1 workers/)
  } finally {
    await all.close()
  }
  assert.equal([1, 2, 3, 20].map(restartDelayMs), [0, 100, 200, 30_000])
  assert.is(system.pending, 0)
  assert.is(all.size, 0)
})

workers(
  'options of workers are checked where they are given, and threads of one name have one set of limits',
  withCluster(async (cluster) => {
    const [a] = await cluster.start('a')
    assert.ok(a)
    const { messenger } = a
    const file = inWorker('').worker.file
    const refused = (worker: unknown, pattern: RegExp): void =>
      assert.throws(() => messenger.open(1, request, { worker } as WorkerHandler), pattern)
    refused('./handlers.js', /handler\.worker must be an object/)
    refused({}, /handler\.worker\.file/)
    refused({ file: new URL('https://example.org/a.js') }, /file: URL or a path/)
    refused({ file, exports: 'x' }, /one of file, export/)
    refused({ file, export: '' }, /export/)
    refused({ file, pendingCallsMax: 0 }, /\[1, /)
    refused({ file, resourceLimits: { stackSizeMb: 'much' } }, /stackSizeMb/)
    messenger.handle('echo', inWorker('echo', { name: 'vm' }))
    refused({ file, name: 'vm', pendingCallsMax: 7 }, /the limits that worker vm has/)
    assert.throws(() => messenger.handle('echo', inWorker('echo')), /already/)
    assert.is(await messenger.request('a', 'echo', 5), 5)
  }),
)

workers('where there are no workers, a handler in one is refused by a code of its own', () => {
  const add = (): unknown => new HandlerTable(1).add('name', { worker: { file: 'x' } } as never)
  assert.throws(add, ({ code }: { code: string }) => code === 'GOSSIP_WORKERS_UNSUPPORTED')
})

workers('a worker keeps no process alive, whether it rests or spins, but is waited for while it loads', async () => {
  const program = fileURLToPath(new URL('./workers/unattended.js', import.meta.url))
  for (const exported of ['echo', 'spin']) {
    const { stdout } = await promisify(execFile)(process.execPath, [program, exported], { timeout: 60_000 })
    assert.is(stdout, 'ready\n')
  }
})

/** Waits for what other threads do. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5))
}

workers.run()
