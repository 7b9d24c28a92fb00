/** A ring over real sockets, made as a user of the ring this one replaces would make it. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Gossipmonger, type GossipmongerOptions } from '../../src/core/index.ts'
import { Ring } from '../../src/ring/index.ts'
import { type TcpOptions, TcpTransport } from '../../src/tcp/index.ts'
import { TestAuthority } from '../harness/certificates.ts'

const tcp = suite('ring: tcp')
const opened: Gossipmonger[] = []

tcp.after.each(async () => {
  for (const node of opened.splice(0)) await node.close()
})

async function peer(
  id: string,
  seeds: GossipmongerOptions['seeds'],
  options: TcpOptions = {},
): Promise<{ node: Gossipmonger; ring: Ring }> {
  const transport = new TcpTransport({ host: '127.0.0.1', port: 0, ...options })
  const node = new Gossipmonger({ id, metadata: { id } }, { transport, seeds: seeds ?? [], gossipIntervalMs: 50 })
  opened.push(node)
  const ring = new Ring(node, { serviceIntervalMs: '100ms' })
  await node.start()
  return { node, ring }
}

/** Resolves when the ring has joined; a node's own timers keep no process alive, its listening socket does. */
async function joined(ring: Ring): Promise<void> {
  if (ring.status() !== 'joined') await new Promise((resolve) => ring.once('status::joined', resolve))
}

async function assertRing(options: (id: string) => TcpOptions): Promise<void> {
  const a = await peer('a', [], options('a'))
  const b = await peer('b', [a.node.address ?? null], options('b'))
  await Promise.all([joined(a.ring), joined(b.ring)])
  for (let number = 0; number < 50; number++) {
    const [one, other] = [a, b].map(({ ring }) => ring.ownerOf(`value ${number}`))
    assert.equal(one?.peer.transport, other?.peer.transport)
    assert.equal(one?.metadata, { id: one?.peer.id })
    assert.equal(other?.metadata, { id: one?.peer.id })
  }
}

tcp('S4.1 S4.3 two peers form a ring over TCP, and every handle is released', async () => {
  await assertRing(() => ({}))
})

tcp('S4.2 two peers form a ring over mutual TLS', async () => {
  const authority = new TestAuthority()
  await assertRing((id) => ({ tls: authority.tls(id) }))
})

tcp.run()
