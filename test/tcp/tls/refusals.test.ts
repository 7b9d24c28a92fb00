/** Who is kept out, what both sides hear of it, and that nothing of the gossip got through either way. */

import type { AddressInfo } from 'node:net'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TcpTransport, type TlsOptions } from '../../../src/tcp/index.ts'
import { TestAuthority } from '../../harness/certificates.ts'
import { Fixture, gone, helloOf, type Node, Recording, readAll, until } from '../fixture.ts'

const refusals = suite('tcp: tls refusals')
const fixture = new Fixture()
refusals.after.each(() => fixture.closeAll())

const authority = new TestAuthority()
const foreign = new TestAuthority('foreign')

const node = (id: string, tls: TlsOptions = authority.tls(id)): Promise<Node> => fixture.node(id, { tls })

/** Both send, so that both dial; each is to hear of it twice, and nothing else but that. */
async function assertApart(ada: Node, eve: Node, code: string): Promise<void> {
  for (const [from, to] of [[eve, ada] as const, [ada, eve] as const]) {
    const before = [ada, eve].map(({ told }) => told.errors.length) as [number, number]
    from.transport.digest(to.ref, from.ref, ['secret'])
    from.transport.deltas(to.ref, from.ref, ['secret'])
    for (const [i, { told }] of [ada, eve].entries()) {
      await told.until(() => told.errors.length > (before[i] as number), `${code} (${from.ref.id} dials)`)
      const error = told.errors[before[i] as number]
      assert.is(error?.code, code, `${i === 0 ? 'ada' : 'eve'}, when ${from.ref.id} dials: ${error?.message}`)
    }
    const direction = (side: Node): string | undefined => side.told.errors.at(-1)?.direction
    assert.equal([direction(from), direction(to)], ['outbound', 'inbound'])
  }
  // A hello is no secret, and whoever uses a false id still reads it.
  assert.equal(ada.told.of('hello'), [])
  for (const { told } of [ada, eve]) {
    for (const event of ['digest', 'deltas', 'rpc'] as const) assert.equal(told.of(event), [], event)
    assert.equal([...new Set(told.errors.map((error) => error.code))], [code])
  }
}

refusals('S3.1 S4.2 nodes of one authority hear each other', async () => {
  const [ada, bob] = [await node('ada'), await node('bob', authority.tls('bob', 'ecdsa'))]
  ada.transport.digest(bob.ref, ada.ref, ['to bob'])
  assert.equal(await bob.told.heard('digest'), [ada.ref, ['to bob']])
  bob.transport.deltas(ada.ref, bob.ref, ['to ada'])
  assert.equal(await ada.told.heard('deltas'), [bob.ref, ['to ada']])
  assert.equal([ada.told.errors, bob.told.errors], [[], []])
  assert.is(ada.transport.stats.outboundConnections + bob.transport.stats.outboundConnections, 1)
})

refusals('S3.32 a certificate of a foreign authority keeps its holder out, and both sides hear why', async () => {
  const [ada, eve] = [await node('ada'), await node('eve', foreign.tls('eve'))]
  await assertApart(ada, eve, 'GOSSIP_CERTIFICATE_REFUSED')
  assert.match(ada.told.errors[0]?.message ?? '', /the peer is refused: no authority that is believed has signed it/)
})

refusals('who believes the authority is still told that his own certificate is not believed', async () => {
  const eve = await node('eve', { ...foreign.tls('eve'), ca: [authority.ca, foreign.ca] })
  const ada = await node('ada')
  await assertApart(ada, eve, 'GOSSIP_CERTIFICATE_REFUSED')
  assert.match(eve.told.errors[0]?.message ?? '', /the peer refuses the certificate of this node: no authority/)
})

refusals('an expired certificate keeps its holder out, and both sides hear when it ended', async () => {
  const ada = await node('ada')
  const transport = fixture.keep(new TcpTransport({ port: 0, tls: authority.tlsOf(authority.issueExpired('late')) }))
  const told = new Recording(transport)
  transport.introduce(helloOf('late'))
  transport.digest(ada.ref, { id: 'late', transport: null }, ['secret'])
  assert.match((await ada.told.error('GOSSIP_CERTIFICATE_REFUSED')).message, /it expired on/)
  assert.match((await told.error('GOSSIP_CERTIFICATE_REFUSED')).message, /this node: it expired on/)
  assert.equal([...ada.told.of('digest'), ...ada.told.of('hello')], [])
})

refusals('S3.32 an id that the certificate does not name keeps its user out, and nothing is sent to him', async () => {
  await assertApart(await node('ada'), await node('bob', authority.tls('mallory')), 'GOSSIP_PEER_ID_MISMATCH')
})

refusals('another id in a later message costs its sender the connection', async () => {
  const [ada, bob] = [await node('ada'), await node('bob')]
  bob.transport.digest(ada.ref, bob.ref, ['mine'])
  await ada.told.heard('digest')
  bob.transport.deltas(ada.ref, { id: 'cyd', transport: bob.ref.transport }, ['forged'])
  const error = await ada.told.error('GOSSIP_PEER_ID_MISMATCH')
  assert.match(error.message, /it says "cyd", but the certificate is for "bob"/)
  await bob.told.error('GOSSIP_PEER_ID_MISMATCH')
  assert.equal(ada.told.of('deltas'), [])
  bob.transport.rpc(ada.ref, { sender: { id: 'cyd', transport: 'x' } })
  await ada.told.until(() => ada.told.errors.length === 2, 'the refusal of the payload')
  assert.equal(ada.told.of('rpc'), [])
})

refusals('a node of another cluster is refused before anything was said to it', async () => {
  const ada = await node('ada')
  const eve = await fixture.node('eve', { tls: authority.tls('eve') }, { clusterId: 'another' })
  for (const [from, to] of [[eve, ada] as const, [ada, eve] as const]) {
    from.transport.digest(to.ref, from.ref, ['secret'])
    await Promise.all([ada.told.error('GOSSIP_CLUSTER_FOREIGN'), eve.told.error('GOSSIP_CLUSTER_FOREIGN')])
  }
  await ada.told.until(() => ada.told.errors.length === 2 && eve.told.errors.length === 2, 'both refusals')
  for (const { told } of [ada, eve]) {
    for (const event of ['hello', 'digest', 'deltas'] as const) assert.equal(told.of(event), [])
  }
})

refusals('S3.1 S3.32 whoever shows no certificate is told so, and heard by nobody', async () => {
  const ada = await node('ada')
  const socket = connectTls({
    host: '127.0.0.1',
    port: ada.port,
    ca: authority.ca,
    checkServerIdentity: () => undefined,
  })
  socket.on('error', () => {})
  socket.write('{"digest":["secret"],"sender":{"id":"eve","transport":null}}\r\n')
  const answer = JSON.parse((await readAll(socket)).toString()) as { refusal: { code: string; reason: string } }
  assert.equal(answer, { refusal: { code: 'GOSSIP_CERTIFICATE_REFUSED', reason: 'there is none' } })
  await ada.told.error('GOSSIP_CERTIFICATE_REFUSED')
  socket.end()
  await gone(socket)
  assert.equal(ada.told.of('digest'), [])
})

refusals('older versions of TLS are refused', async () => {
  const ada = await node('ada')
  const { certificate: cert, key } = authority.issue('bob')
  const facts = { ca: authority.ca, cert, key, checkServerIdentity: () => undefined, maxVersion: 'TLSv1.2' } as const
  const socket = connectTls({ host: '127.0.0.1', port: ada.port, ...facts })
  socket.on('error', () => {})
  await ada.told.error('GOSSIP_TLS_FAILED')
  socket.destroy()
})

refusals('plain text and TLS hear of their misunderstanding, whoever dials', async () => {
  for (const isTlsDialled of [true, false]) {
    const [ada, bob] = [await node('ada'), await fixture.node('bob')]
    const [from, to] = isTlsDialled ? [bob, ada] : [ada, bob]
    from.transport.digest(to.ref, from.ref, ['secret'])
    assert.is((await from.told.error('GOSSIP_TLS_EXPECTED')).direction, 'outbound')
    assert.is((await to.told.error('GOSSIP_TLS_EXPECTED')).direction, 'inbound')
    assert.equal([from.told.errors.length, to.told.errors.length, to.told.of('digest').length], [1, 1, 0])
  }
})

refusals('who connects and shows nothing gives way after a while', async () => {
  const ada = await fixture.node('ada', { tls: authority.tls('ada'), handshakeTimeoutMs: 50 })
  const socket = await fixture.socket(ada.port, false)
  await gone(socket)
  assert.is((await ada.told.error('GOSSIP_HANDSHAKE_TIMEOUT')).direction, 'inbound')
})

refusals('of too many newcomers the oldest gives way, and a node that is known of still gets in', async () => {
  const ada = await fixture.node('ada', { tls: { ...authority.tls('ada'), handshakesMax: 2 } })
  const sockets = [
    await fixture.socket(ada.port, false),
    await fixture.socket(ada.port, false),
    await fixture.socket(ada.port, false),
  ]
  await gone(sockets[0] as (typeof sockets)[number])
  assert.match((await ada.told.error('GOSSIP_CONNECTION_LIMIT')).message, /tls\.handshakesMax is 2/)
  const bob = await node('bob')
  bob.transport.digest(ada.ref, bob.ref, ['here'])
  await ada.told.heard('digest')
})

refusals('to a server that is not believed nothing is said but why', async () => {
  const { certificate: cert, key } = foreign.issue('bob')
  const said: string[] = []
  const server = createTlsServer({ cert, key, requestCert: true, rejectUnauthorized: false }, (socket) => {
    socket.setEncoding('utf8').on('data', (text: string) => said.push(text))
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const ada = await node('ada')
  const bob = { transport: { host: '127.0.0.1', port: (server.address() as AddressInfo).port } }
  ada.transport.digest(bob, ada.ref, ['secret'])
  ada.transport.rpc(bob, 'secret')
  await ada.told.until(() => ada.told.errors.length === 2, 'both refusals')
  await until(() => said.length === 2, 'both reasons')
  for (const text of said)
    assert.match(text, /^\{"refusal":\{"code":"GOSSIP_CERTIFICATE_REFUSED","reason":"[^"]*"\}\}\r\n$/)
  await ada.transport.close()
  await new Promise((resolve) => server.close(resolve))
})

refusals('no session is resumed, since it would carry an old verdict', async () => {
  const ada = await node('ada')
  const { certificate: cert, key } = authority.issue('bob')
  const facts = { ca: authority.ca, cert, key, checkServerIdentity: () => undefined } as const
  let session: Buffer | undefined
  for (let i = 0; i < 2; i++) {
    const socket = connectTls({
      host: '127.0.0.1',
      port: ada.port,
      ...facts,
      ...(session === undefined ? {} : { session }),
    })
    socket.on('session', (given) => {
      session = given
    })
    socket.write(`${JSON.stringify({ digest: [i], sender: { id: 'bob', transport: null } })}\r\n`)
    await ada.told.heard('digest', i + 1)
    assert.is(socket.isSessionReused(), false)
    socket.end()
    await gone(socket)
  }
})

refusals('a server that never shows a certificate is no connection', async () => {
  const ada = await fixture.node('ada', { tls: authority.tls('ada'), connectTimeoutMs: 50 })
  const seen: Buffer[] = []
  const port = await fixture.server((socket) => socket.on('data', (chunk: Buffer) => seen.push(chunk)))
  ada.transport.digest({ transport: { host: '127.0.0.1', port } }, ada.ref, ['secret'])
  assert.is((await ada.told.error('GOSSIP_CONNECT_FAILED')).direction, 'outbound')
  assert.not.ok(Buffer.concat(seen).includes('secret'))
})

refusals.run()
