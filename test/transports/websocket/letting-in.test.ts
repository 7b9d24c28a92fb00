/** Who is let in, and what others are told. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { WebSocket } from 'ws'
import {
  type Codec,
  decodePackage,
  encodePackage,
  jsonCodec,
  trustPackageCodec,
} from '../../../src/transports/index.ts'
import { Fixture, HOST, helloOf, refusalOf, SUBPROTOCOL, soon, statusOf, until } from './fixture.ts'

const lettingIn = suite<{ fixture: Fixture }>('websocket: letting in')

lettingIn.before.each((context) => {
  context.fixture = new Fixture()
})

lettingIn.after.each(({ fixture }) => fixture.close())

lettingIn('of pages only those of the origins given are let in, and who is no page', async ({ fixture }) => {
  const node = await fixture.listener('a', { origins: ['https://example.org'] })
  const refused = fixture.socket(node.url, SUBPROTOCOL, { origin: 'https://evil.example' })
  assert.equal(await refusalOf(refused), [403, 'GOSSIP_ORIGIN_REFUSED'])
  assert.is((await node.told('GOSSIP_ORIGIN_REFUSED')).direction, 'inbound')
  await soon(fixture.socket(node.url, SUBPROTOCOL, { origin: 'https://example.org' }), 'open')
  await soon(fixture.socket(node.url), 'open')
})

lettingIn('without origins every page is let in', async ({ fixture }) => {
  const node = await fixture.listener('a')
  await soon(fixture.socket(node.url, SUBPROTOCOL, { origin: 'https://evil.example' }), 'open')
})

lettingIn('who speaks another codec is refused, and both sides say so', async ({ fixture }) => {
  const other: Codec = { ...jsonCodec, name: 'other' }
  const [a, b] = [await fixture.listener('a'), await fixture.dialler('b', { codec: other })]
  b.send(a.ref, 'in other words')
  const [theirs, ours] = [await b.told('GOSSIP_CODEC_UNSUPPORTED'), await a.told('GOSSIP_CODEC_UNSUPPORTED')]
  assert.is(theirs.direction, 'outbound')
  assert.equal(theirs.peer, { id: 'a', transport: a.ref.transport })
  assert.match(ours.message, 'gossipmonger.other')
})

lettingIn('messages may be bytes, where the codec makes bytes', async ({ fixture }) => {
  const bytes: Codec = {
    name: 'bytes',
    overheadBytesMax: jsonCodec.overheadBytesMax,
    encode: (message) => new TextEncoder().encode(String(jsonCodec.encode(message))),
    decode: (encoded) => {
      assert.instance(encoded, Uint8Array)
      return jsonCodec.decode(encoded)
    },
  }
  const [a, b] = [await fixture.listener('a', { codec: bytes }), await fixture.dialler('b', { codec: bytes })]
  b.send(a.ref, 'é')
  await a.received('é')
  a.send(b.ref, 'ß')
  await b.received('ß')
})

lettingIn('S1.15 S1.17 with the codec of packages each binary message is one package', async ({ fixture }) => {
  const node = await fixture.listener('a', { codec: trustPackageCodec })
  const socket = fixture.socket(node.url, `gossipmonger.${trustPackageCodec.name}`)
  await soon(socket, 'open')
  const sender = { id: 'b', transport: null }
  const greet = { kind: 'hello', sender, hello: helloOf('b') } as const
  socket.send(trustPackageCodec.encode(greet))
  socket.send(encodePackage({ kind: 'talk', event: 'digest', body: { digest: ['packed'], sender } }))
  await node.received(['packed'])
  const answer = soon(socket, 'message')
  node.send({ id: 'b', transport: null }, ['back'])
  const [bytes, isBinary] = (await answer) as [Uint8Array, boolean]
  const { kind, event, body } = decodePackage(bytes)
  assert.ok(isBinary)
  assert.equal([kind, event], ['talk', 'digest'])
  assert.equal((body as { digest: unknown }).digest, ['back'])
})

lettingIn('all connections together are bounded, and those of one address', async ({ fixture }) => {
  const limits = { inboundConnectionsMax: 3, inboundConnectionsPerAddressMax: 2, trustedProxies: [HOST] }
  const node = await fixture.listener('a', limits)
  const from = (client: string): WebSocket => {
    const socket = fixture.socket(node.url, SUBPROTOCOL, { 'x-forwarded-for': client })
    const hello = { kind: 'hello', sender: { id: client, transport: null }, hello: helloOf(client) } as const
    socket.on('open', () => socket.send(String(jsonCodec.encode(hello))))
    return socket
  }
  const spoken = async (client: string): Promise<void> => {
    const before = node.hellos.length
    from(client)
    await until(() => node.hellos.length > before, 'a hello')
  }
  await spoken('192.0.2.1')
  await spoken('192.0.2.1')
  assert.equal(await refusalOf(from('192.0.2.1')), [503, 'GOSSIP_CONNECTION_LIMIT'])
  assert.match((await node.told('GOSSIP_CONNECTION_LIMIT')).message, 'inboundConnectionsPerAddressMax is 2')
  await spoken('192.0.2.2')
  assert.equal(await refusalOf(from('192.0.2.3')), [503, 'GOSSIP_CONNECTION_LIMIT'])
  assert.is(node.transport.stats.inboundConnections, 3)
  assert.is(node.transport.stats.refused, 2)
})

lettingIn('a connection that has said nothing gives way to a newcomer', async ({ fixture }) => {
  const node = await fixture.listener('a', { inboundConnectionsMax: 1 })
  const silent = fixture.socket(node.url)
  await soon(silent, 'open')
  const page = await fixture.dialler('page')
  page.send(node.ref, 'here I am')
  await node.received('here I am')
  await until(() => silent.readyState === WebSocket.CLOSED, 'the silent one to be gone')
  // Whoever has spoken stays.
  assert.equal(await refusalOf(fixture.socket(node.url)), [503, 'GOSSIP_CONNECTION_LIMIT'])
})

lettingIn('what a stranger says of his address does not help him past the limit', async ({ fixture }) => {
  const node = await fixture.listener('a', { inboundConnectionsPerAddressMax: 1 })
  const page = await fixture.dialler('page')
  page.send(node.ref, 'here I am')
  await node.received('here I am')
  const socket = fixture.socket(node.url, SUBPROTOCOL, { 'x-forwarded-for': '192.0.2.9', 'x-real-ip': '192.0.2.9' })
  assert.equal(await refusalOf(socket), [503, 'GOSSIP_CONNECTION_LIMIT'])
})

lettingIn('a flood of refusals is told as at most one error a second', async ({ fixture }) => {
  const node = await fixture.listener('a', { origins: [] })
  const startMs = performance.now()
  const sockets = Array.from({ length: 30 }, () =>
    fixture.socket(node.url, SUBPROTOCOL, { origin: 'https://x.example' }),
  )
  await Promise.all(sockets.map((socket) => refusalOf(socket)))
  assert.is(node.transport.stats.refused, 30)
  assert.ok(node.errors.length <= 1 + (performance.now() - startMs) / 1_000)
})

lettingIn('who does not say who he is is not listened to', async ({ fixture }) => {
  const node = await fixture.listener('a')
  const socket = fixture.socket(node.url)
  await soon(socket, 'open')
  socket.send('{"digest":[],"sender":{"id":"x","transport":null}}')
  const [code, reason] = (await soon(socket, 'close')) as unknown as [number, Buffer]
  assert.equal([code, reason.toString()], [1_008, 'GOSSIP_SENDER_UNKNOWN'])
  await node.told('GOSSIP_SENDER_UNKNOWN')
  assert.equal(node.messages, [])
})

lettingIn('an own server answers ordinary requests that there is nothing but WebSockets', async ({ fixture }) => {
  const node = await fixture.listener('a', { path: '/gossip' })
  assert.ok(node.url.endsWith('/gossip'))
  assert.is(await statusOf(node.url), 426)
  const [status] = await refusalOf(fixture.socket(node.url.replace('/gossip', '/other')))
  assert.is(status, 404)
})

lettingIn('a server of the embedder keeps its pages and its other sockets, and stays open', async ({ fixture }) => {
  const server = await fixture.httpServer()
  const other: string[] = []
  server.on('upgrade', (request, socket) => {
    if (request.url !== '/other') return
    other.push(String(request.url))
    socket.destroy()
  })
  const node = await fixture.listener('a', { server, path: '/gossip' })
  const page = await fixture.dialler('page')
  page.send(node.ref, 'through the path')
  await node.received('through the path')
  assert.is(await statusOf(node.url.replace('/gossip', '/')), 200)
  fixture.socket(node.url.replace('/gossip', '/other'))
  await until(() => other.length === 1, 'the other listener to be asked')
  await node.transport.close()
  assert.ok(server.listening)
  assert.is(server.listenerCount('upgrade'), 1)
  assert.is(await statusOf(node.url), 200)
})

lettingIn('a server that listens later is waited for', async ({ fixture }) => {
  const server = await fixture.httpServer()
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  const opening = fixture.listener('a', { server })
  server.listen(port, HOST)
  assert.is((await opening).url, `ws://${HOST}:${port}/`)
})

lettingIn('behind a proxy the url given is what others hear', async ({ fixture }) => {
  const url = 'wss://example.org/gossip'
  const node = await fixture.listener('a', { url })
  assert.equal(node.transport.address, { url })
})

lettingIn('bytes that are no request cost their sender the connection', async ({ fixture }) => {
  const node = await fixture.listener('a')
  const socket = fixture.rawSocket(node.url)
  socket.write('\u0000\u0001\u0002 nonsense\r\n\r\n')
  socket.resume()
  await soon(socket, 'close')
  await node.told('GOSSIP_UPGRADE_MALFORMED')
  const bad = fixture.rawSocket(node.url)
  bad.write(
    'GET / HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-protocol: gossipmonger.json\r\n\r\n',
  )
  bad.resume()
  await soon(bad, 'close')
  assert.is(node.transport.stats.refused, 2)
})

lettingIn.run()
