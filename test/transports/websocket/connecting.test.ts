/** Who dials whom, how often, and which connection messages take. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { WebSocketTransport } from '../../../src/transports/index.ts'
import { Fixture, HOST, until } from './fixture.ts'

const connecting = suite<{ fixture: Fixture }>('websocket: connecting')

connecting.before.each((context) => {
  context.fixture = new Fixture()
})

connecting.after.each(({ fixture }) => fixture.close())

connecting('one connection serves both ways', async ({ fixture }) => {
  const [a, b] = [await fixture.listener('a'), await fixture.listener('b')]
  for (let i = 0; i < 5; i++) {
    a.send(b.ref, ['there', i])
    await b.received(['there', i])
    b.send(a.ref, ['back', i])
    await a.received(['back', i])
  }
  assert.is(a.transport.stats.outboundConnections, 1)
  assert.is(a.transport.stats.inboundConnections, 0)
  assert.is(b.transport.stats.outboundConnections, 0)
})

connecting('S1.30 of two connections dialled at once the one dialled by the lower id stays', async ({ fixture }) => {
  const [low, high] = [await fixture.listener('a'), await fixture.listener('b')]
  low.send(high.ref, 'from the lower')
  high.send(low.ref, 'from the higher')
  await Promise.all([high.received('from the lower'), low.received('from the higher')])
  const connections = (): number => low.transport.stats.inboundConnections + low.transport.stats.outboundConnections
  await until(() => connections() === 1, 'one connection to be left')
  assert.is(low.transport.stats.outboundConnections, 1)
  high.send(low.ref, 'on the one that is left')
  await low.received('on the one that is left')
  assert.is(connections(), 1)
  assert.equal([...low.codes, ...high.codes], [])
})

connecting('a later life of a peer is answered on its own connection', async ({ fixture }) => {
  const server = await fixture.listener('server')
  const first = await fixture.dialler('page')
  first.send(server.ref, 'first life')
  await server.received('first life')
  const second = await fixture.dialler('page', {}, { generation: 2 })
  second.send(server.ref, 'second life')
  await server.received('second life')
  server.send({ id: 'page', transport: null }, 'to the living')
  await second.received('to the living')
  assert.not.ok(first.has('to the living'))
})

connecting('a peer is reached if it can be dialled or is connected', async ({ fixture }) => {
  const [server, page] = [await fixture.listener('server'), await fixture.dialler('page')]
  const { transport } = server
  assert.ok(transport.canReach({ transport: 'ws://example.org/' }))
  assert.ok(transport.canReach({ id: 'x', transport: { host: 'x', port: 1, also: [{ url: 'wss://example.org/' }] } }))
  assert.not.ok(transport.canReach({ id: 'page', transport: null }))
  assert.not.ok(transport.canReach({ id: 'x', transport: { host: 'x', port: 1 } }))
  page.send(server.ref, 'hello')
  await server.received('hello')
  assert.ok(transport.canReach({ id: 'page', transport: null }))
  await page.transport.close()
  await until(() => !transport.canReach({ id: 'page', transport: null }), 'the page to be gone')
  server.send({ id: 'page', transport: null }, 'too late')
  assert.is((await server.told('GOSSIP_CONNECT_FAILED')).direction, 'outbound')
})

connecting('a peer of several addresses is dialled at its url', async ({ fixture }) => {
  const [a, b] = [await fixture.listener('a'), await fixture.listener('b')]
  a.send({ id: 'b', transport: { host: '192.0.2.1', port: 9, also: [b.ref.transport] } }, 'by the other address')
  await b.received('by the other address')
  a.send({ transport: b.url }, 'by the url alone')
  await b.received('by the url alone')
  assert.is(a.transport.stats.outboundConnections, 1)
})

connecting('a node that nobody can dial says null for its address', async ({ fixture }) => {
  const [server, page] = [await fixture.listener('server'), await fixture.dialler('page')]
  await page.transport.listen()
  assert.is(page.transport.address, undefined)
  page.send(server.ref, 'hello')
  await server.received('hello')
  assert.equal(server.messages[0]?.[1], { id: 'page', transport: null })
})

connecting('an address that fails is not dialled more often than redialDelayMs allows', async ({ fixture }) => {
  let dials = 0
  const { url } = await fixture.rawServer((socket) => {
    dials++
    socket.destroy()
  })
  const a = await fixture.dialler('a', { redialDelayMs: 20, redialDelayMsMax: 80 })
  const startMs = performance.now()
  while (dials < 5) {
    a.send({ transport: url }, dials)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  // Four waits of 40, 80, 80 and 80 ms; a timer may fire a millisecond early.
  assert.ok(performance.now() - startMs >= 40 + 80 + 80 + 80 - 4)
  assert.ok(a.errors.length >= 4)
  assert.ok(a.errors.every(({ code }) => code === 'GOSSIP_CONNECT_FAILED'))
})

connecting('S1.30 after a failure the first message that is sent again arrives', async ({ fixture }) => {
  const b = await fixture.listener('b')
  const { ref, url } = b
  await b.transport.close()
  const a = await fixture.dialler('a')
  a.send(ref, 'to nobody')
  await a.told('GOSSIP_CONNECT_FAILED')
  const again = await fixture.listener('b', { port: Number(new URL(url).port) }, { generation: 2 })
  a.send(ref, 'to the new life')
  await again.received('to the new life')
})

connecting(
  'at connectionsMax the connection without messages longest gives way, and nobody is lost',
  async ({ fixture }) => {
    const peers = await Promise.all(['b', 'c', 'd', 'e'].map((id) => fixture.listener(id)))
    const a = await fixture.dialler('a', { connectionsMax: 2 })
    for (let round = 0; round < 2; round++) {
      for (const peer of peers) {
        a.send(peer.ref, [peer.id, round])
        await peer.received([peer.id, round])
        assert.ok(a.transport.stats.outboundConnections <= 2)
      }
    }
    assert.equal(a.codes, [])
  },
)

connecting('beyond peersMax the least recently used peer is forgotten', async ({ fixture }) => {
  const a = await fixture.dialler('a', { peersMax: 2 })
  for (let i = 1; i <= 5; i++) a.send({ transport: `ws://${HOST}:${i}/` }, i)
  assert.is(a.transport.stats.peers, 2)
})

connecting('plain text is not sent to another machine, unless that is wanted', async ({ fixture }) => {
  const a = await fixture.dialler('a')
  for (const host of ['192.0.2.1', '[2001:db8::1]']) {
    a.send({ transport: `ws://${host}:9/` }, 'a secret')
    await until(() => a.errors.some(({ peer }) => JSON.stringify(peer).includes(host)), `${host} to be refused`)
  }
  assert.equal(a.codes, ['GOSSIP_PLAIN_TEXT_REFUSED', 'GOSSIP_PLAIN_TEXT_REFUSED'])
  const b = await fixture.dialler('b', { plainText: true, connectTimeoutMs: 20 })
  b.send({ transport: 'ws://192.0.2.1:9/' }, 'no secret')
  // Nobody is there, but it was tried.
  await b.told('GOSSIP_CONNECT_FAILED')
})

connecting('a name is dialled where it means this machine', async ({ fixture }) => {
  const [a, b] = [await fixture.dialler('a'), await fixture.listener('b')]
  a.send({ transport: b.url.replace(HOST, 'LOCALHOST') }, 'by name')
  await b.received('by name')
})

connecting('errors that nobody listens to harm nobody', async () => {
  const transport = new WebSocketTransport()
  transport.digest({ transport: 'nowhere' }, { id: 'a', transport: null }, 1)
  transport.digest({ transport: `ws://${HOST}:1/` }, { id: 'a', transport: null }, 1)
  await new Promise((resolve) => setTimeout(resolve, 20))
  await transport.close()
})

connecting.run()
