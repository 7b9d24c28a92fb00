/** How much is taken in, and how much waits. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { WebSocket } from 'ws'
import { jsonCodec } from '../../../src/transports/index.ts'
import { Fixture, helloOf, type Node, soon, until } from './fixture.ts'

const limits = suite<{ fixture: Fixture }>('websocket: limits')

limits.before.each((context) => {
  context.fixture = new Fixture()
})

limits.after.each(({ fixture }) => fixture.close())

/** A stranger who has said who he is. */
async function stranger(fixture: Fixture, node: Node, id: string): Promise<WebSocket> {
  const socket = fixture.socket(node.url)
  await soon(socket, 'open')
  const before = node.hellos.length
  socket.send(String(jsonCodec.encode({ kind: 'hello', sender: { id, transport: null }, hello: helloOf(id) })))
  await until(() => node.hellos.length > before, 'the hello')
  return socket
}

limits(
  'a message over messageBytesMax costs its sender the connection, and nobody else anything',
  async ({ fixture }) => {
    const node = await fixture.listener('a', { messageBytesMax: 100_000 })
    const [bad, good] = [await stranger(fixture, node, 'bad'), await stranger(fixture, node, 'good')]
    bad.send('x'.repeat(100_001))
    const [code] = (await soon(bad, 'close')) as unknown as [number]
    assert.is(code, 1_009)
    const error = await node.told('GOSSIP_FRAME_TOO_LARGE')
    assert.equal([error.direction, error.peer], ['inbound', { id: 'bad', transport: null }])
    good.send('{"digest":["still here"],"sender":{"id":"good","transport":null}}')
    await node.received(['still here'])
  },
)

limits('so does one in parts that are together over the limit', async ({ fixture }) => {
  const node = await fixture.listener('a', { messageBytesMax: 100_000 })
  const bad = await stranger(fixture, node, 'bad')
  for (let i = 0; i < 11; i++) bad.send('x'.repeat(10_000), { fin: false })
  await soon(bad, 'close')
  await node.told('GOSSIP_FRAME_TOO_LARGE')
})

limits('what cannot be read costs its sender the connection', async ({ fixture }) => {
  const node = await fixture.listener('a')
  for (const [i, text] of ['', 'null', '[', '{"digest":[]}', `${'['.repeat(200)}${']'.repeat(200)}`].entries()) {
    const bad = await stranger(fixture, node, `bad ${i}`)
    bad.send(text)
    const [code, reason] = (await soon(bad, 'close')) as unknown as [number, Buffer]
    assert.equal([code, reason.toString()], [1_008, 'GOSSIP_MESSAGE_MALFORMED'], text)
  }
  assert.is(node.codes.filter((code) => code === 'GOSSIP_MESSAGE_MALFORMED').length, 5)
  assert.equal(node.messages, [])
})

limits('text that is no UTF-8 costs its sender the connection', async ({ fixture }) => {
  const node = await fixture.listener('a')
  const bad = await stranger(fixture, node, 'bad')
  bad.send(Uint8Array.of(0x22, 0xff, 0x22), { binary: false })
  await soon(bad, 'close')
  await node.told('GOSSIP_MESSAGE_MALFORMED')
})

limits('unfinished messages hold no more than inboundBytesMax: the largest is dropped', async ({ fixture }) => {
  const node = await fixture.listener('a', { messageBytesMax: 4_000_000, inboundBytesMax: 6_000_000 })
  const sockets = await Promise.all(['small', 'large'].map((id) => stranger(fixture, node, id)))
  const [small, large] = sockets as [WebSocket, WebSocket]
  const held = async (bytes: number): Promise<void> =>
    until(() => node.transport.stats.inboundBytes >= bytes, `${bytes} bytes to be held`)
  small.send('x'.repeat(2_800_000), { fin: false })
  await held(2_700_000)
  large.send('x'.repeat(3_000_000), { fin: false })
  await held(5_600_000)
  large.send('x'.repeat(500_000), { fin: false })
  await soon(large, 'close')
  const error = await node.told('GOSSIP_BUFFER_FULL')
  assert.equal(error.peer, { id: 'large', transport: null })
  await until(() => node.transport.stats.inboundBytes < 3_000_000, 'the room to be given back')
  small.send('"', { fin: true })
  await node.told('GOSSIP_MESSAGE_MALFORMED')
})

limits('pings between the parts of a message do not hide its size', async ({ fixture }) => {
  const node = await fixture.listener('a', { messageBytesMax: 4_000_000, inboundBytesMax: 4_000_000 })
  const [one, two] = [await stranger(fixture, node, 'one'), await stranger(fixture, node, 'two')]
  for (let i = 0; i < 30; i++) {
    for (const socket of [one, two]) {
      socket.send('x'.repeat(100_000), { fin: false })
      socket.ping()
    }
  }
  await node.told('GOSSIP_BUFFER_FULL')
})

limits('a thousand pings hold nothing', async ({ fixture }) => {
  const node = await fixture.listener('a')
  const socket = await stranger(fixture, node, 'x')
  let pongs = 0
  socket.on('pong', () => pongs++)
  for (let sent = 0; sent < 1_000; ) {
    for (let i = 0; i < 20; i++) socket.ping(Buffer.alloc(sent++ % 126))
    await until(() => pongs === sent, 'the answers')
  }
  assert.ok(node.transport.stats.inboundBytes < 1_000, `${node.transport.stats.inboundBytes}`)
})

limits('who asks for answers and does not take them is sent away', async ({ fixture }) => {
  const node = await fixture.listener('a')
  const socket = await stranger(fixture, node, 'x')
  for (let i = 0; i < 1_000; i++) socket.ping()
  await soon(socket, 'close')
  await node.told('GOSSIP_CONNECTION_LOST')
})

limits('what all peers together do not take is bounded, and told of at most once a second', async ({ fixture }) => {
  const a = await fixture.dialler('a', {
    messageBytesMax: 100_000,
    queueBytesMax: 100_000,
    outboundBytesMax: 200_000,
    connectTimeoutMs: 3_600_000,
  })
  const { url } = await fixture.rawServer(() => {})
  for (let i = 0; i < 5; i++) a.send({ transport: `${url}${i}` }, 'x'.repeat(60_000))
  assert.ok(a.transport.stats.outboundBytes <= 200_000)
  assert.is(a.transport.stats.droppedMessages, 2)
  assert.equal(a.codes, ['GOSSIP_QUEUE_FULL'])
})

limits('of messages that wait only the newest of a kind is kept', async ({ fixture }) => {
  const a = await fixture.dialler('a', { redialDelayMs: 50, redialDelayMsMax: 50 })
  const { url } = await fixture.rawServer(() => {})
  for (let i = 0; i < 100; i++) a.send({ transport: url }, ['newest', i])
  assert.is(a.transport.stats.queuedMessages, 1)
})

limits('sockets at an own server that ask for nothing are few', async ({ fixture }) => {
  const node = await fixture.listener('a', { handshakeTimeoutMs: 3_600_000 })
  const first = fixture.rawSocket(node.url)
  await soon(first, 'connect')
  const gone = soon(first, 'close')
  first.resume()
  for (let i = 0; i < 256; i++) await soon(fixture.rawSocket(node.url), 'connect')
  await gone
  const page = await fixture.dialler('page')
  page.send(node.ref, 'still let in')
  await node.received('still let in')
})

limits.run()
