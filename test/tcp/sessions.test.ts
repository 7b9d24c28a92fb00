/** Sessions over TCP, where they differ from sessions anywhere: how they begin, and what they share with the gossip. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Channel, Session } from '../../src/core/index.ts'
import { GREETING_START } from '../../src/transports/index.ts'
import { Fixture, gone, helloOf, type Node, readAll, until } from './fixture.ts'

const sessions = suite('tcp sessions')
const fixture = new Fixture()

sessions.after.each(() => fixture.closeAll())

/** Every session that a node is told of. */
function inboundOf({ transport }: Node): Session[] {
  const told: Session[] = []
  transport.on('session', (session) => told.push(session))
  return told
}

/** The line a dialler begins with. */
function greeting(id: string, more: object = {}): string {
  const sender = JSON.stringify({ id, transport: null })
  const rest = JSON.stringify({ hello: helloOf(id), frameBytesMax: 1_000, ...more }).slice(1)
  return `{"session":1,"sender":${sender},${rest}\r\n`
}

sessions('a session has a connection of its own, and gossip goes on beside it', async () => {
  const [a, b] = [await fixture.node('a'), await fixture.node('b')]
  const inbound = inboundOf(b)
  const session = await a.transport.connect(b.ref)
  assert.equal([session.remote, inbound[0]?.remote], [b.ref, a.ref])
  assert.is(session.authenticated, false)
  a.transport.digest(b.ref, a.ref, ['x'])
  assert.equal((await b.told.heard('digest'))[1], ['x'])
  assert.is(b.transport.stats.inboundConnections, 2)
  await session.close()
  await until(() => b.transport.stats.inboundConnections < 2, 'the connection of the session to go')
  assert.equal([a.told.errors, b.told.errors], [[], []])
})

sessions('a line that arrives byte by byte begins a session', async () => {
  const b = await fixture.node('b')
  const inbound = inboundOf(b)
  const socket = await fixture.socket(b.port)
  for (const byte of Buffer.from(greeting('raw'))) {
    await new Promise<void>((resolve) => void socket.write(Uint8Array.of(byte), () => resolve()))
  }
  await until(() => inbound.length > 0, 'the session')
  assert.is(inbound[0]?.remote.id, 'raw')
  const answer = readAll(socket)
  await inbound[0]?.close()
  const text = (await answer).toString('latin1')
  assert.ok(text.startsWith(`${GREETING_START}"b"`), text)
  assert.ok(text.endsWith('\r\n\u000b\0\0\0\0\0\0\0'), 'the goodbye follows the line')
  socket.end()
})

for (const text of ['{"session":1}', '{"s', '{', '{"session":1,"sender":{"id"}}'.replace('"id"', '"i":7')]) {
  sessions(`an rpc payload that begins like a session is one: ${text}`, async () => {
    const b = await fixture.node('b')
    const socket = await fixture.socket(b.port)
    for (const byte of Buffer.from(text)) {
      await new Promise<void>((resolve) => void socket.write(Uint8Array.of(byte), () => resolve()))
    }
    socket.end()
    await gone(socket)
    const isJson = text.endsWith('}')
    if (isJson) assert.equal((await b.told.heard('rpc'))[1], JSON.parse(text))
    else assert.is((await b.told.error('GOSSIP_MESSAGE_MALFORMED')).direction, 'inbound')
  })
}

sessions(
  'a transport that was not introduced takes a session for somebody who says hello, and does not answer',
  async () => {
    const b = await fixture.alone('b')
    const socket = await fixture.socket(b.port)
    socket.end(greeting('raw'))
    assert.is((await readAll(socket)).length, 0)
    assert.equal((await b.told.heard('hello'))[0], { id: 'raw', transport: null })
  },
)

sessions('one that begins and never finishes its line is cut off in time', async () => {
  const b = await fixture.node('b', { handshakeTimeoutMs: 60, frameTimeoutMs: 60 })
  const [whole, part] = [await fixture.socket(b.port, false), await fixture.socket(b.port, false)]
  whole.write(GREETING_START)
  part.write(GREETING_START.slice(0, 10))
  await Promise.all([gone(whole), gone(part)])
  await b.told.error('GOSSIP_HANDSHAKE_TIMEOUT')
  await b.told.error('GOSSIP_FRAME_TIMEOUT')
  await until(() => b.transport.stats.inboundConnections === 0, 'both connections to go')
})

sessions('deadlines of other connections do not end a quiet session', async () => {
  const options = { idleTimeoutMs: 20, frameTimeoutMs: 20, handshakeTimeoutMs: 2_000 }
  const [a, b] = [await fixture.node('a', options), await fixture.node('b', options)]
  const session = await a.transport.connect(b.ref)
  // A connection beside it has missed its deadline by now, and it has not.
  const idle = await fixture.socket(b.port, false)
  idle.write('\r\n')
  await gone(idle)
  assert.is(session.isClosed, false)
  const [channel] = [await session.open('nobody').catch((error: unknown) => error)]
  assert.is(Reflect.get(Object(channel), 'code'), 'GOSSIP_CHANNEL_REFUSED')
})

sessions('sessions count among the inbound connections, and do not give way', async () => {
  const b = await fixture.node('b', { inboundConnectionsMax: 2 })
  const [a, c] = [await fixture.node('a'), await fixture.node('c')]
  const first = await a.transport.connect(b.ref)
  await c.transport.connect(b.ref)
  const third = await fixture.socket(b.port, false)
  await gone(third)
  await b.told.error('GOSSIP_CONNECTION_LIMIT')
  assert.equal([first.isClosed, b.transport.stats.inboundConnections], [false, 2])
})

sessions('a peer that dies without a word is lost at once', async () => {
  const a = await fixture.node('a')
  const port = await fixture.server((socket) => {
    socket.once('data', () => {
      socket.write(greeting('dying'))
      setImmediate(() => socket.resetAndDestroy())
    })
  })
  const session = await a.transport.connect({ transport: { host: '127.0.0.1', port } })
  const code = await new Promise((resolve) => session.on('close', (error) => resolve(error?.code)))
  assert.is(code, 'GOSSIP_SESSION_LOST')
})

sessions('an old peer at that address is told of with a code, and is not harmed', async () => {
  const [a, old] = [await fixture.node('a'), await fixture.alone('old')]
  const failure = a.transport.connect(old.ref).catch((error: unknown) => Reflect.get(Object(error), 'code') as unknown)
  assert.equal((await old.told.heard('hello'))[0], a.ref)
  await old.transport.close()
  assert.ok(['GOSSIP_CONNECTION_LOST', 'GOSSIP_HANDSHAKE_TIMEOUT'].includes(String(await failure)))
})

sessions('closing a transport says goodbye, and what was written before arrives', async () => {
  const [a, b] = [await fixture.node('a'), await fixture.node('b')]
  const inbound = inboundOf(b)
  const session = await a.transport.connect(b.ref)
  const theirs = inbound[0] as Session
  let heard = 0
  const closed = new Promise((resolve) => theirs.on('close', (error) => resolve(error?.code)))
  theirs.on('frame', (frame) => (heard += frame.length))
  for (let i = 0; i < 60; i++) session.send(new Uint8Array(60_000))
  await a.transport.close()
  assert.is(await closed, undefined)
  assert.is(heard, 3_600_000)
})

sessions('a stream of 50 MB arrives as it was sent', async () => {
  const [a, b] = [await fixture.node('a'), await fixture.node('b')]
  const piece = Uint8Array.from({ length: 100_003 }, (_, i) => (i * 7) & 0xff)
  const inbound = inboundOf(b)
  const session = await a.transport.connect(b.ref)
  const taken = new Promise<Channel>((resolve) => {
    inbound[0]?.on('channel', (offer) => resolve(offer.accept()))
  })
  const channel = await session.open('stream')
  const writing = (async () => {
    const writer = channel.writable.getWriter()
    for (let i = 0; i < 500; i++) await writer.write(piece)
    await writer.close()
  })()
  let at = 0
  let wrong = 0
  const reader = (await taken).readable.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    for (const byte of next.value) if (byte !== piece[at++ % piece.length]) wrong++
  }
  await writing
  assert.equal([at, wrong], [500 * piece.length, 0])
})

sessions.run()
