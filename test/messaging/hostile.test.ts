import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Session } from '../../src/core/index.ts'
import { deferred, failureOf, type MessagingCluster, withCluster } from './cluster.ts'

const hostile = suite('hostile')

const RESULT_OF_1 = [0x6d, 2, 0, 0, 0, 0, 0, 1, 0]
const NAME = [0, 0, 1, 0x78]

/** A session of a stranger with bob, who hears nothing but what the test sends. */
async function strangerOf(cluster: MessagingCluster): Promise<Session> {
  const [eve] = await cluster.start('eve', 'bob')
  await eve?.messenger.close()
  const session = (await eve?.transport.connect({ id: 'bob', transport: 'bob' })) as Session
  session.on('frame', () => {}) // Else a session begins to read a turn of the event loop later.
  return session
}

const BAD: readonly (readonly [problem: string, frame: readonly number[]])[] = [
  ['nothing but the mark', [0x6d]],
  ['an unknown kind', [0x6d, 6, 0, 0, 0, 0, 0, 1]],
  ['a number that is cut off', [0x6d, 1, 0, 0]],
  ['an unknown space', [0x6d, 5, 3, 0, 1, 0x78, 0]],
  ['a name beyond the end', [0x6d, 5, 0, 1, 0, 0x78, 0]],
  ['an empty name', [0x6d, 5, 0, 0, 0, 0]],
  ['a name that is no text', [0x6d, 5, 0, 0, 1, 0xff, 0]],
  ['no payload', [0x6d, 5, ...NAME]],
  ['an unknown payload', [0x6d, 5, ...NAME, 3]],
  ['bytes behind nothing', [0x6d, 5, ...NAME, 0, 1]],
  ['a payload that is no JSON', [0x6d, 5, ...NAME, 1, 0x7b]],
  ['an answer to nothing', RESULT_OF_1],
  ['a cancel with a tail', [0x6d, 4, 0, 0, 0, 0, 0, 1, 0]],
  ['a failure with a code that is none', [0x6d, 3, 0, 0, 0, 0, 0, 1, 2, 0x61, 0x62]],
  ['the number 0', [0x6d, 1, 0, 0, 0, 0, 0, 0, ...NAME, 0]],
]

for (const [problem, frame] of BAD) {
  hostile(
    `${problem} costs its sender the session, and is told`,
    withCluster(async (cluster) => {
      const session = await strangerOf(cluster)
      const [, bob] = cluster.members
      session.send(Uint8Array.from(frame))
      await cluster.system.run(10)
      assert.equal(
        bob?.errors.map(({ code }) => code),
        ['GOSSIP_FRAME_MALFORMED'],
      )
      assert.is(session.isClosed, true)
    }),
  )
}

hostile(
  'JSON nested without end is refused, and harms nobody',
  withCluster(async (cluster) => {
    const session = await strangerOf(cluster)
    const [, bob] = cluster.members
    const text = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    session.send(Uint8Array.from([0x6d, 5, ...NAME, 1, ...new TextEncoder().encode(text)]))
    await cluster.system.run(10)
    assert.equal([bob?.errors.length, session.isClosed], [1, true])
  }),
)

hostile(
  'frames of others are left alone',
  withCluster(async (cluster) => {
    const session = await strangerOf(cluster)
    session.send(Uint8Array.from([0x6e, 1, 2, 3]))
    session.send(new Uint8Array(0))
    await cluster.system.run(10)
    assert.equal([cluster.members[1]?.errors, session.isClosed], [[], false])
  }),
)

hostile(
  'a request whose number was used before is not handled again',
  withCluster(async (cluster) => {
    const session = await strangerOf(cluster)
    const [, bob] = cluster.members
    let calls = 0
    bob?.messenger.handle('x', () => void calls++)
    const request = Uint8Array.from([0x6d, 1, 0, 0, 0, 0, 0, 1, ...NAME, 0])
    session.send(request)
    session.send(request)
    await cluster.system.run(10)
    assert.equal([calls, session.isClosed], [1, true])
  }),
)

hostile(
  'S3.33 no more requests of one peer are handled at once than may be',
  withCluster(
    async (cluster) => {
      const [ada, bob] = await cluster.start('ada', 'bob')
      const answer = deferred<number>()
      bob?.messenger.handle('slow', () => answer.promise)
      const all = [1, 2, 3].map((payload) => ada?.messenger.request('bob', 'slow', payload) as Promise<unknown>)
      const failure = await failureOf(all[2] as Promise<unknown>)
      assert.equal([failure.name, failure.code], ['RemoteError', 'GOSSIP_REQUEST_LIMIT'])
      answer.resolve(1)
      assert.equal(await Promise.all(all.slice(0, 2)), [1, 1])
      assert.is(await ada?.messenger.request('bob', 'slow'), 1)
    },
    { messenger: { inboundRequestsMax: 2 } },
  ),
)

hostile(
  'no more requests to one peer wait than may',
  withCluster(
    async (cluster) => {
      const [ada, bob] = await cluster.start('ada', 'bob')
      bob?.messenger.handle('slow', () => new Promise(() => {}))
      const all = [1, 2, 3].map((payload) =>
        failureOf(ada?.messenger.request('bob', 'slow', payload, { timeoutMs: 50 }) as Promise<unknown>),
      )
      await cluster.system.run(51)
      const codes = (await Promise.all(all)).map(({ code }) => code)
      assert.equal(codes, ['GOSSIP_REQUEST_TIMEOUT', 'GOSSIP_REQUEST_TIMEOUT', 'GOSSIP_REQUEST_LIMIT'])
    },
    { messenger: { requestsMax: 2 } },
  ),
)

hostile(
  'a peer that asks without end and reads no answers is cut off',
  withCluster(
    async (cluster) => {
      const session = await strangerOf(cluster)
      const [, bob] = cluster.members
      let id = 0
      // Nothing is read back: every refusal stays in the queue of bob, since all come in one turn.
      for (let i = 0; i < 400 && !session.isClosed; i++) {
        const bytes = new Uint8Array([0x6d, 1, 0, 0, 0, 0, 0, 0, ...NAME, 0])
        new DataView(bytes.buffer).setUint32(4, ++id)
        session.send(bytes)
      }
      await cluster.system.run(10)
      assert.equal([session.isClosed, bob?.errors.map(({ code }) => code)], [true, ['GOSSIP_QUEUE_FULL']])
    },
    { messenger: { inboundRequestsMax: 4 }, session: { highWaterBytes: 256 } },
  ),
)

hostile.run()
