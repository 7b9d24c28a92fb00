/** Whatever arrives on a socket: the transport tells an error, closes that connection, and goes on. */

import { once } from 'node:events'
import type { Socket } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue, SenderRef } from '../../src/core/index.ts'
import { delay, Fixture, helloOf, type Node, until } from './fixture.ts'

const hostile = suite('tcp: hostile input')
const fixture = new Fixture()
hostile.after.each(() => fixture.closeAll())

const SENDER = { id: 'x', transport: { host: '127.0.0.1', port: 1 } }

/** Sends bytes and the end on a connection of their own, and waits until it is closed. */
async function send(node: Node, bytes: string | Buffer): Promise<void> {
  const socket = await fixture.socket(node.port, false)
  const closed = once(socket, 'close')
  socket.resume()
  socket.end(bytes)
  await closed
}

/** The claim behind every test here: a good message still arrives, and nothing is left behind. */
async function assertWorks(node: Node): Promise<void> {
  const before = node.told.of('digest').length
  await send(node, `${JSON.stringify({ digest: ['good'], sender: SENDER })}\r\n`)
  assert.equal(await node.told.heard('digest', before + 1), [SENDER, ['good']])
  assert.is(node.transport.stats.inboundBytes, 0)
}

hostile('what is not JSON is an error with code, peer and direction, and costs the connection', async () => {
  const node = await fixture.node('a')
  const texts = [
    'hello\r\n',
    '{"digest":[\r\n',
    '{}{}\n',
    'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    '\0\0\0\n',
    '{"a":1,}\n',
    'NaN\n',
  ]
  for (const [i, text] of texts.entries()) {
    await send(node, text)
    await node.told.heard('error', i + 1)
  }
  for (const error of node.told.errors) {
    assert.is(error.code, 'GOSSIP_MESSAGE_MALFORMED')
    assert.is(error.direction, 'inbound')
    assert.match(JSON.stringify(error.peer), /127\.0\.0\.1/)
    assert.instance(error.cause, Error)
  }
  await assertWorks(node)
})

hostile('what comes behind a bad line on the same connection is not read', async () => {
  const node = await fixture.node('a')
  const good = `${JSON.stringify({ digest: [1], sender: SENDER })}\n`
  for (const [i, bad] of ['not JSON', '{"digest":[],"sender":null}', 'null'].entries()) {
    await send(node, `${good}${bad}\n${good}${good}`)
    await node.told.heard('error', i + 1)
    assert.is(node.told.of('digest').length, i + 1)
  }
  await assertWorks(node)
})

hostile('half a message and the end is an error', async () => {
  const node = await fixture.node('a')
  const whole = JSON.stringify({ digest: [1], sender: SENDER })
  for (const [i, length] of [1, 10, whole.length - 1].entries()) {
    await send(node, whole.slice(0, length))
    await node.told.heard('error', i + 1)
  }
  assert.is(node.told.of('digest').length, 0)
  await assertWorks(node)
})

hostile('a body that is null is an error, first, last, or between messages', async () => {
  const node = await fixture.node('a')
  const good = `${JSON.stringify({ digest: [1], sender: SENDER })}\n`
  for (const [i, text] of [
    'null',
    'null\r\n',
    ' null \n',
    `${good}null`,
    `null\n${good}`,
    `${good}null\n${good}`,
  ].entries()) {
    await send(node, text)
    await node.told.heard('error', i + 1)
    assert.is(node.told.errors.at(-1)?.code, 'GOSSIP_MESSAGE_MALFORMED')
  }
  await assertWorks(node)
})

hostile('nothing at all, blank lines and half a connection are no errors', async () => {
  const node = await fixture.node('a')
  for (const text of ['', '\r\n', '\n\n\r\n\n']) await send(node, text)
  assert.equal(node.told.errors, [])
  await assertWorks(node)
})

hostile('a connection that is reset in the middle of a message harms nothing', async () => {
  const node = await fixture.node('a')
  for (let i = 0; i < 20; i++) {
    const socket = await fixture.socket(node.port)
    socket.write('{"digest":[1,2')
    await until(() => node.transport.stats.inboundBytes > 0, 'half a message')
    socket.resetAndDestroy()
    await until(() => node.transport.stats.inboundConnections === 0, 'the end of the connection')
  }
  await node.told.heard('error', 20)
  await assertWorks(node)
})

hostile('gossip without a sender, or with any part of it of the wrong type, is an error', async () => {
  const node = await fixture.node('a')
  const wrong: unknown[] = [undefined, null, 0, 1e308, true, '', 'x', [], [[]], {}, { a: 1 }]
  const messages: unknown[] = []
  for (const kind of ['digest', 'deltas']) {
    for (const value of wrong) messages.push({ [kind]: [], sender: value })
    for (const id of wrong.filter((value) => value !== 'x')) messages.push({ [kind]: [], sender: { ...SENDER, id } })
    messages.push({ [kind]: [], sender: { id: 'x' } }, { [kind]: [], sender: { id: 'x'.repeat(300), transport: 1 } })
    messages.push({ [kind]: [], sender: { id: 'x', transport: 'y'.repeat(2_000) } })
    for (const field of Object.keys(helloOf('x'))) {
      for (const value of [null, -1, 1.5, {}, [1], 'x'.repeat(300)]) {
        messages.push({ [kind]: [], sender: SENDER, hello: { ...helloOf('x'), [field]: value } })
      }
    }
  }
  for (const [i, message] of messages.entries()) {
    await send(node, JSON.stringify(message))
    await node.told.heard('error', i + 1)
    assert.is(node.told.errors.at(-1)?.code, 'GOSSIP_MESSAGE_MALFORMED', JSON.stringify(message))
  }
  assert.equal([node.told.of('digest'), node.told.of('deltas')], [[], []])
  await assertWorks(node)
})

hostile('a payload of any type arrives as it is: its shape is for the engine to check', async () => {
  const node = await fixture.node('a')
  const payloads: JsonValue[] = [0, -1, 1e308, true, '', 'x', {}, [[]], JSON.parse(`{"constructor":1}`), [null], null]
  for (const [i, payload] of payloads.entries()) {
    await send(node, JSON.stringify({ digest: payload, sender: SENDER }))
    assert.equal(await node.told.heard('digest', i + 1), [SENDER, payload])
  }
  await assertWorks(node)
})

hostile('names that mean something to JavaScript are names like any other', async () => {
  const node = await fixture.node('a')
  const ids = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'then']
  for (const [i, id] of ids.entries()) {
    const sender = `{"id":"${id}","transport":{"host":"127.0.0.1","port":1},"__proto__":{"polluted":1}}`
    const hello = `{"protocolVersion":1,"clusterId":"test","id":"${id}","generation":1,"features":[],"valueBytesMax":1}`
    await send(node, `{"digest":[{"id":"${id}","__proto__":{"polluted":1}}],"sender":${sender},"hello":${hello}}`)
    const [peer] = await node.told.heard('digest', i + 1)
    assert.equal(peer, { id, transport: SENDER.transport })
    node.transport.digest(peer as SenderRef, node.ref, [])
  }
  assert.is(({} as { polluted?: number }).polluted, undefined)
  await node.told.error('GOSSIP_CONNECT_FAILED')
  await assertWorks(node)
})

hostile('nesting of any depth is an error, wherever it stands', async () => {
  const node = await fixture.node('a')
  const deep = `${'['.repeat(500_000)}${']'.repeat(500_000)}`
  const objects = `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`
  const texts = [
    deep,
    objects,
    `{"digest":${deep},"sender":${JSON.stringify(SENDER)}}`,
    `{"digest":[],"sender":${deep}}`,
    `{"digest":[],"sender":{"id":"x","transport":${deep}}}`,
    `{"digest":[],"sender":${JSON.stringify(SENDER)},"hello":${objects}}`,
    '['.repeat(1_000_000),
  ]
  for (const [i, text] of texts.entries()) {
    await send(node, `${text}\n`)
    await node.told.heard('error', i + 1)
    assert.is(node.told.errors.at(-1)?.code, 'GOSSIP_MESSAGE_MALFORMED')
  }
  await assertWorks(node)
})

hostile('UTF-8 that is cut across chunks at every byte is whole again', async () => {
  const node = await fixture.node('a')
  const payload = ['a¢€😀', { 'ключ\u0000': '值' }]
  const bytes = Buffer.from(`${JSON.stringify({ digest: payload, sender: { ...SENDER, id: 'ü😀' } })}\r\n`)
  const socket = await fixture.socket(node.port)
  let received = 0
  node.transport.on('digest', () => received++)
  for (let cut = 1; cut < bytes.length; cut++) {
    socket.write(bytes.subarray(0, cut))
    await until(() => node.transport.stats.inboundBytes > 0, 'the first part')
    socket.write(bytes.subarray(cut))
    await until(() => received === cut, 'the second part')
  }
  for (const byte of bytes) {
    socket.write(Uint8Array.of(byte))
    await delay(0)
  }
  await until(() => received === bytes.length, 'the last message')
  for (const [peer, digest] of node.told.of('digest')) {
    assert.equal([peer, digest], [{ ...SENDER, id: 'ü😀' }, payload])
  }
  await assertWorks(node)
})

hostile('bytes that are no UTF-8 are replaced, never passed on', async () => {
  const node = await fixture.node('a')
  const text = JSON.stringify({ digest: ['?'], sender: SENDER })
  const at = text.indexOf('?')
  await send(
    node,
    Buffer.concat([Buffer.from(text.slice(0, at)), Buffer.from([0xff, 0xc3]), Buffer.from(text.slice(at + 1))]),
  )
  assert.equal((await node.told.heard('digest'))[1], ['\ufffd\ufffd'])
  await assertWorks(node)
})

hostile('a line of a gigabyte is cut off at the limit, while it arrives', async () => {
  const node = await fixture.node('a')
  const rssBefore = process.memoryUsage.rss()
  const socket = await fixture.socket(node.port)
  const chunk = Buffer.alloc(1_048_576, 'x')
  let sent = 0
  while (sent < 1_024 && !socket.destroyed) {
    sent++
    if (!socket.write(chunk)) await until(() => socket.destroyed || !socket.writableNeedDrain, 'room')
  }
  const error = await node.told.error('GOSSIP_FRAME_TOO_LARGE')
  assert.is(error.direction, 'inbound')
  assert.ok(sent < 64, `${sent} MiB were taken`)
  const grownMiB = (process.memoryUsage.rss() - rssBefore) / 2 ** 20
  assert.ok(grownMiB < 128, `memory grew by ${grownMiB} MiB`)
  await assertWorks(node)
})

hostile('unfinished messages of many connections together stay within their budget; the largest goes', async () => {
  const node = await fixture.node('a', { inboundBytesMax: 4 * 2 ** 20 })
  const sockets: Socket[] = []
  for (let i = 0; i < 40; i++) {
    const socket = await fixture.socket(node.port)
    sockets.push(socket)
    socket.write(`{"digest":"${'x'.repeat(500_000 + i)}`)
    await until(() => socket.bytesWritten > 500_000 && socket.writableLength === 0, 'the bytes to leave')
    assert.ok(node.transport.stats.inboundBytes <= 5 * 2 ** 20, String(node.transport.stats.inboundBytes))
  }
  await node.told.error('GOSSIP_BUFFER_FULL')
  const before = node.told.of('digest').length
  await send(node, `${JSON.stringify({ digest: 'y'.repeat(300_000), sender: SENDER })}\r\n`)
  await node.told.heard('digest', before + 1)
  for (const socket of sockets) socket.destroy()
  await until(() => node.transport.stats.inboundConnections === 0, 'the end of them')
  await assertWorks(node)
})

hostile('who drips a message byte by byte is cut off at the deadline, and delays nobody', async () => {
  const node = await fixture.node('a', { frameTimeoutMs: 400 })
  const sockets = await Promise.all(Array.from({ length: 50 }, () => fixture.socket(node.port)))
  let isDripping = true
  const dripping = (async () => {
    for (let i = 0; isDripping; i++) {
      for (const socket of sockets) if (!socket.destroyed) socket.write(i === 0 ? '{' : ' ')
      await delay(10)
    }
  })()
  await until(() => node.transport.stats.inboundBytes > 0, 'the first drop')
  await send(node, `${JSON.stringify({ digest: ['meanwhile'], sender: SENDER })}\r\n`)
  await node.told.heard('digest')
  await node.told.heard('error', 50)
  assert.is(node.told.errors[0]?.code, 'GOSSIP_FRAME_TIMEOUT')
  isDripping = false
  await dripping
  await until(() => node.transport.stats.inboundConnections === 0, 'no connection left')
  await assertWorks(node)
})

hostile('who says nothing is cut off at the deadline', async () => {
  const node = await fixture.node('a', { handshakeTimeoutMs: 100 })
  const socket = await fixture.socket(node.port)
  await Promise.race([once(socket, 'close'), once(socket, 'end')])
  const error = await node.told.error('GOSSIP_HANDSHAKE_TIMEOUT')
  assert.is(error.direction, 'inbound')
  assert.match(JSON.stringify(error.peer), /127\.0\.0\.1/)
  await assertWorks(node)
})

hostile('ten megabytes of tiny messages from one connection are read in bounded memory', async () => {
  const node = await fixture.node('a', { messagesPerSecondMax: 1_000_000 })
  let received = 0
  node.transport.removeAllListeners('rpc')
  node.transport.on('rpc', () => received++)
  const lines = '{"a":[{},{},{},{}]}\n'.repeat(5_000)
  const rssBefore = process.memoryUsage.rss()
  const socket = await fixture.socket(node.port)
  for (let i = 0; i < 100; i++) if (!socket.write(lines)) await once(socket, 'drain')
  await until(() => received === 500_000, 'all of them')
  assert.ok((process.memoryUsage.rss() - rssBefore) / 2 ** 20 < 256)
  socket.destroy()
  await assertWorks(node)
})

hostile('a peer that answers with rubbish is an error, and costs only its own connection', async () => {
  const a = await fixture.node('a')
  for (const [i, answer] of [
    'rubbish\n',
    'null\n',
    '{"sender":{},"hello":{"protocolVersion":1}}\n',
    '{}\n',
    'half',
  ].entries()) {
    const port = await fixture.server((socket) => {
      socket.resume()
      socket.end(answer)
    })
    a.transport.digest({ id: 'b', transport: { host: '127.0.0.1', port } }, a.ref, [1])
    await a.told.heard('error', i + 1)
    assert.equal(a.told.errors.at(-1)?.direction === 'inbound' || a.told.errors.at(-1)?.direction === 'outbound', true)
  }
  await assertWorks(a)
})

hostile.run()
