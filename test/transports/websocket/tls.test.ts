/** The same over TLS. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Fixture, HOST } from './fixture.ts'
import { makeAuthority } from './identities.ts'

const tls = suite<{ fixture: Fixture }>('websocket: tls')

const [ours, theirs] = [makeAuthority('ours'), makeAuthority('theirs')]
const { cert: ca } = ours
const [server, client, stranger] = [ours.issue('server'), ours.issue('client'), theirs.issue('stranger')]

tls.before.each((context) => {
  context.fixture = new Fixture()
})

tls.after.each(({ fixture }) => fixture.close())

tls('a listener with a certificate is reached at a wss url', async ({ fixture }) => {
  const node = await fixture.listener('a', { tls: server })
  assert.match(node.url, /^wss:/)
  const page = await fixture.dialler('page', { tls: { ca } })
  page.send(node.ref, 'in private')
  await node.received('in private')
  node.send({ id: 'page', transport: null }, 'and back')
  await page.received('and back')
})

tls('a certificate of an authority that is not trusted is refused', async ({ fixture }) => {
  const node = await fixture.listener('a', { tls: server })
  const page = await fixture.dialler('page')
  page.send(node.ref, 'never sent')
  assert.is((await page.told('GOSSIP_CONNECT_FAILED')).direction, 'outbound')
  assert.equal(node.messages, [])
})

tls('where clients have to show a certificate, who has none is not let in', async ({ fixture }) => {
  const node = await fixture.listener('a', { tls: { ...server, ca, requireClientCert: true } })
  const [welcome, unknown, foreign] = await Promise.all([
    fixture.dialler('welcome', { tls: { ...client, ca } }),
    fixture.dialler('unknown', { tls: { ca } }),
    fixture.dialler('foreign', { tls: { ...stranger, ca } }),
  ])
  for (const each of [unknown, foreign, welcome]) each.send(node.ref, each.id)
  await node.received('welcome')
  await unknown.told('GOSSIP_CONNECT_FAILED')
  await foreign.told('GOSSIP_CONNECT_FAILED')
  assert.is(node.messages.length, 1)
})

tls('with TLS any address may be listened at', async ({ fixture }) => {
  const node = await fixture.listener('a', { tls: server, host: '0.0.0.0', url: `wss://${HOST}:1/` })
  assert.equal(node.transport.address, { url: `wss://${HOST}:1/` })
})

tls.run()
