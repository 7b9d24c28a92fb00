import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  Gossipmonger,
  type PeerRef,
  type SenderRef,
  type Transport,
  type TransportEvents,
} from '../../src/core/index.ts'
import { Messenger, type Payload } from '../../src/messaging/index.ts'
import { MemoryNetwork, type MemoryTransport, TransportEmitter, UdpTransport } from '../../src/transports/index.ts'
import { deferred, failureOf, withCluster } from './cluster.ts'

const sends = suite('sends')

sends(
  'S1.26 S3.17 S5.6 sends arrive once and in order, between requests too',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    const seen: string[] = []
    bob?.messenger.handle('log', (payload, { way }) => {
      seen.push(`${way} ${String(payload)}`)
    })
    await ada?.messenger.send('bob', 'log', 1)
    await ada?.messenger.request('bob', 'log', 2)
    await ada?.messenger.send('bob', 'log', 3)
    await ada?.messenger.request('bob', 'log', 4)
    assert.equal(seen, ['send 1', 'request 2', 'send 3', 'request 4'])
  }),
)

sends(
  'S1.26 what is said in one go arrives in its order, also while the session is still being opened, and to oneself',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    const seen: unknown[] = []
    for (const member of [ada, bob]) member?.messenger.handle('log', (payload) => void seen.push(payload))
    for (const to of ['bob', 'bob', 'ada']) {
      const said = [1, 2, 3, 4].map(async (number) => {
        if (number % 2 === 1) await ada?.messenger.send(to, 'log', number)
        else await ada?.messenger.request(to, 'log', number)
      })
      await Promise.all(said)
      assert.equal(seen.splice(0), [1, 2, 3, 4], to)
    }
  }),
)

sends(
  'S5.9 a send that nobody handles, or whose handler throws, is told where it failed, and to nobody else',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    bob?.messenger.handle('bad', () => {
      throw new Error('oh')
    })
    await ada?.messenger.send('bob', 'nobody')
    await ada?.messenger.send('bob', 'bad')
    await cluster.system.run(1)
    assert.equal(
      bob?.errors.map((error) => error.code),
      ['GOSSIP_HANDLER_UNKNOWN', 'GOSSIP_HANDLER_FAILED'],
    )
    assert.equal([bob?.messenger.stats.failedSends, ada?.errors.length], [2, 0])
    assert.is(ada?.messenger.stats.sessions, 1)
  }),
)

sends(
  'S1.25 S5.25 a broadcast reaches every live peer that the filter lets through',
  withCluster(async (cluster) => {
    const members = await cluster.start('ada', 'bob', 'cy', 'dan')
    const seen: string[] = []
    for (const { messenger, node } of members) messenger.handle('news', () => void seen.push(node.id))
    const [ada] = members
    const all = await ada?.messenger.broadcast('news')
    assert.equal([...(all?.sent ?? [])].sort(), ['bob', 'cy', 'dan'])
    const some = await ada?.messenger.broadcast('news', 'x', { filter: ({ id }) => id < 'cz' })
    assert.equal([...(some?.sent ?? [])].sort(), ['bob', 'cy'])
    await cluster.system.run(1)
    assert.equal(seen.sort(), ['bob', 'bob', 'cy', 'cy', 'dan'])
  }),
)

sends(
  'a broadcast says whom it did not reach, and refuses what cannot be sent',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob', 'cy')
    if (bob !== undefined) await cluster.crash(bob)
    const report = await ada?.messenger.broadcast('news')
    assert.equal(report?.sent, ['cy'])
    assert.equal(
      report?.failed.map(({ peer, error }) => [peer, (error as { code?: string }).code]),
      [['bob', 'GOSSIP_CONNECT_FAILED']],
    )
    const refused = await failureOf(ada?.messenger.broadcast('news', 1n) as Promise<unknown>)
    assert.is(refused.code, 'GOSSIP_VALUE_INVALID')
  }),
)

sends(
  'whoever sends faster than the peer reads waits, and is refused when he does not',
  withCluster(
    async (cluster) => {
      const [ada, bob] = await cluster.start('ada', 'bob')
      let seen = 0
      bob?.messenger.handle('log', () => void seen++)
      await ada?.messenger.send('bob', 'log')
      const kilobyte = new Uint8Array(1_000)
      const tries = await Promise.allSettled(
        Array.from({ length: 200 }, async () => ada?.messenger.send('bob', 'log', kilobyte)),
      )
      const codes = new Set(
        tries.flatMap((one) => (one.status === 'rejected' ? [(one.reason as { code?: string }).code] : [])),
      )
      assert.equal([...codes], ['GOSSIP_QUEUE_FULL'])
      const taken = tries.filter((one) => one.status === 'fulfilled').length
      await cluster.system.run(1)
      assert.is(seen, taken + 1, 'what was taken arrives')
      for (let i = 0; i < 200; i++) await ada?.messenger.send('bob', 'log', kilobyte)
      await cluster.system.run(1)
      assert.is(seen, taken + 201, 'nobody who waits is refused')
    },
    {
      session: { frameBytesMax: 4_096, highWaterBytes: 4_096, frameQueueBytesMax: 8_192 },
      messenger: { queueBytesMax: 16_384 },
    },
  ),
)

sends(
  'S3.19 a datagram needs a transport that has them, or leave to go on a session',
  withCluster(async (cluster) => {
    const [ada, bob] = await cluster.start('ada', 'bob')
    const seen: string[] = []
    bob?.messenger.handle('log', (payload, { way }) => void seen.push(`${way} ${String(payload)}`))
    const refused = await failureOf(ada?.messenger.datagram('bob', 'log', 1) as Promise<void>)
    assert.is(refused.code, 'GOSSIP_DATAGRAMS_UNSUPPORTED')
    await ada?.messenger.datagram('bob', 'log', 2, { fallback: 'reliable' })
    await cluster.system.run(1)
    assert.equal(seen, ['send 2'])
  }),
)

sends('C29 over UDP datagrams arrive as such; sessions are refused by name, as are messages too long', async () => {
  const local = (): UdpTransport => new UdpTransport({ host: '127.0.0.1', port: 0 })
  const ada = new Gossipmonger({ id: 'ada' }, { transport: local(), gossipIntervalMs: 20 })
  await ada.start()
  const bob = new Gossipmonger({ id: 'bob' }, { transport: local(), gossipIntervalMs: 20, seeds: [ada.address ?? ''] })
  const [fromAda, atBob] = [new Messenger(ada), new Messenger(bob)]
  try {
    await bob.start()
    await new Promise<void>((resolve) => ada.once('peer live', () => resolve()))
    const arrived = deferred<readonly [Payload, string, boolean]>()
    atBob.handle('beat', (payload, { from, way, session }) => {
      arrived.resolve([payload, `${way} of ${from}`, session === undefined])
    })
    // A packet may be lost, also on loopback.
    const again = setInterval(() => void fromAda.datagram('bob', 'beat', { n: 1 }), 50)
    assert.equal(await arrived.promise, [{ n: 1 }, 'datagram of ada', true])
    clearInterval(again)
    const long = await failureOf(fromAda.datagram('bob', 'beat', 'x'.repeat(70_000)))
    assert.is(long.code, 'GOSSIP_FRAME_TOO_LARGE')
    assert.is((await failureOf(fromAda.request('bob', 'beat'))).code, 'GOSSIP_SESSIONS_UNSUPPORTED')
    assert.is((await failureOf(fromAda.datagram('zoe', 'beat'))).code, 'GOSSIP_PEER_UNKNOWN')
  } finally {
    await Promise.all([fromAda.close(), atBob.close(), ada.close(), bob.close()])
  }
})

/** A memory transport that also carries datagrams. */
class DatagramTransport extends TransportEmitter implements Transport {
  static readonly #all = new Map<string, DatagramTransport>()
  readonly maxDatagramBytes: number = 100
  readonly #inner: MemoryTransport

  constructor(inner: MemoryTransport, id: string) {
    super()
    this.#inner = inner
    DatagramTransport.#all.set(id, this)
    for (const event of ['digest', 'deltas', 'session', 'error', 'hello'] as const) {
      inner.on(
        event,
        (...facts: unknown[]) => void this.emit(event, ...(facts as Parameters<TransportEvents[typeof event]>)),
      )
    }
  }

  get address(): string | undefined {
    return this.#inner.address
  }
  digest: Transport['digest'] = (...facts) => this.#inner.digest(...facts)
  deltas: Transport['deltas'] = (...facts) => this.#inner.deltas(...facts)
  listen = (): Promise<void> => this.#inner.listen()
  close = (): Promise<void> => this.#inner.close()
  introduce: NonNullable<Transport['introduce']> = (hello) => this.#inner.introduce(hello)
  connect: NonNullable<Transport['connect']> = (...facts) => this.#inner.connect(...facts)

  datagram(to: PeerRef, payload: Uint8Array): void {
    DatagramTransport.inject(to.id ?? '', { id: this.address ?? '', transport: null }, payload.slice())
  }

  /** Delivers bytes as a datagram of anybody. */
  static inject(to: string, from: SenderRef, payload: Uint8Array): void {
    DatagramTransport.#all.get(to)?.emit('datagram', from, payload)
  }
}

sends('a datagram that is too long goes on a session if it may; one that cannot be read is an error', async () => {
  const network = new MemoryNetwork()
  const make = (id: string): Gossipmonger =>
    new Gossipmonger(
      { id },
      { transport: new DatagramTransport(network.transport(id), id), gossipIntervalMs: 20, seeds: ['ada'] },
    )
  const [ada, bob] = [make('ada'), make('bob')]
  const [fromAda, atBob] = [new Messenger(ada), new Messenger(bob)]
  const alive = setInterval(() => {}, 1_000) // The timers of nodes keep no process alive.
  const errors: { code?: string }[] = []
  atBob.on('error', (error) => errors.push(error as { code?: string }))
  try {
    const met = new Promise<void>((resolve) => ada.once('peer live', () => resolve()))
    await ada.start()
    await bob.start()
    await met
    const ways: string[] = []
    atBob.handle('log', (_, { way }) => void ways.push(way))
    await fromAda.datagram('bob', 'log', 'short')
    await fromAda.datagram('bob', 'log', 'x'.repeat(100), { fallback: 'reliable' })
    await fromAda.request('bob', 'log')
    assert.equal(ways, ['datagram', 'send', 'request'])
    DatagramTransport.inject('bob', { id: 'eve', transport: null }, new Uint8Array([0x6d, 9]))
    DatagramTransport.inject('bob', { id: 'eve', transport: null }, new Uint8Array([1, 2, 3]))
    assert.equal(
      errors.map(({ code }) => code),
      ['GOSSIP_MESSAGE_MALFORMED'],
      'datagrams of others are left alone',
    )
  } finally {
    clearInterval(alive)
    await Promise.all([fromAda.close(), atBob.close()])
    await Promise.all([ada.close(), bob.close()])
  }
})

sends.run()
