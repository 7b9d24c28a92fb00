/** A message names the address that replies go to: nobody can point a node at somebody else and have it shout. */

import type { Socket } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { SenderRef } from '../../src/core/index.ts'
import { delay, Fixture, helloOf, type Node, until } from './fixture.ts'

const replies = suite('tcp: replies')
const fixture = new Fixture()
replies.after.each(() => fixture.closeAll())

interface Victim {
  readonly ref: SenderRef
  bytes: number
  dials: number
}

/** Somebody who knows nothing of gossip, and says `answer` to everybody. */
async function victim(answer: (socket: Socket) => void = (socket) => socket.end()): Promise<Victim> {
  const facts = { bytes: 0, dials: 0 }
  const port = await fixture.server((socket) => {
    facts.dials++
    socket.on('data', (chunk) => (facts.bytes += chunk.length))
    socket.on('end', () => answer(socket))
  })
  return Object.assign(facts, { ref: { id: 'victim', transport: { host: '127.0.0.1', port } } })
}

/** A stranger's message in somebody's name; returns its bytes. */
async function claim(node: Node, ref: SenderRef, isIntroduced: boolean = true): Promise<number> {
  const before = node.told.of('digest').length
  const hello = isIntroduced ? { hello: helloOf(ref.id) } : {}
  const text = `${JSON.stringify({ digest: ['?'], sender: ref, ...hello })}\r\n`
  const socket = await fixture.socket(node.port, false)
  socket.end(text)
  await node.told.heard('digest', before + 1)
  socket.destroy()
  // What comes while it is open goes back to the stranger himself.
  await until(() => node.transport.stats.inboundConnections === 0, 'the end of the stranger')
  return text.length
}

/** What dialling takes beside the lines, on both sides. */
const DIAL_BYTES = 200

replies('what is withheld is told, and why', async () => {
  const node = await fixture.node('a', { handshakeTimeoutMs: 100 })
  const { ref } = await victim()
  await claim(node, ref)
  for (let i = 0; i < 2; i++) {
    node.transport.deltas(ref, node.ref, ['y'.repeat(100_000)])
    await until(() => node.transport.stats.outboundConnections === 0, 'the end of all that was sent')
  }
  const error = await node.told.error('GOSSIP_REPLY_WITHHELD')
  assert.match(error.message, /replyFactorMax is 3/)
})

replies('what is sent to an address that a stranger named stays under three times what he sent', async () => {
  for (const answer of [(socket: Socket) => socket.end(), (socket: Socket) => socket.end('220 mail\r\n')]) {
    const node = await fixture.node('a', { handshakeTimeoutMs: 100 })
    const made = await victim(answer)
    const { ref } = made
    let came = 0
    for (let i = 0; i < 30; i++) {
      came += DIAL_BYTES + (await claim(node, ref, i % 2 === 0))
      node.transport.digest(ref, node.ref, [{ id: 'a', step: 2, filler: 'x'.repeat(3_000) }])
      node.transport.deltas(ref, node.ref, ['y'.repeat(100_000)])
      node.transport.digest(ref, node.ref, ['short'])
      await until(() => node.transport.stats.outboundConnections === 0, 'the end of all that was sent')
    }
    const { bytes, dials } = made
    assert.ok(bytes + dials * DIAL_BYTES <= 3 * came, `${bytes} bytes in ${dials} dials for ${came}`)
    assert.ok(dials > 0, 'a reply was tried')
    await fixture.closeAll()
  }
})

replies('a newcomer gets a large answer at once: a hello goes first, and the answer when it was returned', async () => {
  const [node, newcomer] = [await fixture.node('a'), await fixture.node('b')]
  newcomer.transport.digest(node.ref, newcomer.ref, ['small'])
  await node.told.heard('digest')
  await until(() => node.transport.stats.inboundConnections === 0, 'the end of its connection')
  assert.is(node.transport.stats.unprovenPeers, 1)
  const large = ['x'.repeat(400_000)]
  node.transport.deltas(newcomer.ref, node.ref, large)
  assert.equal(await newcomer.told.heard('deltas'), [node.ref, large])
  assert.is(node.transport.stats.unprovenPeers, 0)
  assert.equal([node.told.errors, newcomer.told.errors], [[], []])
})

replies('a short answer goes with the hello, as ever', async () => {
  const node = await fixture.node('a', { handshakeTimeoutMs: 100 })
  const made = await victim()
  const { ref } = made
  await claim(node, ref)
  node.transport.digest(ref, node.ref, ['short'])
  await until(() => made.dials === 1 && node.transport.stats.outboundConnections === 0, 'the answer')
  assert.ok(made.bytes > 100)
  assert.equal(node.told.errors, [])
})

replies(
  'another name at the address of a good peer is no proof, and the good peer goes on being answered',
  async () => {
    const [node, good] = [await fixture.node('a'), await fixture.node('b')]
    for (let i = 1; i <= 2; i++) {
      node.transport.digest(good.ref, node.ref, [i])
      await good.told.heard('digest', i)
    }
    const mallory = { id: 'mallory', transport: good.ref.transport }
    await claim(node, mallory)
    node.transport.deltas(mallory, node.ref, ['x'.repeat(100_000)])
    node.transport.deltas(good.ref, node.ref, ['y'.repeat(100_000)])
    assert.equal(await good.told.heard('deltas'), [node.ref, ['y'.repeat(100_000)]])
    assert.is(good.told.of('deltas').length, 1)
    await node.told.error('GOSSIP_REPLY_WITHHELD')
  },
)

replies('what this node begins itself is not restricted, but begins with a short message', async () => {
  const node = await fixture.node('a')
  const seen: string[] = []
  const port = await fixture.server((socket) => {
    let text = ''
    socket.on('data', (chunk) => (text += chunk.toString()))
    socket.on('end', () => {
      seen.push(text)
      socket.end()
    })
  })
  node.transport.digest({ transport: { host: '127.0.0.1', port } }, node.ref, ['x'.repeat(100_000)])
  await until(() => seen.length === 2, 'both connections')
  assert.equal(JSON.parse(seen[0] as string), { sender: node.ref, hello: helloOf('a') })
  assert.ok((seen[1] as string).length > 100_000)
  assert.equal(node.told.errors, [])
})

replies('a first-generation peer is answered without end only where it is accepted', async () => {
  const old = await victim()
  for (const acceptOldPeers of [true, false]) {
    const node = await fixture.node(`a ${acceptOldPeers}`, { acceptOldPeers })
    await claim(node, old.ref, false)
    const before = old.bytes
    node.transport.digest(old.ref, node.ref, [1])
    await until(() => old.bytes > before && node.transport.stats.outboundConnections === 0, 'the first answer')
    node.transport.deltas(old.ref, node.ref, ['x'.repeat(50_000)])
    if (acceptOldPeers) await until(() => old.bytes > 50_000, 'the large answer')
    else await node.told.error('GOSSIP_REPLY_WITHHELD')
    await until(() => node.transport.stats.outboundConnections === 0, 'the end')
  }
  await delay(0)
  assert.ok(old.bytes < 100_000)
})

replies('naming many addresses takes bounded memory', async () => {
  const node = await fixture.node('a', { unprovenPeersMax: 50 })
  const socket = await fixture.socket(node.port)
  for (let i = 1; i <= 500; i++) {
    const ref = { id: `x${i}`, transport: { host: '127.0.0.1', port: i } }
    socket.write(`${JSON.stringify({ digest: [i], sender: ref })}\r\n`)
  }
  await node.told.heard('digest', 500)
  assert.is(node.transport.stats.unprovenPeers, 50)
})

replies.run()
