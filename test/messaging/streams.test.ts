import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { seededRandom } from '../harness/seeded-random.ts'
import { deferred, failureOf, type MessagingCluster, withCluster } from './cluster.ts'

const streams = suite('streams')

/** A stream from ada to bob, both ends. */
async function openPair(cluster: MessagingCluster, header?: string): Promise<readonly [near: Duplex, far: Duplex]> {
  const [ada, bob] = await cluster.start('ada', 'bob')
  const far = deferred<Duplex>()
  bob?.messenger.onStream('pipe', (duplex) => far.resolve(duplex))
  const near = (await ada?.messenger.stream('bob', 'pipe', { header })) as Duplex
  return [near, await far.promise]
}

/** Bytes that tell where they stand. */
function bytesOf(seed: number, length: number): Buffer {
  const random = seededRandom(seed)
  return Buffer.from(Uint8Array.from({ length }, () => Math.floor(random() * 256)))
}

/** All that comes up to the end. An iterator of a Duplex would destroy it there, which still has to answer. */
async function buffer(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

async function text(stream: Duplex): Promise<string> {
  return (await buffer(stream)).toString()
}

/** What an error event brings. */
async function errorOf(stream: Duplex): Promise<{ code?: string }> {
  const [error] = (await once(stream, 'error')) as [{ code?: string }]
  return error
}

streams(
  'S5.10 S5.19 S5.21 a stream is opened by name, with a header, and both ends are Duplexes',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    const seen: unknown[] = []
    bob?.messenger.onStream('shout', async (duplex, { from, header }) => {
      seen.push(from, header)
      duplex.end((await text(duplex)).toUpperCase())
    })
    const duplex = await ada?.messenger.stream('bob', 'shout', { header: { loud: true } })
    duplex?.end('hello')
    assert.is(await text(duplex as Duplex), 'HELLO')
    assert.equal(seen, ['ada', { loud: true }])
  }),
)

streams(
  'S5.20 C31 a name that nobody takes is refused at once, also once its listener is taken away',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    const open = (): Promise<unknown> => ada?.messenger.stream('bob', 'pipe') as Promise<unknown>
    assert.is((await failureOf(open())).code, 'GOSSIP_STREAM_UNKNOWN')
    const remove = bob?.messenger.onStream('pipe', () => {})
    await open()
    remove?.()
    assert.is((await failureOf(open())).code, 'GOSSIP_STREAM_UNKNOWN')
  }),
)

streams('opening ends when its time is over, or its signal is raised', async () => {
  let isHeld = false
  const schedule = (deliver: () => void): void => {
    if (!isHeld) queueMicrotask(deliver)
  }
  await withCluster(
    async (cluster) => {
      const [ada, bob] = await cluster.start('ada', 'bob')
      bob?.messenger.onStream('pipe', () => {})
      await ada?.messenger.stream('bob', 'pipe')
      isHeld = true
      const late = failureOf(ada?.messenger.stream('bob', 'pipe', { openTimeoutMs: 100 }) as Promise<unknown>)
      await cluster.system.run(101)
      assert.is((await late).code, 'GOSSIP_STREAM_TIMEOUT')
      const signal = AbortSignal.abort()
      const aborted = failureOf(ada?.messenger.stream('bob', 'pipe', { signal }) as Promise<unknown>)
      assert.is((await aborted).code, 'GOSSIP_ABORTED')
      isHeld = false
    },
    { network: { schedule }, session: { closeTimeoutMs: 0 } },
  )()
})

streams(
  'S5.26 either side ends by itself; the other sees the end and may still write',
  withCluster(async (cluster) => {
    const [near, far] = await openPair(cluster)
    near.end('question')
    assert.is(await text(far), 'question')
    far.write('ans')
    far.end('wer')
    assert.is(await text(near), 'answer')
  }),
)

streams(
  'without allowHalfOpen the end of one side is the end of both',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    bob?.messenger.onStream('sink', (duplex) => void duplex.resume(), { allowHalfOpen: false })
    const near = (await ada?.messenger.stream('bob', 'sink')) as Duplex
    near.resume().end('all')
    await once(near, 'close')
    assert.is(near.errored, null)
  }),
)

streams(
  'S5.22 S5.23 write says false and `drain` says when: a reader that stops stops the writer',
  withCluster(
    async (cluster) => {
      const [near, far] = await openPair(cluster)
      const chunk = bytesOf(1, 1_000)
      let written = 0
      while (near.write(chunk)) written++
      for (let turn = 0; turn < 50; turn++) {
        await new Promise((resolve) => setImmediate(resolve))
        while (!near.writableNeedDrain) {
          near.write(chunk)
          written++
        }
      }
      // The window, and what both Duplexes and the writer hold: nothing grows beyond it.
      assert.ok(written < 400, `${written} kB were taken and none was read`)
      let drains = 0
      near.on('drain', () => drains++)
      near.end()
      const all = await buffer(far)
      assert.is(all.length % chunk.length, 0)
      assert.ok(all.subarray(0, 1_000).equals(chunk))
    },
    { session: { windowBytes: 65_536 } },
  ),
)

streams(
  'S5.11 C30 many streams of a pair carry their own bytes at once, both ways',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    bob?.messenger.onStream('echo', (duplex) => pipeline(duplex, duplex))
    const all = Array.from({ length: 20 }, async (_, i) => {
      const sent = bytesOf(i, 10_000 * i)
      const duplex = (await ada?.messenger.stream('bob', 'echo')) as Duplex
      const received = buffer(duplex)
      const random = seededRandom(i)
      for (let at = 0; at < sent.length; ) {
        const end = at + 1 + Math.floor(random() * 5_000)
        if (!duplex.write(sent.subarray(at, end))) await once(duplex, 'drain')
        at = end
      }
      duplex.end()
      assert.ok((await received).equals(sent), `stream ${i}`)
    })
    await Promise.all(all)
  }),
)

streams(
  'destroy brings the code of its error to the other side, and one of its own where there is none',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    for (const [error, code] of [
      [Object.assign(new Error('full'), { code: 'ACME_DISK_FULL' }), 'ACME_DISK_FULL'],
      [undefined, 'GOSSIP_STREAM_DESTROYED'],
    ] as const) {
      const far = deferred<Duplex>()
      const remove = bob?.messenger.onStream('pipe', (duplex) => far.resolve(duplex))
      const near = (await ada?.messenger.stream('bob', 'pipe')) as Duplex
      const seen = errorOf(near)
      const there = await far.promise
      there.on('error', () => {})
      there.destroy(error)
      assert.is((await seen).code, code)
      remove?.()
    }
  }),
)

streams(
  'a listener that throws destroys its stream with the code of what it threw',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    bob?.messenger.onStream('pipe', async () => {
      throw Object.assign(new Error('no'), { code: 'ACME_NOT_NOW' })
    })
    const near = (await ada?.messenger.stream('bob', 'pipe')) as Duplex
    assert.is((await errorOf(near)).code, 'ACME_NOT_NOW')
    await cluster.system.run(1)
    assert.equal(
      bob?.errors.map(({ code }) => code),
      ['GOSSIP_HANDLER_FAILED', 'ACME_NOT_NOW'],
    )
  }),
)

streams(
  'an error that nobody listens to ends no process: the messenger tells it',
  withCluster(async (cluster) => {
    const [near] = await openPair(cluster)
    const [, bob] = cluster.members
    near.on('error', () => {})
    near.destroy()
    await cluster.system.run(1)
    assert.equal(
      bob?.errors.map(({ code }) => code),
      ['GOSSIP_STREAM_DESTROYED'],
    )
  }),
)

streams(
  'S5.5 the loss of a peer destroys its streams with the code of the session',
  withCluster(async (cluster) => {
    const [near, far] = await openPair(cluster)
    const [, bob] = cluster.members
    far.on('error', () => {})
    const seen = errorOf(near)
    near.write('something')
    if (bob !== undefined) await cluster.crash(bob)
    assert.match((await seen).code ?? '', /^GOSSIP_SESSION_(CLOSED|LOST)$/)
  }),
)

streams(
  'a node streams to itself, with the same promises',
  withCluster(async (cluster) => {
    const [ada] = await cluster.start('ada')
    const held = deferred<Duplex>()
    ada?.messenger.onStream('echo', (duplex) => pipeline(duplex, duplex))
    ada?.messenger.onStream('hold', (duplex) => held.resolve(duplex))
    const sent = bytesOf(5, 1_000_000)
    const echo = (await ada?.messenger.stream('ada', 'echo')) as Duplex
    const received = buffer(echo)
    echo.end(sent)
    assert.ok((await received).equals(sent))
    const near = (await ada?.messenger.stream('ada', 'hold')) as Duplex
    near.on('error', () => {})
    const far = await held.promise
    const seen = errorOf(far)
    near.destroy(Object.assign(new Error(), { code: 'ACME_ENOUGH' }))
    assert.is((await seen).code, 'ACME_ENOUGH')
    const unknown = await failureOf(ada?.messenger.stream('ada', 'nobody') as Promise<unknown>)
    assert.is(unknown.code, 'GOSSIP_STREAM_UNKNOWN')
  }),
)

streams(
  'what one side opens as a channel of the web, the other may take as a Duplex',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    bob?.messenger.onStream('shout', async (duplex) => {
      duplex.end((await text(duplex)).toUpperCase())
    })
    const channel = await ada?.messenger.channel('bob', 'shout')
    const writer = channel?.writable.getWriter()
    void writer?.write(new TextEncoder().encode('hello'))
    void writer?.close()
    const chunks: Uint8Array[] = []
    for await (const chunk of channel?.readable ?? []) chunks.push(chunk)
    assert.is(Buffer.concat(chunks).toString(), 'HELLO')
  }),
)

streams(
  'channels of others are left to others',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    bob?.messenger.on('connect', (session) => {
      session.on('channel', (offer) => {
        if (offer.header === 'mine') offer.refuse('ACME_SEEN')
      })
    })
    const session = await ada?.transport.connect({ id: 'bob', transport: 'bob' })
    assert.is((await failureOf(session?.open('mine') as Promise<unknown>)).code, 'ACME_SEEN')
    assert.is((await failureOf(session?.open(null) as Promise<unknown>)).code, 'GOSSIP_CHANNEL_REFUSED')
  }),
)

streams.run()
