/** Who sends more than is read has to wait, and whoever goes on is disconnected; nobody else waits. */

import type { Socket } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Fixture, helloOf, type Node, until } from './fixture.ts'

const pace = suite('tcp: pace')
const fixture = new Fixture()
pace.after.each(() => fixture.closeAll())

const SENDER = { id: 'x', transport: { host: '127.0.0.1', port: 1 } }

function line(payload: unknown, isIntroduced: boolean = false): string {
  return `${JSON.stringify({ digest: payload, sender: SENDER, ...(isIntroduced ? { hello: helloOf('x') } : {}) })}\r\n`
}

function hears(node: Node, word: string): boolean {
  return node.told.of('digest').some(([, digest]) => (digest as unknown[])[0] === word)
}

async function introduced(node: Node): Promise<Socket> {
  const before = node.told.of('digest').length
  const socket = await fixture.socket(node.port)
  socket.write(line(['first'], true))
  await node.told.heard('digest', before + 1)
  return socket
}

pace('beyond its rate a peer is not read for a while, loses nothing, and nobody else waits', async () => {
  const node = await fixture.node('a', { messagesPerSecondMax: 100 })
  const fast = await introduced(node)
  const good = await introduced(node)
  for (let i = 0; i < 600; i++) fast.write(line([i]))
  await until(() => node.transport.stats.pausedConnections === 1, 'the pause')
  const waiting = 600 + 2 - node.told.of('digest').length
  good.write(line(['good']))
  await node.told.until(() => hears(node, 'good'), 'the good one')
  assert.is(node.transport.stats.pausedConnections, 1, `${waiting} were waiting`)
  await node.told.heard('digest', 603)
  await until(() => node.transport.stats.pausedConnections === 0, 'the end of the pause')
  assert.equal(node.told.errors, [])
})

pace('bytes are paced as messages are', async () => {
  const node = await fixture.node('a', { bytesPerSecondMax: 200_000, frameBytesMax: 100_000 })
  const fast = await introduced(node)
  for (let i = 0; i < 30; i++) fast.write(line('x'.repeat(50_000)))
  await until(() => node.transport.stats.pausedConnections === 1, 'the pause')
  await node.told.heard('digest', 31)
  assert.equal(node.told.errors, [])
})

pace('strangers of one address share a rate, whichever connections they use', async () => {
  const node = await fixture.node('a', { messagesPerSecondMax: 100 })
  for (let i = 0; i < 3; i++) {
    const socket = await fixture.socket(node.port, true, '127.0.0.66')
    for (let k = 0; k < 200; k++) socket.write(line([k]))
  }
  await until(() => node.transport.stats.pausedConnections > 0, 'a pause')
  const newcomer = await fixture.socket(node.port, true, '127.0.0.66')
  newcomer.write(line(['newcomer']))
  const elsewhere = await fixture.socket(node.port, true, '127.0.0.67')
  elsewhere.write(line(['elsewhere']))
  const heard = (word: string): boolean => hears(node, word)
  await node.told.until(() => heard('elsewhere'), 'the other address')
  assert.not(heard('newcomer'))
  await node.told.until(() => heard('newcomer'), 'the end of the wait')
})

pace('whoever goes on sending as much as is read is disconnected, with a code', async () => {
  const node = await fixture.node('a', { messagesPerSecondMax: 400, rateTimeoutMs: 500 })
  const flood = await introduced(node)
  const text = line(['flood']).repeat(100)
  const writing = setInterval(() => {
    if (!flood.writableNeedDrain) flood.write(text)
  }, 5)
  const error = await node.told.error('GOSSIP_RATE_EXCEEDED')
  clearInterval(writing)
  assert.match(error.message, /messagesPerSecondMax is 400/)
  assert.equal([error.peer, error.direction], [SENDER, 'inbound'])
  await until(() => node.transport.stats.inboundConnections === 0, 'the end')
})

pace('a deadline does not count the time in which nothing was read', async () => {
  const node = await fixture.node('a', { messagesPerSecondMax: 50, idleTimeoutMs: 300, frameTimeoutMs: 300 })
  const fast = await introduced(node)
  for (let i = 0; i < 300; i++) fast.write(line([i]))
  const half = line(['half'])
  fast.write(half.slice(0, 20))
  await until(() => node.transport.stats.pausedConnections === 1, 'the pause')
  fast.write(half.slice(20))
  await node.told.heard('digest', 302)
  assert.equal(node.told.errors, [])
})

pace('a transport closes at once although it reads nothing', async () => {
  const node = await fixture.node('a', { messagesPerSecondMax: 1, closeTimeoutMs: 20_000 })
  const fast = await introduced(node)
  fast.on('end', () => fast.end())
  fast.resume()
  for (let i = 0; i < 100; i++) fast.write(line([i]))
  await until(() => node.transport.stats.pausedConnections === 1, 'the pause')
  const startMs = performance.now()
  await node.transport.close()
  assert.ok(performance.now() - startMs < 10_000)
})

pace.run()
