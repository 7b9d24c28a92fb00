/** Who breaks rules is kept out, alone, and for a while. Strangers come from addresses of their own on loopback. */

import { once } from 'node:events'
import type { Socket } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { TcpOptions } from '../../src/tcp/index.ts'
import { PeerBannedError } from '../../src/transports/index.ts'
import { Fixture, gone, helloOf, type Node, until } from './fixture.ts'

const keeping = suite('tcp: keeping out')
const fixture = new Fixture()
keeping.after.each(() => fixture.closeAll())

const STRANGER = '127.0.0.66'
const SENDER = { id: 'x', transport: { host: '127.0.0.1', port: 1 } }
const GOOD = `${JSON.stringify({ digest: ['good'], sender: SENDER })}\r\n`
const INTRODUCED = `${JSON.stringify({ digest: ['introduced'], sender: SENDER, hello: helloOf('x') })}\r\n`

/** Sends bytes and the end from an address, and waits until the connection is gone. */
async function send(node: Node, bytes: string, from: string = STRANGER): Promise<void> {
  const socket = await fixture.socket(node.port, false, from)
  socket.end(bytes)
  await gone(socket)
}

/** A node, and a stranger's address that is kept out of it for as long as a test may take. */
async function nodeWithBan(options: TcpOptions = {}): Promise<Node> {
  const node = await fixture.node('a', { banMs: 60_000, offencePointsMax: 91, ...options })
  for (let i = 1; i <= 10; i++) await send(node, 'rubbish\n')
  await node.told.error('GOSSIP_PEER_BANNED')
  return node
}

/** A lasting connection that introduced itself. */
async function introduced(node: Node, from: string): Promise<Socket> {
  const before = node.told.of('digest').length
  const socket = await fixture.socket(node.port, true, from)
  socket.write(INTRODUCED)
  await node.told.heard('digest', before + 1)
  return socket
}

keeping(
  'an address that goes on breaking rules is kept out, and told of once, with what, how long and why',
  async () => {
    const node = await nodeWithBan()
    for (let i = 0; i < 20; i++) await send(node, GOOD)
    assert.is(node.told.of('digest').length, 0)
    const bans = node.told.errors.filter((error) => error instanceof PeerBannedError)
    assert.is(bans.length, 1)
    const [ban] = bans as PeerBannedError[]
    assert.equal([ban?.address, ban?.banMs, ban?.direction], [STRANGER, 60_000, 'inbound'])
    assert.ok((ban?.untilEpochMs ?? 0) > Date.now())
    assert.match(ban?.message ?? '', /GOSSIP_MESSAGE_MALFORMED/)
    assert.is(node.told.errors.length, 11)
  },
)

keeping('nobody else is, and who is already in stays', async () => {
  const node = await fixture.node('a', { banMs: 60_000, offencePointsMax: 91 })
  const early = await fixture.socket(node.port, true, '127.0.0.67')
  for (let i = 1; i <= 10; i++) await send(node, 'rubbish\n')
  await node.told.error('GOSSIP_PEER_BANNED')
  early.write(GOOD)
  await node.told.heard('digest', 1)
  await send(node, GOOD, '127.0.0.68')
  await node.told.heard('digest', 2)
})

keeping('what its address has open and was never introduced is dropped with it', async () => {
  const node = await fixture.node('a', { banMs: 60_000, offencePointsMax: 91 })
  const silent = await fixture.socket(node.port, false, STRANGER)
  for (let i = 1; i <= 10; i++) await send(node, 'rubbish\n')
  await gone(silent)
  assert.is(node.transport.stats.inboundConnections, 0)
})

keeping('a ban ends, and the next one is longer', async () => {
  const node = await fixture.node('a', { banMs: 30, offencePointsMax: 10 })
  const bans = (): PeerBannedError[] => node.told.errors.filter((error) => error instanceof PeerBannedError)
  await until(() => {
    void send(node, 'rubbish\n').catch(() => {})
    return bans().length >= 3
  }, 'three bans')
  assert.equal(
    bans()
      .slice(0, 3)
      .map(({ banMs }) => banMs),
    [30, 60, 120],
  )
  await until(() => {
    void send(node, GOOD).catch(() => {})
    return node.told.of('digest').length > 0
  }, 'the end of a ban')
})

keeping('this machine is never kept out, since all its processes share its address', async () => {
  const node = await fixture.node('a', { banMs: 60_000, offencePointsMax: 91 })
  for (let i = 1; i <= 50; i++) await send(node, 'rubbish\n', '127.0.0.1')
  await node.told.heard('error', 50)
  await send(node, GOOD, '127.0.0.1')
  await node.told.heard('digest')
  assert.not(node.told.errors.some(({ code }) => code === 'GOSSIP_PEER_BANNED'))
})

keeping('a good peer behind the address of a bad one stays, comes back, and brings others who say hello', async () => {
  const node = await fixture.node('a', { banMs: 60_000, offencePointsMax: 91 })
  const good = await introduced(node, STRANGER)
  for (let i = 1; i <= 10; i++) await send(node, 'rubbish\n')
  await node.told.error('GOSSIP_PEER_BANNED')
  const errorsBefore = node.told.errors.length
  good.write(GOOD)
  await node.told.heard('digest', 2)
  await introduced(node, STRANGER)
  for (const bytes of [GOOD, 'rubbish\n', 'rubbish\n']) await send(node, bytes)
  assert.is(node.told.of('digest').length, 3)
  assert.is(node.told.errors.length, errorsBefore, 'what comes without a hello is not told either')
})

keeping('a peer that is kept out is dialled all the same, and is heard on that connection', async () => {
  const node = await nodeWithBan()
  const port = await fixture.server((socket) => {
    socket.once('data', () => {
      const ref = { id: 'b', transport: { host: '127.0.0.1', port } }
      socket.write(`${JSON.stringify({ sender: ref, hello: helloOf('b') })}\n`)
    })
    socket.on('end', () => socket.end())
  })
  node.transport.digest({ id: 'b', transport: { host: '127.0.0.1', port } }, node.ref, [1])
  await node.told.heard('hello')
})

keeping('a node of another cluster is kept out after a while, too', async () => {
  const node = await fixture.node('a', { banMs: 60_000, offencePointsMax: 91 })
  const foreign = JSON.stringify({ digest: [], sender: SENDER, hello: helloOf('x', { clusterId: 'other' }) })
  for (let i = 0; i < 20; i++) await send(node, `${foreign}\n`)
  const ban = await node.told.error('GOSSIP_PEER_BANNED')
  assert.match(ban.message, /GOSSIP_CLUSTER_FOREIGN/)
})

keeping('who answers wrongly when dialled is left alone for a while, and is not forgotten', async () => {
  const node = await fixture.node('a')
  let dials = 0
  const port = await fixture.server((socket) => {
    dials++
    socket.resume()
    socket.end('rubbish\n')
  })
  const ref = { id: 'b', transport: { host: '127.0.0.1', port } }
  for (let i = 1; i <= 4; i++) {
    node.transport.digest(ref, node.ref, [i])
    await node.told.heard('error', i)
  }
  const startMs = performance.now()
  await until(() => {
    node.transport.digest(ref, node.ref, ['again'])
    return dials === 5
  }, 'the end of the pause')
  assert.ok(performance.now() - startMs > 900, 'it was not left alone')
})

keeping('one address cannot take all places, and gives way among its own', async () => {
  const node = await fixture.node('a', { inboundConnectionsPerAddressMax: 5 })
  const first = await fixture.socket(node.port, false, STRANGER)
  for (let i = 0; i < 4; i++) await introduced(node, STRANGER)
  const second = await fixture.socket(node.port, false, STRANGER)
  await gone(first)
  second.write(GOOD)
  await node.told.heard('digest', 5)
  // It has spoken without a hello, so it gives way to who says one; then nobody does.
  await introduced(node, STRANGER)
  await gone(second)
  const refused = await fixture.socket(node.port, false, STRANGER)
  refused.resume()
  await once(refused, 'close')
  await introduced(node, '127.0.0.67')
  const error = await node.told.error('GOSSIP_CONNECTION_LIMIT')
  assert.match(error.message, /inboundConnectionsPerAddressMax is 5/)
})

keeping('where all places are taken, who has introduced himself keeps his', async () => {
  const node = await fixture.node('a', { inboundConnectionsMax: 3 })
  const good = await introduced(node, '127.0.0.70')
  const strangers: Socket[] = []
  for (let i = 1; i <= 2; i++) {
    const socket = await fixture.socket(node.port, false, `127.0.0.8${i}`)
    socket.write(GOOD)
    await node.told.heard('digest', i + 1)
    strangers.push(socket)
  }
  await introduced(node, '127.0.0.90')
  await gone(strangers[0] as Socket)
  good.write(GOOD)
  await node.told.heard('digest', 5)
  assert.is(node.transport.stats.inboundConnections, 3)
})

keeping.run()
