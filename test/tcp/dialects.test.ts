import type { Socket } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue, SenderRef } from '../../src/core/index.ts'
import { Fixture, helloOf, type Node, OldTransport, type Recording, readAll } from './fixture.ts'

const dialects = suite('tcp: dialects')
const fixture = new Fixture()
const olds: OldTransport[] = []
dialects.after.each(async () => {
  for (const old of olds.splice(0)) await new Promise<void>((resolve) => old.close(resolve))
  await fixture.closeAll()
})

const OLD_DIGEST =
  '{"digest":[{"id":"L","maxVersionSeen":0,"transport":{"host":"127.0.0.1","port":9742}}],' +
  '"sender":{"id":"L","transport":{"host":"127.0.0.1","port":9742}}}\r\n'
const OLD_DELTAS =
  '{"deltas":[["L","foo","bär",1]],"sender":{"id":"L","transport":{"host":"127.0.0.1","port":9742}}}\r\n'
const L = { id: 'L', transport: { host: '127.0.0.1', port: 9742 } }

interface OldNode {
  readonly transport: OldTransport
  readonly ref: SenderRef
  readonly got: [event: string, sender: SenderRef, payload: JsonValue][]
}

/** A listening transport of the first generation. It cannot bind port 0, so it is given one that was just free. */
async function oldNode(id: string): Promise<OldNode> {
  const port = await freePort()
  const transport = new OldTransport({ host: '127.0.0.1', port })
  const got: OldNode['got'] = []
  for (const event of ['digest', 'deltas']) {
    transport.on(event, (sender: SenderRef, payload: JsonValue) => got.push([event, sender, payload]))
  }
  transport.on('error', (error: Error) => got.push(['error', { id: error.message, transport: null }, null]))
  await new Promise<void>((resolve) => transport.listen(resolve))
  olds.push(transport)
  return { transport, ref: { id, transport: { host: '127.0.0.1', port } }, got }
}

async function freePort(): Promise<number> {
  const probe = new Fixture()
  const port = await probe.server(() => {})
  await probe.closeAll()
  return port
}

/** What a listening peer gets: one entry per connection, when it ends. */
async function spy(onSocketEnd: (socket: Socket, text: string) => void): Promise<{ texts: string[]; ref: SenderRef }> {
  const texts: string[] = []
  const port = await fixture.server(async (socket) => {
    const text = (await readAll(socket)).toString()
    texts.push(text)
    onSocketEnd(socket, text)
  })
  return { texts, ref: { id: 'spy', transport: { host: '127.0.0.1', port } } }
}

async function exchange(from: Node, to: Node, payload: JsonValue, times: number): Promise<void> {
  from.transport.digest(to.ref, from.ref, payload)
  assert.equal(await to.told.heard('digest', times), [from.ref, payload])
}

dialects(
  'S2.17 an old node’s digest and deltas arrive, with or without the end of the line, with or without CR',
  async () => {
    const node = await fixture.node('a')
    const forms = [OLD_DIGEST, OLD_DIGEST.trimEnd(), OLD_DIGEST.replace('\r', '')]
    for (const [i, text] of forms.entries()) {
      const socket = await fixture.socket(node.port)
      socket.end(text)
      assert.is((await readAll(socket)).length, 0, 'an old node is never sent a byte')
      const digest = [{ id: 'L', maxVersionSeen: 0, transport: L.transport }]
      assert.equal(await node.told.heard('digest', i + 1), [L, digest])
    }
    const socket = await fixture.socket(node.port)
    socket.end(OLD_DELTAS)
    assert.equal(await node.told.heard('deltas'), [L, [['L', 'foo', 'bär', 1]]])
  },
)

dialects('S2.17 deltas win over a digest in the same message', async () => {
  const node = await fixture.node('a')
  const socket = await fixture.socket(node.port)
  socket.end(`{"digest":[1],"deltas":[2],"sender":${JSON.stringify(L)}}`)
  assert.equal(await node.told.heard('deltas'), [L, [2]])
  assert.is(node.told.of('digest').length, 0)
})

dialects('S2.14 S2.15 S2.16 without an introduction it writes the old dialect byte for byte', async () => {
  const { texts, ref } = await spy((socket) => socket.end())
  const node = await fixture.alone('L')
  node.transport.digest(ref, L, [{ id: 'L', maxVersionSeen: 0, transport: L.transport }])
  node.transport.deltas(ref, L, [['L', 'foo', 'bär', 1]])
  await node.told.until(() => texts.length === 2, 'two connections')
  assert.equal(texts, [OLD_DIGEST, OLD_DELTAS])
})

dialects('old and new exchange messages in both directions', async () => {
  const [old, node] = [await oldNode('old'), await fixture.node('new', { acceptOldPeers: true })]
  for (let i = 1; i <= 5; i++) {
    old.transport.digest(node.ref, old.ref, [i])
    assert.equal(await node.told.heard('digest', i), [old.ref, [i]])
    node.transport.digest(old.ref, node.ref, [i, 'ä€😀'])
    node.transport.deltas(old.ref, node.ref, [i])
    await node.told.until(() => old.got.length === 2 * i, 'both at the old node')
    assert.equal(old.got.slice(-2), [
      ['digest', node.ref, [i, 'ä€😀']],
      ['deltas', node.ref, [i]],
    ])
  }
  assert.equal(node.told.errors, [])
})

dialects(
  'S2.14 an old node gets every message on a connection of its own, ended at once, with the hello in it',
  async () => {
    const { texts, ref } = await spy((socket) => socket.end())
    const node = await fixture.node('a')
    for (let i = 1; i <= 4; i++) {
      node.transport.digest(ref, node.ref, [i])
      await node.told.until(() => texts.length === i, 'the next connection')
    }
    for (const [i, text] of texts.entries()) {
      assert.equal(JSON.parse(text), { digest: [i + 1], sender: node.ref, hello: helloOf('a') })
      assert.ok(text.endsWith('}\r\n'))
    }
  },
)

dialects('messages to an old node arrive in order, one connection at a time', async () => {
  const old = await oldNode('old')
  const node = await fixture.node('new')
  for (let i = 0; i < 50; i++)
    node.transport.digest(old.ref, node.ref, [{ id: 'new', step: 1, claim: { from: `${i}` } }])
  await node.told.until(() => old.got.length === 50, 'fifty digests')
  const pages = old.got.map(([, , digest]) => (digest as { claim: { from: string } }[])[0]?.claim.from)
  assert.equal(
    pages,
    Array.from({ length: 50 }, (_, i) => String(i)),
  )
})

dialects('a large message to and from an old node is whole', async () => {
  const [old, node] = [await oldNode('old'), await fixture.node('new')]
  const large = Array.from({ length: 20_000 }, (_, i) => ['old', `key €${i}`, 'x'.repeat(50), i])
  old.transport.deltas(node.ref, old.ref, large)
  assert.equal((await node.told.heard('deltas'))[1], large)
  node.transport.deltas(old.ref, node.ref, large)
  await node.told.until(() => old.got.length === 1, 'deltas at the old node')
  // The old package decodes chunk by chunk, so of characters beyond ASCII only those that no chunk cuts survive.
  assert.is((old.got[0]?.[2] as unknown[] | undefined)?.length, large.length)
})

dialects('the first message is a half-closed connection that is answered with a hello, then ended', async () => {
  const node = await fixture.node('a')
  const socket = await fixture.socket(node.port)
  const sender = { id: 'b', transport: { host: '127.0.0.1', port: 1 } }
  socket.end(`${JSON.stringify({ digest: [1], sender, hello: helloOf('b') })}\r\n`)
  const answer = (await readAll(socket)).toString()
  assert.is(answer, `${JSON.stringify({ sender: node.ref, hello: helloOf('a') })}\r\n`)
  assert.equal(node.told.of('hello'), [[sender, helloOf('b')]])
  assert.equal(node.told.of('digest'), [[sender, [1]]])
})

dialects('between nodes of this generation one lasting connection carries everything both ways', async () => {
  const [a, b] = [await fixture.node('a'), await fixture.node('b')]
  await exchange(a, b, [1], 1)
  await a.told.until(() => outbound(a) === 0, 'the end of the first connection')
  for (let i = 2; i <= 10; i++) await exchange(a, b, [i], i)
  // The first message was a connection of its own; what lasts said hello once.
  assert.is(b.told.of('hello').length, 2)
  assert.is(a.told.of('hello').length, 2)
  for (let i = 1; i <= 10; i++) {
    await exchange(b, a, [i], i)
    await exchange(a, b, [i], i + 10)
  }
  assert.equal([outbound(a), outbound(b), a.transport.stats.inboundConnections], [1, 0, 0])
  assert.equal([a.told.errors, b.told.errors], [[], []])
})

dialects('of two connections dialled at once, the one dialled by the lower id stays, whoever is faster', async () => {
  for (const [x, y] of [
    ['a', 'b'],
    ['b', 'a'],
  ] as const) {
    const [first, second] = [await fixture.node(x), await fixture.node(y)]
    await Promise.all([exchange(first, second, [1], 1), exchange(second, first, [1], 1)])
    await first.told.until(() => outbound(first) + outbound(second) <= 1, 'the first messages to be answered')
    for (let i = 2; i < 30; i++) await Promise.all([exchange(first, second, [i], i), exchange(second, first, [i], i)])
    const [low, high] = x === 'a' ? [first, second] : [second, first]
    await low.told.until(() => outbound(low) + outbound(high) === 1, 'one connection')
    assert.equal([first.told.errors, second.told.errors], [[], []])
    await fixture.closeAll()
  }
})

function outbound(node: Node): number {
  return node.transport.stats.outboundConnections
}

dialects('a peer that is restarted at its address is found again, and nothing sent to it then is lost', async () => {
  const a = await fixture.node('a')
  let b = await fixture.node('b')
  for (const times of [1, 2]) await exchange(a, b, [times], times)
  await b.transport.close()
  b = await fixture.node('b', { port: b.port }, { generation: 2 })
  for (const times of [1, 2, 3]) await exchange(a, b, [times], times)
  await a.told.until(() => helloGeneration(a.told) === 2, 'the new life')
})

dialects('a connection to a former life of a peer gives way to one of its present life', async () => {
  const a = await fixture.node('a')
  const former: Socket[] = []
  const port = await fixture.server((socket) => {
    former.push(socket)
    socket.resume()
    const sender = { id: 'b', transport: { host: '127.0.0.1', port } }
    socket.write(`${JSON.stringify({ sender, hello: helloOf('b', { generation: 1 }) })}\r\n`)
    if (former.length === 1) socket.end()
  })
  const ref = { id: 'b', transport: { host: '127.0.0.1', port } }
  for (const times of [1, 2]) {
    a.transport.digest(ref, a.ref, [times])
    await a.told.heard('hello', times)
  }
  const present = await fixture.socket(a.port)
  present.write(`${JSON.stringify({ digest: [], sender: ref, hello: helloOf('b', { generation: 2 }) })}\r\n`)
  await a.told.heard('hello', 3)
  a.transport.digest(ref, a.ref, ['for the present life'])
  let text = ''
  present.on('data', (chunk) => (text += chunk.toString()))
  await a.told.until(() => text.includes('for the present life'), 'the digest')
})

dialects('a node rolled back to the old package is recognised by what it does', async () => {
  const a = await fixture.node('a', { handshakeTimeoutMs: 100 })
  const b = await fixture.node('b')
  await exchange(a, b, [1], 1)
  await exchange(a, b, [2], 2)
  await b.transport.close()
  const texts: string[] = []
  const old = new OldTransport({ host: '127.0.0.1', port: b.port })
  old.on('digest', (_: SenderRef, digest: JsonValue) => texts.push(JSON.stringify(digest)))
  await new Promise<void>((resolve) => old.listen(resolve))
  olds.push(old)
  for (let i = 3; i < 6; i++) {
    a.transport.digest(b.ref, a.ref, [i])
    await a.told.until(() => texts.length === i - 2, `digest ${i}`)
  }
  assert.equal(texts, ['[3]', '[4]', '[5]'])
})

dialects('an old node that is upgraded is recognised by its answer', async () => {
  const a = await fixture.node('a')
  const old = await oldNode('b')
  a.transport.digest(old.ref, a.ref, [1])
  await a.told.until(() => old.got.length === 1, 'the digest')
  await new Promise<void>((resolve) => old.transport.close(resolve))
  olds.splice(0)
  const { port } = old.ref.transport as { port: number }
  const b = await fixture.node('b', { port })
  for (const times of [1, 2, 3]) await exchange(a, b, [times], times)
  assert.is(a.told.of('hello').length, 2)
})

dialects('another id at the same address is told by its hello, and gets what was meant for the address', async () => {
  const a = await fixture.node('a')
  let b = await fixture.node('b')
  await exchange(a, b, [1], 1)
  await b.transport.close()
  b = await fixture.node('c', { port: b.port })
  a.transport.digest({ id: 'b', transport: b.ref.transport }, a.ref, [2])
  assert.equal(await b.told.heard('digest'), [a.ref, [2]])
  await a.told.until(() => a.told.of('hello').at(-1)?.[0] !== undefined && idOf(a.told.of('hello').at(-1)) === 'c', 'c')
})

function idOf(hello: readonly unknown[] | undefined): string | undefined {
  return (hello?.[0] as SenderRef | undefined)?.id
}

dialects('who claims an address under another id gets nothing that is meant for the one there', async () => {
  const [a, b] = [await fixture.node('a'), await fixture.node('b')]
  const liar = await fixture.socket(a.port)
  const heard: Buffer[] = []
  liar.on('data', (chunk) => heard.push(chunk))
  liar.write(
    `${JSON.stringify({ digest: [], sender: { id: 'x', transport: b.ref.transport }, hello: helloOf('x') })}\r\n`,
  )
  await a.told.heard('hello')
  await exchange(a, b, ['secret'], 1)
  a.transport.digest({ transport: b.ref.transport }, a.ref, ['seed'])
  assert.equal(await b.told.heard('digest', 2), [a.ref, ['seed']])
  assert.not.match(Buffer.concat(heard).toString(), /secret|seed/)
})

dialects('a node of another cluster is refused on both sides, and nothing of it is told', async () => {
  const a = await fixture.node('a')
  const b = await fixture.node('b', {}, { clusterId: 'other' })
  a.transport.digest(b.ref, a.ref, [1])
  const [there, here] = [await b.told.error('GOSSIP_CLUSTER_FOREIGN'), await a.told.error('GOSSIP_CLUSTER_FOREIGN')]
  assert.equal(there.peer, a.ref)
  assert.equal(here.peer, b.ref)
  for (const node of [a, b]) {
    assert.equal([node.told.of('digest'), node.told.of('hello')], [[], []])
    await node.told.until(() => node.transport.stats.inboundConnections + outbound(node) === 0, 'no connection left')
  }
})

dialects('a refused connection is answered, ended, and not read any further', async () => {
  const a = await fixture.node('a')
  const socket = await fixture.socket(a.port)
  const sender = { id: 'b', transport: { host: '127.0.0.1', port: 1 } }
  const foreign = JSON.stringify({ digest: [1], sender, hello: helloOf('b', { clusterId: 'other' }) })
  const good = JSON.stringify({ digest: [2], sender, hello: helloOf('b') })
  socket.write(`${foreign}\r\n${good}\r\n`)
  const answer = (await readAll(socket)).toString()
  assert.is(answer, `${JSON.stringify({ sender: a.ref, hello: helloOf('a') })}\r\n`)
  socket.write(`${good}\r\n`)
  await a.told.until(() => a.transport.stats.inboundConnections === 0, 'the connection to be dropped')
  assert.equal([a.told.of('digest'), a.told.of('hello')], [[], []])
  assert.is(a.told.errors.length, 1)
})

dialects('S3.10 a node that speaks another version of the protocol is refused on both sides', async () => {
  const a = await fixture.node('a')
  const b = await fixture.node('b', {}, { protocolVersion: 2 })
  a.transport.digest(b.ref, a.ref, [1])
  await Promise.all([a, b].map((node) => node.told.error('GOSSIP_PROTOCOL_UNSUPPORTED')))
  assert.equal(b.told.of('digest'), [])
})

dialects('two transports that were never introduced talk like old ones', async () => {
  const [a, b] = [await fixture.alone('a'), await fixture.alone('b')]
  for (const times of [1, 2, 3]) await exchange(a, b, [times], times)
  assert.equal([a.told.of('hello'), b.told.of('hello')], [[], []])
})

dialects('a node without introduction and one with it talk', async () => {
  const [a, b] = [await fixture.alone('a'), await fixture.node('b')]
  for (const times of [1, 2, 3]) {
    await exchange(a, b, [times], times)
    await exchange(b, a, [times], times)
  }
})

dialects('peers that are connected learn of a new hello', async () => {
  const [a, b] = [await fixture.node('a'), await fixture.node('b')]
  await exchange(a, b, [1], 1)
  await exchange(a, b, [2], 2)
  await a.told.until(() => b.transport.stats.inboundConnections === 1, 'the lasting connection')
  await exchange(a, b, [3], 3)
  a.transport.introduce(helloOf('a', { generation: 9 }))
  await b.told.until(() => helloGeneration(b.told) === 9, 'the new hello')
})

function helloGeneration(told: Recording): number | undefined {
  return (told.of('hello').at(-1)?.[1] as { generation: number } | undefined)?.generation
}

dialects.run()
