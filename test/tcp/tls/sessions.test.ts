/** Sessions under mutual TLS: what they know of the other side, and who is kept out with what code. */

import { connect as connectTls } from 'node:tls'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { PeerRef, Session } from '../../../src/core/index.ts'
import type { TcpOptions, TcpTransport, TlsOptions } from '../../../src/tcp/index.ts'
import { TestAuthority } from '../../harness/certificates.ts'
import { Fixture, helloOf, type Node, portOf } from '../fixture.ts'

const sessions = suite('tcp: tls sessions')
const fixture = new Fixture()
sessions.after.each(() => fixture.closeAll())

const authority = new TestAuthority()
const foreign = new TestAuthority('foreign')

const node = (id: string, tls: TlsOptions = authority.tls(id), more: TcpOptions = {}): Promise<Node> =>
  fixture.node(id, { tls, ...more })

async function codeOf(transport: TcpTransport, to: PeerRef): Promise<unknown> {
  const failure = await transport.connect(to).catch((error: unknown) => error)
  return Reflect.get(Object(failure), 'code') ?? 'it is open'
}

sessions('both sides know that the other has proven its name', async () => {
  const [ada, bob] = [await node('ada'), await node('bob', authority.tls('bob', 'ecdsa'))]
  const inbound = new Promise<Session>((resolve) => bob.transport.on('session', resolve))
  const ours = await ada.transport.connect(bob.ref)
  const theirs = await inbound
  assert.equal([ours.authenticated, theirs.authenticated], [true, true])
  assert.equal([ours.remote, theirs.remote], [bob.ref, ada.ref])
  const heard = new Promise<Uint8Array>((resolve) => theirs.on('frame', resolve))
  ours.send(new Uint8Array(500_000).fill(7))
  assert.equal(await heard, new Uint8Array(500_000).fill(7))
  assert.equal([ada.told.errors, bob.told.errors], [[], []])
})

sessions('who has a certificate of a foreign authority gets none, either way', async () => {
  const [ada, eve] = [await node('ada'), await node('eve', foreign.tls('eve'))]
  assert.is(await codeOf(eve.transport, ada.ref), 'GOSSIP_CERTIFICATE_REFUSED')
  assert.is(await codeOf(ada.transport, eve.ref), 'GOSSIP_CERTIFICATE_REFUSED')
})

sessions('who dials hears that his certificate is not believed, though he believes the other', async () => {
  const ada = await node('ada')
  const eve = await node('eve', { ...foreign.tls('eve'), ca: [authority.ca, foreign.ca] })
  assert.is(await codeOf(eve.transport, ada.ref), 'GOSSIP_CERTIFICATE_REFUSED')
  assert.equal(
    ada.told.errors.map(({ code }) => code),
    ['GOSSIP_CERTIFICATE_REFUSED'],
  )
})

sessions('who uses an id that his certificate does not give him gets none, either way', async () => {
  const ada = await node('ada')
  const eve = await node('bob', authority.tls('eve'))
  assert.is(await codeOf(eve.transport, ada.ref), 'GOSSIP_PEER_ID_MISMATCH')
  assert.equal(
    ada.told.errors.map(({ code }) => code),
    ['GOSSIP_PEER_ID_MISMATCH'],
  )
  assert.is(await codeOf(ada.transport, eve.ref), 'GOSSIP_PEER_ID_MISMATCH')
})

sessions('one side with TLS and one without have none', async () => {
  const [ada, plain] = [await node('ada'), await fixture.node('plain')]
  assert.is(await codeOf(plain.transport, ada.ref), 'GOSSIP_TLS_EXPECTED')
  assert.is(await codeOf(ada.transport, plain.ref), 'GOSSIP_TLS_EXPECTED')
})

sessions('plain text leads to no other machine', async () => {
  const plain = await fixture.node('plain')
  assert.is(await codeOf(plain.transport, { transport: '192.0.2.1:9742' }), 'GOSSIP_PLAIN_TEXT_REFUSED')
})

sessions('a socket with a certificate that begins a session and says nothing is cut off', async () => {
  const ada = await node('ada', authority.tls('ada'), { handshakeTimeoutMs: 100 })
  const { ca, cert, key } = authority.tls('eve') as { ca: string; cert: string; key: string }
  const socket = connectTls({
    port: portOf(ada.ref.transport),
    host: '127.0.0.1',
    ca,
    cert,
    key,
    checkServerIdentity: () => undefined,
  })
  socket.on('error', () => {})
  socket.write('{"session":1,"sender":{"id":"eve",')
  socket.resume()
  await new Promise((resolve) => socket.on('close', resolve))
  await ada.told.error('GOSSIP_HANDSHAKE_TIMEOUT')
})

sessions('a transport that was introduced anew dials under its new hello', async () => {
  const [ada, bob] = [await node('ada'), await node('bob')]
  const first = await ada.transport.connect(bob.ref)
  await first.close()
  ada.transport.introduce(helloOf('ada', { generation: 2 }))
  const inbound = new Promise<Session>((resolve) => bob.transport.on('session', resolve))
  assert.is((await ada.transport.connect(bob.ref)).authenticated, true)
  assert.is((await inbound).remote.id, 'ada')
})

sessions.run()
