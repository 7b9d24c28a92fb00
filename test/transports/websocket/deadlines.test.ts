/** What is waited for, and how long. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonCodec, WebSocketTransport } from '../../../src/transports/index.ts'
import { Fixture, HOST, helloOf, type Node, soon, until } from './fixture.ts'

const deadlines = suite<{ fixture: Fixture }>('websocket: deadlines')

/** Never within a test. */
const NEVER_MS = 3_600_000

deadlines.before.each((context) => {
  context.fixture = new Fixture()
})

deadlines.after.each(({ fixture }) => fixture.close())

const connections = ({ transport }: Node): number =>
  transport.stats.inboundConnections + transport.stats.outboundConnections

/** The hello of a stranger, as text. */
const HELLO = String(jsonCodec.encode({ kind: 'hello', sender: { id: 'x', transport: null }, hello: helloOf('x') }))

deadlines('who connects and says nothing is sent away', async ({ fixture }) => {
  const node = await fixture.listener('a', { handshakeTimeoutMs: 40 })
  const socket = fixture.socket(node.url)
  await soon(socket, 'close')
  assert.is((await node.told('GOSSIP_HANDSHAKE_TIMEOUT')).direction, 'inbound')
  await until(() => connections(node) === 0, 'the connection to be gone')
})

deadlines('who opens a socket at an own server and asks for nothing is sent away', async ({ fixture }) => {
  const node = await fixture.listener('a', { handshakeTimeoutMs: 40 })
  const socket = fixture.rawSocket(node.url)
  socket.resume()
  await soon(socket, 'close')
})

deadlines('who begins a request and does not finish it is sent away', async ({ fixture }) => {
  const node = await fixture.listener('a', { handshakeTimeoutMs: 100 })
  const socket = fixture.rawSocket(node.url)
  socket.resume()
  const dribble = setInterval(() => void (socket.writable && socket.write('x')), 10)
  socket.write('GET / HTTP/1.1\r\nx: ')
  await soon(socket, 'close')
  clearInterval(dribble)
})

deadlines('S3.9 who accepts and never answers is given up', async ({ fixture }) => {
  const { url } = await fixture.rawServer(() => {})
  const node = await fixture.dialler('a', { connectTimeoutMs: 40 })
  node.send({ id: 'b', transport: url }, 'anybody there?')
  const error = await node.told('GOSSIP_CONNECT_FAILED')
  assert.equal([error.direction, error.peer], ['outbound', { id: 'b', transport: url }])
  await until(() => connections(node) === 0, 'the connection to be dropped')
})

deadlines('who is there and does not say who he is is given up', async ({ fixture }) => {
  // Somebody who listens and was never introduced says nothing.
  const silent = new WebSocketTransport({ host: HOST, port: 0 })
  await silent.listen()
  try {
    const node = await fixture.dialler('a', { handshakeTimeoutMs: 40, connectTimeoutMs: NEVER_MS })
    node.send({ transport: silent.address ?? null }, 'who are you?')
    assert.is((await node.told('GOSSIP_HANDSHAKE_TIMEOUT')).direction, 'outbound')
  } finally {
    await silent.close()
  }
})

deadlines('pings keep a connection on which nothing is said', async ({ fixture }) => {
  const quick = { pingIntervalMs: 20, pongTimeoutMs: NEVER_MS }
  const node = await fixture.listener('a', quick)
  const socket = fixture.socket(node.url)
  await soon(socket, 'open')
  socket.send(HELLO)
  let pings = 0
  socket.on('ping', () => pings++)
  await until(() => pings >= 3, 'three pings')
  assert.is(connections(node), 1)
})

deadlines('who gives no sign of life is gone', async ({ fixture }) => {
  const node = await fixture.listener('a', { pingIntervalMs: 20, pongTimeoutMs: 40 })
  const socket = fixture.socket(node.url)
  await soon(socket, 'open')
  socket.send(HELLO)
  await until(() => node.hellos.length === 1, 'the hello')
  socket.pause()
  assert.is((await node.told('GOSSIP_CONNECTION_LOST')).direction, 'inbound')
  await until(() => connections(node) === 0, 'the connection to be dropped')
})

deadlines('who cannot ping asks in a message and is answered', async ({ fixture }) => {
  const node = await fixture.listener('a')
  const socket = fixture.socket(node.url)
  await soon(socket, 'open')
  const answers: string[] = []
  socket.on('message', (data: Buffer) => void answers.push(data.toString()))
  socket.send(HELLO)
  socket.send('?')
  await until(() => answers.includes('!'), 'the answer')
  assert.equal(node.codes, [])
})

deadlines(
  'a connection without messages is closed quietly, and opened again when it is needed',
  async ({ fixture }) => {
    const [a, b] = [await fixture.listener('a', { idleTimeoutMs: 40 }), await fixture.listener('b')]
    a.send(b.ref, 'once')
    await b.received('once')
    await until(() => connections(a) === 0 && connections(b) === 0, 'the connection to be closed')
    a.send(b.ref, 'again')
    await b.received('again')
    assert.equal([...a.codes, ...b.codes], [])
  },
)

deadlines('who takes nothing of what waits is given up, though he goes on talking', async ({ fixture }) => {
  const node = await fixture.listener('a', { idleTimeoutMs: 100, pingIntervalMs: NEVER_MS })
  const socket = fixture.socket(node.url)
  await soon(socket, 'open')
  socket.send(HELLO)
  await until(() => node.hellos.length === 1, 'the hello')
  socket.pause()
  const talking = setInterval(() => socket.send(HELLO), 10)
  const large = 'x'.repeat(1_000_000)
  for (let i = 0; i < 20; i++) node.transport.rpc({ id: 'x', transport: null }, [large, i])
  try {
    await node.told('GOSSIP_CONNECTION_LOST')
  } finally {
    clearInterval(talking)
  }
  await until(() => node.transport.stats.outboundBytes === 0, 'what waited to be dropped')
})

deadlines('closing waits for nobody longer than closeTimeoutMs', async ({ fixture }) => {
  const node = await fixture.listener('a', { closeTimeoutMs: 40 })
  const socket = fixture.socket(node.url)
  await soon(socket, 'open')
  socket.pause()
  const startMs = performance.now()
  await node.transport.close()
  assert.ok(performance.now() - startMs < 20_000)
  assert.is(connections(node), 0)
})

deadlines.run()
