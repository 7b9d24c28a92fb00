/** Transfers in bulk over TCP: what arrives, who waits for whom, and what hostile or broken sides can do. */

import type { Socket } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type BulkOffer, type BulkSink, type BulkSource, type JsonValue, sealedJson } from '../../src/core/index.ts'
import { delay, Fixture, helloOf, type Node, readAll, until } from './fixture.ts'

const bulk = suite('tcp: bulk')
const fixture = new Fixture()
bulk.after.each(() => fixture.closeAll())

const FEATURES = { features: ['bulk'], valueBytesMax: 8_000_000 }

/** A source that remembers what it was asked and how it ended. */
class Source implements BulkSource {
  readonly about: readonly string[]
  readonly ends: (Error | undefined)[] = []
  taken = 0
  readonly #groups: (at: number) => JsonValue | undefined

  constructor(groups: (at: number) => JsonValue | undefined, about: readonly string[] = ['a']) {
    this.#groups = groups
    this.about = about
  }

  get code(): string | undefined {
    return (this.ends[0] as { code?: string } | undefined)?.code
  }

  next(): JsonValue | undefined {
    return this.#groups(this.taken++)
  }

  end(error?: Error): void {
    this.ends.push(error)
  }
}

/** A sink that keeps everything. */
class Sink implements BulkSink {
  readonly valueBytesMax: number = FEATURES.valueBytesMax
  readonly groups: Record<string, unknown>[] = []
  ends = 0
  isUseful = true
  onTake: () => void = () => {}

  take(group: unknown): boolean {
    this.groups.push(group as Record<string, unknown>)
    this.onTake()
    return this.isUseful
  }

  end(): void {
    this.ends++
  }
}

function group(at: number, value: JsonValue): JsonValue {
  return {
    id: 'a',
    generation: 1,
    from: at,
    gcVersion: 0,
    maxVersion: at + 1,
    top: at + 1,
    entries: [['k', value, at + 1]],
  }
}

async function pair(options: object = {}): Promise<[Node, Node]> {
  return [await fixture.node('a', options, FEATURES), await fixture.node('b', options, FEATURES)]
}

/** Takes every transfer that is offered to a node. */
function takeAt(node: Node): Sink {
  const sink = new Sink()
  node.transport.on('bulk', (_, offer: BulkOffer) => offer.accept(sink))
  return sink
}

async function ended(source: Source): Promise<void> {
  await until(() => source.ends.length > 0, 'the end of a transfer')
  await delay(20)
  assert.is(source.ends.length, 1, 'the end is told once')
}

function offerLine(id: string, more: object = {}): string {
  const sender = { id, transport: { host: '127.0.0.1', port: 1 } }
  return `${JSON.stringify({ bulk: 1, sender, hello: helloOf(id, FEATURES), ...more })}\r\n`
}

/** A stranger whose offer was taken. */
async function accepted(node: Node): Promise<Socket> {
  const socket = await fixture.socket(node.port)
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk.toString()
  })
  socket.on('end', () => socket.end())
  socket.write(offerLine('x'))
  await until(() => answer.includes('"accepted"'), 'the offer to be accepted')
  return socket
}

bulk('groups arrive in order, values whole, and both sides hear the end once', async () => {
  const [a, b] = await pair()
  const sink = takeAt(b)
  const long = 'é"\\\n'.repeat(900_000)
  const source = new Source((at) => (at < 20 ? group(at, at === 7 ? long : { at }) : undefined))
  a.transport.bulk(b.ref, a.ref, source)
  await ended(source)
  assert.is(source.ends[0], undefined)
  assert.equal(
    sink.groups.map(({ from }) => from),
    Array.from({ length: 20 }, (_, i) => i),
  )
  const [entry] = (sink.groups[7]?.['entries'] ?? []) as unknown[][]
  assert.is(sealedJson(entry?.[1])?.value, long)
  await until(() => sink.ends === 1, 'the end at the receiver')
  assert.equal([...a.told.errors, ...b.told.errors], [])
})

bulk('the offer names its peers, and comes after the hello', async () => {
  const [a, b] = await pair()
  const seen: unknown[] = []
  b.transport.on('hello', ({ id }) => seen.push(id))
  b.transport.on('bulk', (remote, offer) => {
    seen.push([remote, offer.about])
    offer.refuse('GOSSIP_BULK_BUSY')
  })
  const source = new Source(() => undefined, ['p', 'q'])
  a.transport.bulk(b.ref, a.ref, source)
  await ended(source)
  assert.is(source.code, 'GOSSIP_BULK_BUSY')
  assert.is(source.taken, 0, 'nothing is made before it is wanted')
  assert.equal(seen, ['a', [a.ref, ['p', 'q']]])
})

bulk('where nobody wants it, it ends; where nobody is, it ends', async () => {
  const [a, b] = await pair()
  const unwanted = new Source(() => undefined)
  a.transport.bulk(b.ref, a.ref, unwanted)
  await ended(unwanted)
  assert.is(unwanted.code, 'GOSSIP_BULK_UNWANTED')
  await b.transport.close()
  const unreachable = new Source(() => undefined)
  a.transport.bulk(b.ref, a.ref, unreachable)
  await ended(unreachable)
  assert.is(unreachable.code, 'GOSSIP_CONNECT_FAILED')
  const malformed = new Source(() => undefined)
  a.transport.bulk({ id: 'b', transport: 'nowhere' }, a.ref, malformed)
  await ended(malformed)
  assert.is(malformed.code, 'GOSSIP_ADDRESS_MALFORMED')
})

bulk('a receiver for whom it is of no use stops it, and its sender hears why', async () => {
  const [a, b] = await pair()
  const sink = takeAt(b)
  sink.onTake = () => {
    sink.isUseful = sink.groups.length < 3
  }
  const source = new Source((at) => group(at, 'x'.repeat(60_000)))
  a.transport.bulk(b.ref, a.ref, source)
  await ended(source)
  assert.is(source.code, 'GOSSIP_BULK_STOPPED')
  assert.is(sink.groups.length, 3)
  await until(() => sink.ends === 1, 'the end at the receiver')
})

bulk(
  'S3.12 of a receiver that reads nothing the sender makes no more than buffers hold, and gives up in time',
  async () => {
    const a = await fixture.node('a', { idleTimeoutMs: 1_000 }, FEATURES)
    const port = await fixture.server((socket) => {
      socket.once('data', () => {
        socket.pause()
        const sender = { id: 'b', transport: { host: '127.0.0.1', port } }
        socket.write(`${JSON.stringify({ sender, hello: helloOf('b', FEATURES) })}\r\n{"bulk":"accepted"}\r\n`)
      })
    })
    const source = new Source((at) => group(at, 'x'.repeat(60_000)))
    a.transport.bulk({ id: 'b', transport: { host: '127.0.0.1', port } }, a.ref, source)
    await ended(source)
    assert.is(source.code, 'GOSSIP_CONNECTION_LOST')
    assert.ok(source.taken > 1, 'it had begun')
    // The kernel keeps a few megabytes for both sockets; a sender that did not wait would have made gigabytes.
    assert.ok(source.taken * 60_000 < 64_000_000, `${source.taken} groups`)
    assert.is(a.transport.stats.outboundBytes, 0)
  },
)

bulk('messages are heard while a transfer runs', async () => {
  const [a, b] = await pair()
  const sink = takeAt(b)
  let isOver = false
  const source = new Source((at) => (isOver ? undefined : group(at, 'x'.repeat(60_000))))
  a.transport.bulk(b.ref, a.ref, source)
  await until(() => sink.groups.length > 0, 'the first group')
  for (let i = 0; i < 3; i++) {
    a.transport.digest(b.ref, a.ref, [i])
    await b.told.heard('digest', i + 1)
    b.transport.digest(a.ref, b.ref, [i])
    await a.told.heard('digest', i + 1)
  }
  assert.is(source.ends.length, 0)
  isOver = true
  await ended(source)
  assert.is(source.ends[0], undefined)
})

bulk('a node is known to take transfers only when its hello says so', async () => {
  const [a, b] = await pair()
  const plain = await fixture.node('plain')
  const alone = await fixture.alone('alone')
  assert.is(a.transport.canBulk(b.ref), false, 'nobody is, before he has spoken')
  for (const node of [b, plain, alone]) a.transport.digest(node.ref, a.ref, [])
  for (const node of [b, plain, alone]) await node.told.heard('digest')
  await a.told.heard('hello', 2)
  assert.is(a.transport.canBulk(b.ref), true)
  assert.is(b.transport.canBulk(a.ref), true)
  assert.is(a.transport.canBulk(plain.ref), false)
  assert.is(a.transport.canBulk(alone.ref), false)
  assert.is(a.transport.canBulk({ transport: 'nowhere' }), false)
})

for (const [what, text, code] of [
  ['no JSON', '[{"id":"a"},garbage', 'GOSSIP_MESSAGE_MALFORMED'],
  ['bytes of noise', '\u0000\u0001\ufffd', 'GOSSIP_MESSAGE_MALFORMED'],
  ['a bomb of brackets', `[{"id":"a"},{"x":${'['.repeat(10_000)}`, 'GOSSIP_MESSAGE_MALFORMED'],
  ['a value without end', `[{"id":"a"},{"entries":[["k","${'x'.repeat(9_000_000)}`, 'GOSSIP_MESSAGE_MALFORMED'],
  ['lines', '[{"id":"a"},\r\n{}]', 'GOSSIP_MESSAGE_MALFORMED'],
] as const) {
  bulk(`${what} in place of a document costs the connection and nothing else`, async () => {
    const [a, b] = await pair()
    const sink = takeAt(b)
    const socket = await accepted(b)
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.write(text)
    await b.told.error(code)
    await closed
    await until(() => sink.ends === 1, 'the end')
    assert.ok(sink.groups.length <= 1, 'what came before it stands')
    a.transport.digest(b.ref, a.ref, ['still there'])
    await b.told.heard('digest')
  })
}

bulk('a document that is cut off is told, and its groups stand', async () => {
  const [, b] = await pair()
  const sink = takeAt(b)
  const socket = await accepted(b)
  socket.end(`[${JSON.stringify(group(0, 1))},{"id":`)
  await b.told.error('GOSSIP_MESSAGE_MALFORMED')
  assert.is(sink.groups.length, 1)
  await until(() => sink.ends === 1, 'the end')
})

bulk('a connection that is reset ends it', async () => {
  const [, b] = await pair()
  const sink = takeAt(b)
  const socket = await accepted(b)
  socket.write(`[${JSON.stringify(group(0, 1))},`)
  await until(() => sink.groups.length === 1, 'the first group')
  socket.resetAndDestroy()
  await until(() => sink.ends === 1, 'the end')
})

bulk('who sends a byte now and then keeps no place', async () => {
  const b = await fixture.node('b', { frameTimeoutMs: 300 }, FEATURES)
  const sink = takeAt(b)
  const socket = await accepted(b)
  socket.write('[{"entries":[["k","')
  const dripping = setInterval(() => socket.write('x'), 10)
  try {
    await b.told.error('GOSSIP_FRAME_TIMEOUT')
    await until(() => sink.ends === 1, 'the end')
  } finally {
    clearInterval(dripping)
  }
})

bulk('offers that cannot be read, or come from elsewhere, are refused before anybody is asked', async () => {
  const b = await fixture.node('b', {}, FEATURES)
  const sink = takeAt(b)
  const refused = async (line: string, code: string): Promise<void> => {
    const socket = await fixture.socket(b.port)
    socket.end(line)
    await readAll(socket)
    assert.is(b.told.errors.at(-1)?.code, code, line)
  }
  await refused(offerLine('x', { bulk: 2 }), 'GOSSIP_MESSAGE_MALFORMED')
  await refused(offerLine('x', { about: 'a' }), 'GOSSIP_MESSAGE_MALFORMED')
  await refused(offerLine('x', { about: Array.from({ length: 65 }, String) }), 'GOSSIP_MESSAGE_MALFORMED')
  await refused(offerLine('x', { sender: null }), 'GOSSIP_MESSAGE_MALFORMED')
  await refused(offerLine('x', { hello: helloOf('y', FEATURES) }), 'GOSSIP_MESSAGE_MALFORMED')
  await refused(offerLine('x', { hello: helloOf('x', { clusterId: 'foreign' }) }), 'GOSSIP_CLUSTER_FOREIGN')
  await refused(`${offerLine('x')}${offerLine('x')}`, 'GOSSIP_MESSAGE_MALFORMED')
  await until(() => sink.ends === 1, 'the one that was let in to end')
  assert.is(sink.groups.length, 0)
})

bulk('a node that does not answer an offer as it should is told of', async () => {
  const a = await fixture.node('a', { handshakeTimeoutMs: 300 }, FEATURES)
  const answers = ['nonsense\r\n', '{"bulk":"accepted"}\r\n', '', undefined]
  const codes: (string | undefined)[] = []
  for (const answer of answers) {
    const port = await fixture.server((socket) => {
      socket.resume()
      if (answer === '') socket.end()
      else if (answer !== undefined) socket.write(answer)
    })
    const source = new Source(() => undefined)
    a.transport.bulk({ transport: { host: '127.0.0.1', port } }, a.ref, source)
    await ended(source)
    codes.push(source.code)
  }
  assert.is(codes[0], 'GOSSIP_MESSAGE_MALFORMED')
  assert.equal(codes.slice(2), ['GOSSIP_CONNECTION_LOST', 'GOSSIP_HANDSHAKE_TIMEOUT'])
})

bulk('closing in the midst of a transfer ends it on both sides', async () => {
  for (const closing of [0, 1] as const) {
    const nodes = await pair()
    const [a, b] = nodes
    const sink = takeAt(b)
    const source = new Source((at) => group(at, 'x'.repeat(60_000)))
    a.transport.bulk(b.ref, a.ref, source)
    await until(() => sink.groups.length > 2, 'groups')
    await nodes[closing].transport.close()
    await ended(source)
    assert.ok(source.ends[0] instanceof Error)
    await until(() => sink.ends === 1, 'the end at the receiver')
  }
})

bulk.run()
