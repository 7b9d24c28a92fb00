/** Every bound of the transport holds, and what is beyond it is told. */

import { once } from 'node:events'
import type { Socket } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { SenderRef } from '../../src/core/index.ts'
import { delay, Fixture, helloOf, type Node, until } from './fixture.ts'

const limits = suite('tcp: limits')
const fixture = new Fixture()
limits.after.each(() => fixture.closeAll())

const SENDER = { id: 'x', transport: { host: '127.0.0.1', port: 1 } }

interface Puppet {
  readonly ref: SenderRef
  readonly sockets: Socket[]
}

/** A peer that answers every hello, and then reads nothing until it is told to. */
async function puppet(id: string): Promise<Puppet> {
  const sockets: Socket[] = []
  const port = await fixture.server((socket) => {
    sockets.push(socket)
    socket.once('data', () => {
      socket.pause()
      socket.write(
        `${JSON.stringify({ sender: { id, transport: { host: '127.0.0.1', port } }, hello: helloOf(id) })}\r\n`,
      )
    })
    socket.on('end', () => socket.end())
  })
  return { ref: { id, transport: { host: '127.0.0.1', port } }, sockets }
}

/** Gets a node to have a lasting connection to a peer that reads nothing. */
async function stall(node: Node, peer: Puppet): Promise<Socket> {
  for (const [i] of [0, 1].entries()) {
    node.transport.digest(peer.ref, node.ref, [i])
    await until(() => peer.sockets.length > i, 'a connection')
    if (i === 0) peer.sockets[0]?.resume()
  }
  await until(() => node.transport.stats.outboundConnections === 1, 'the lasting connection')
  await node.told.heard('hello', 2)
  return peer.sockets[1] as Socket
}

function page(i: number, bytes: number): object[] {
  return [{ id: 'a', step: 1, claim: { from: String(i), to: null }, filler: 'x'.repeat(bytes) }]
}

limits('a queue is bounded in messages and bytes while its peer takes nothing', async () => {
  const node = await fixture.node('a', { queueMessagesMax: 10 })
  const peer = await puppet('b')
  const socket = await stall(node, peer)
  for (let i = 0; i < 2_000; i++) {
    node.transport.digest(peer.ref, node.ref, page(i, 20_000) as never)
    if (i % 10 === 0) await new Promise(setImmediate)
    const { queuedMessages, outboundBytes } = node.transport.stats
    assert.ok(queuedMessages <= 10)
    // The queue, what waits in the socket, and one message that was begun.
    assert.ok(outboundBytes <= 10 * 21_000 + 262_144 + 65_536 + 21_000, String(outboundBytes))
  }
  assert.is(node.transport.stats.queuedMessages, 10)
  let text = ''
  socket.on('data', (chunk) => (text = (text + chunk.toString()).slice(-30_000)))
  socket.resume()
  await until(() => text.includes('"from":"1999"'), 'the newest message')
  assert.is(node.transport.stats.queuedMessages, 0)
  assert.equal(node.told.errors, [])
})

limits('of messages that repeat each other only the newest waits', async () => {
  const node = await fixture.node('a')
  const peer = await puppet('b')
  const socket = await stall(node, peer)
  for (let i = 0; i < 1_000; i++) {
    node.transport.digest(peer.ref, node.ref, [{ id: 'a', step: 1, round: i, filler: 'x'.repeat(20_000) }])
    node.transport.deltas(peer.ref, node.ref, [i, 'x'.repeat(20_000)])
    if (i % 10 === 0) await new Promise(setImmediate)
  }
  assert.is(node.transport.stats.queuedMessages, 2)
  let text = ''
  socket.on('data', (chunk) => (text = (text + chunk.toString()).slice(-60_000)))
  socket.resume()
  await until(() => text.includes('"round":999') && text.includes('[999,'), 'the newest of both')
})

limits('all queues together are bounded; what does not fit is dropped and told, once a second', async () => {
  const node = await fixture.node('a', { outboundBytesMax: 8 * 2 ** 20, frameBytesMax: 2 ** 20 })
  const peers: Puppet[] = []
  for (const id of ['b', 'c', 'd']) {
    const peer = await puppet(id)
    peers.push(peer)
    node.told.all.length = 0
    for (let i = 0; i < 2; i++) {
      node.transport.digest(peer.ref, node.ref, [i])
      await until(() => peer.sockets.length > i, 'a connection')
      if (i === 0) peer.sockets[0]?.resume()
      await node.told.heard('hello', i + 1)
    }
  }
  for (let i = 0; i < 1_000; i++) {
    for (const peer of peers) node.transport.digest(peer.ref, node.ref, page(i, 200_000) as never)
    if (i % 5 === 0) await new Promise(setImmediate)
    assert.ok(
      node.transport.stats.outboundBytes < 8 * 2 ** 20 + 3 * 300_000,
      String(node.transport.stats.outboundBytes),
    )
  }
  const error = await node.told.error('GOSSIP_QUEUE_FULL')
  assert.match(error.message, /outboundBytesMax is 8388608/)
  assert.ok(node.told.errors.length < 20, `${node.told.errors.length} reports`)
})

limits('a peer that takes nothing cannot use up the room of others: it gives way, and is told of', async () => {
  const node = await fixture.node('a', {
    outboundBytesMax: 4 * 2 ** 20,
    queueBytesMax: 4 * 2 ** 20,
    frameBytesMax: 2 ** 20,
  })
  const slow = await puppet('slow')
  await stall(node, slow)
  for (let i = 0; i < 100; i++) {
    node.transport.digest(slow.ref, node.ref, page(i, 500_000) as never)
    if (i % 5 === 0) await new Promise(setImmediate)
  }
  const good = await fixture.node('good')
  for (let i = 1; i <= 5; i++) {
    node.transport.digest(good.ref, node.ref, page(i, 300_000) as never)
    await good.told.heard('digest', i)
  }
  const full = await node.told.error('GOSSIP_BUFFER_FULL')
  assert.equal([full.direction, full.peer], ['outbound', { transport: slow.ref.transport }])
  await until(() => node.transport.stats.outboundBytes === 0, 'the room to be given back')
})

limits('a peer that takes nothing for the idle time is dropped, and told', async () => {
  const node = await fixture.node('a', { idleTimeoutMs: 300 })
  const peer = await puppet('b')
  const socket = await stall(node, peer)
  const talking = setInterval(() => socket.write('\r\n'), 50)
  for (let i = 0; i < 400; i++) node.transport.digest(peer.ref, node.ref, page(i, 50_000) as never)
  const error = await node.told.error('GOSSIP_CONNECTION_LOST')
  clearInterval(talking)
  assert.match(error.message, /took nothing/)
  assert.equal(error.peer, peer.ref)
  assert.is(node.transport.stats.queuedMessages, 0)
})

limits('a peer that never answers is given up after the idle time, and what waits with it', async () => {
  const node = await fixture.node('a', { idleTimeoutMs: 150 })
  const sockets: Socket[] = []
  const port = await fixture.server((socket) => sockets.push(socket))
  const ref = { id: 'b', transport: { host: '127.0.0.1', port } }
  for (let i = 0; i < 3; i++) node.transport.digest(ref, node.ref, [i])
  const error = await node.told.error('GOSSIP_CONNECTION_LOST')
  assert.equal([error.peer, error.direction], [ref, 'outbound'])
  await until(() => node.transport.stats.outboundConnections === 0, 'no connection left')
  assert.equal([sockets.length, node.transport.stats.queuedMessages], [1, 0])
})

limits('connections without traffic are ended by either side, and opened again when needed', async () => {
  const [a, b] = [await fixture.node('a', { idleTimeoutMs: 100 }), await fixture.node('b')]
  for (let i = 1; i <= 4; i++) {
    a.transport.digest(b.ref, a.ref, [i])
    await b.told.heard('digest', i)
    await until(() => a.transport.stats.outboundConnections + b.transport.stats.inboundConnections === 0, 'the end')
  }
  const c = await fixture.node('c')
  for (let i = 1; i <= 4; i++) {
    c.transport.digest(a.ref, c.ref, [i])
    await a.told.heard('digest', i)
    await until(() => c.transport.stats.outboundConnections + a.transport.stats.inboundConnections === 0, 'the end')
  }
  assert.equal([a.told.errors, b.told.errors, c.told.errors], [[], [], []])
})

limits(
  'one-way traffic is no silence for its receiver, and is not lost when its sender renews the connection',
  async () => {
    const [a, b] = [await fixture.node('a', { idleTimeoutMs: 100 }), await fixture.node('b', { idleTimeoutMs: 5_000 })]
    for (let i = 1; i <= 60; i++) {
      a.transport.digest(b.ref, a.ref, [i])
      await b.told.heard('digest', i)
      await delay(10)
    }
    assert.equal([a.told.errors, b.told.errors], [[], []])
  },
)

limits('no more connections are opened than allowed, and everybody is served', async () => {
  const node = await fixture.node('a', { connectionsMax: 3 })
  const peers = await Promise.all(Array.from({ length: 12 }, (_, i) => fixture.node(`p${i}`)))
  for (let round = 1; round <= 4; round++) {
    for (const peer of peers) node.transport.digest(peer.ref, node.ref, [round])
    assert.ok(node.transport.stats.outboundConnections <= 3)
    for (const peer of peers) await peer.told.heard('digest', round)
  }
  assert.equal(node.told.errors, [])
})

limits('peers that do not answer keep nobody from being served for long', async () => {
  const node = await fixture.node('a', { connectionsMax: 3, handshakeTimeoutMs: 400 })
  for (let i = 0; i < 3; i++) {
    const port = await fixture.server(() => {})
    node.transport.digest({ transport: { host: '127.0.0.1', port } }, node.ref, [])
  }
  const peer = await fixture.node('b')
  node.transport.digest(peer.ref, node.ref, [1])
  await peer.told.heard('digest')
  assert.is((await node.told.error('GOSSIP_CONNECTION_LIMIT')).direction, 'outbound')
})

limits('no more addresses are remembered than allowed', async () => {
  const node = await fixture.node('a', { peersMax: 5 })
  for (let i = 1; i <= 50; i++) {
    node.transport.digest({ transport: { host: '127.0.0.1', port: i } }, node.ref, [])
    assert.ok(node.transport.stats.peers <= 5)
  }
  await until(() => node.transport.stats.outboundConnections === 0, 'all to fail')
})

limits(
  'S1.29 S3.33 beyond the limit of inbound connections a newcomer is refused where all have spoken, and told',
  async () => {
    const node = await fixture.node('a', { inboundConnectionsMax: 3 })
    const sockets: Socket[] = []
    for (let i = 1; i <= 3; i++) {
      const socket = await fixture.socket(node.port)
      sockets.push(socket)
      socket.write(`${JSON.stringify({ digest: [i], sender: SENDER, hello: helloOf('x') })}\n`)
      await node.told.heard('digest', i)
    }
    const refused = await fixture.socket(node.port, false)
    refused.resume()
    await once(refused, 'close')
    const error = await node.told.error('GOSSIP_CONNECTION_LIMIT')
    assert.is(error.direction, 'inbound')
    sockets[0]?.write(`${JSON.stringify({ digest: [4], sender: SENDER })}\n`)
    await node.told.heard('digest', 4)
    assert.is(node.transport.stats.inboundConnections, 3)
  },
)

limits.run()
