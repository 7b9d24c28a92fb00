/** Transfers in bulk are as secure as messages: on connections with certificates, and under no other id. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type BulkSource, Gossipmonger } from '../../../src/core/index.ts'
import { TcpTransport } from '../../../src/tcp/index.ts'
import { TestAuthority } from '../../harness/certificates.ts'
import { Fixture } from '../fixture.ts'

const bulk = suite('tcp: tls bulk')
const fixture = new Fixture()
bulk.after.each(() => fixture.closeAll())

const authority = new TestAuthority()
const FEATURES = { features: ['bulk'] }

bulk('a value larger than a message travels', async () => {
  const nodes: Gossipmonger[] = []
  const start = async (id: string, seeds: Gossipmonger[]): Promise<Gossipmonger> => {
    const transport = new TcpTransport({ host: '127.0.0.1', port: 0, frameBytesMax: 262_144, tls: authority.tls(id) })
    const options = {
      transport,
      valueBytesMax: 4_194_304,
      gossipIntervalMs: 20,
      seeds: seeds.map((seed) => seed.address ?? null),
    }
    const node = new Gossipmonger({ id }, options)
    nodes.push(node)
    return await node.start()
  }
  const ada = await start('ada', [])
  ada.set('large', 'x'.repeat(2_000_000))
  const bob = await start('bob', [ada])
  for await (const change of bob.watch({ prefix: 'large' })) if (change.type === 'set') break
  assert.is((bob.get('ada', 'large') as string).length, 2_000_000)
  await Promise.all(nodes.map((node) => node.close()))
})

bulk('an offer under another id is refused, and both sides hear why', async () => {
  const ada = await fixture.node('ada', { tls: authority.tls('ada') }, FEATURES)
  const bob = await fixture.node('bob', { tls: authority.tls('bob') }, FEATURES)
  let offers = 0
  ada.transport.on('bulk', () => offers++)
  const error = await new Promise<Error | undefined>((resolve) => {
    const source: BulkSource = { about: ['cyd'], next: () => undefined, end: resolve }
    bob.transport.bulk(ada.ref, { id: 'bob', transport: null }, source)
  })
  assert.is(offers, 1, error?.message)
  const refused = await new Promise<Error | undefined>((resolve) => {
    const source: BulkSource = { about: ['cyd'], next: () => undefined, end: resolve }
    bob.transport.introduce({
      protocolVersion: 1,
      clusterId: 'test',
      id: 'cyd',
      generation: 1,
      features: ['bulk'],
      valueBytesMax: 1_024,
    })
    bob.transport.bulk(ada.ref, { id: 'cyd', transport: null }, source)
  })
  assert.match(refused?.message ?? 'no error', /the peer does not believe the id of this node: it says "cyd"/)
  await ada.told.error('GOSSIP_PEER_ID_MISMATCH')
  assert.is(offers, 1)
})

bulk.run()
