import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { PeerRef } from '../../../src/core/index.ts'
import { MemoryNetwork } from '../../../src/transports/index.ts'
import { jsonValue, throughText } from '../../core/json/json-arbitraries.ts'
import { checkProperty } from '../../harness/property.ts'
import { ann, annAndBen, ben, heardBy } from './postponed.ts'

const delivery = suite('memory: delivery')

delivery('delivers both kinds with payload and sender unaltered', async () => {
  const { post, a, b } = await annAndBen()
  const heard = heardBy(b)
  a.digest(ben, ann, [{ id: 'ann', maxVersionSeen: 3 }])
  a.deltas({ transport: 'memory:2' }, { ...ann, transport: { also: ['memory:1'] } }, [1, 'ü', null])
  post.deliverAll()
  assert.equal(heard, [
    { event: 'digest', peer: ann, value: [{ id: 'ann', maxVersionSeen: 3 }] },
    { event: 'deltas', peer: { id: 'ann', transport: { also: ['memory:1'] } }, value: [1, 'ü', null] },
  ])
})

delivery('delivers any payload as its JSON text says', async () => {
  const { post, a, b } = await annAndBen()
  const heard = heardBy(b)
  checkProperty(
    fc.property(jsonValue, (payload) => {
      a.deltas(ben, ann, payload)
      post.deliverAll()
      assert.is(JSON.stringify(heard.pop()?.value), JSON.stringify(throughText(payload)))
    }),
  )
})

delivery('a listener that throws keeps nobody from hearing, and becomes an error event', async () => {
  const { post, a, b } = await annAndBen()
  b.on('digest', () => {
    throw new Error('a listener throws')
  })
  const heard = heardBy(b)
  a.digest(ben, ann, ['first'])
  a.digest(ben, ann, ['second'])
  post.deliverAll()
  assert.equal(
    heard.map(({ event, value }) => [event, value]),
    [
      ['error', 'GOSSIP_LISTENER_THREW'],
      ['digest', ['first']],
      ['error', 'GOSSIP_LISTENER_THREW'],
      ['digest', ['second']],
    ],
  )
})

delivery('shares no object between the two sides', async () => {
  const { post, a, b } = await annAndBen()
  const heard = heardBy(b)
  const payload = [{ key: 'before' }]
  a.digest(ben, ann, payload)
  ;(payload[0] as { key: string }).key = 'after'
  post.deliverAll()
  assert.equal(heard[0]?.value, [{ key: 'before' }])
})

delivery('nothing arrives before the network says so, and then once', async () => {
  const scheduled: (() => void)[] = []
  const network = new MemoryNetwork({ schedule: (deliver) => scheduled.push(deliver) })
  const [a, b] = [network.transport(), network.transport()]
  await b.listen()
  const heard = heardBy(b)
  a.digest(ben, ann, [])
  assert.is(heard.length, 0)
  for (const deliver of [...scheduled, ...scheduled]) deliver()
  assert.is(heard.length, 1)
})

delivery('S2.33 by itself it delivers in a later microtask, in order', async () => {
  const network = new MemoryNetwork()
  const [a, b] = [network.transport(), network.transport()]
  await b.listen()
  const heard = heardBy(b)
  for (let i = 0; i < 3; i++) a.digest(ben, ann, i)
  assert.is(heard.length, 0)
  await Promise.resolve()
  assert.equal(
    heard.map(({ value }) => value),
    [0, 1, 2],
  )
})

delivery('has an address only while it listens, and tells when it starts', async () => {
  const transport = new MemoryNetwork().transport('home')
  let started = 0
  transport.on('listening', () => started++)
  assert.is(transport.address, undefined)
  await transport.listen()
  await transport.listen()
  assert.is(transport.address, 'home')
  assert.is(started, 1)
  await transport.close()
  await transport.close()
  assert.is(transport.address, undefined)
})

delivery('addresses left out are numbered, past those that are taken', async () => {
  const network = new MemoryNetwork()
  await network.transport('memory:2').listen()
  const numbered = [network.transport(), network.transport()]
  for (const transport of numbered) await transport.listen()
  assert.equal(
    numbered.map(({ address }) => address),
    ['memory:1', 'memory:3'],
  )
})

delivery('an address is free again once its owner has closed', async () => {
  const network = new MemoryNetwork()
  const [first, second] = [network.transport('home'), network.transport('home')]
  await first.listen()
  const code = await second.listen().then(
    () => 'listens',
    (error: unknown) => Reflect.get(Object(error), 'code'),
  )
  assert.is(code, 'GOSSIP_ADDRESS_IN_USE')
  await first.close()
  await second.listen()
  assert.is(second.address, 'home')
})

delivery('two networks do not hear each other', async () => {
  const { post, a } = await annAndBen()
  const other = new MemoryNetwork().transport('memory:9')
  await other.listen()
  const [heard, errors] = [heardBy(other), heardBy(a)]
  a.digest({ transport: 'memory:9' }, ann, [])
  post.deliverAll()
  assert.is(heard.length, 0)
  assert.is(errors[0]?.value, 'GOSSIP_CONNECT_FAILED')
})

delivery('an address where nobody listens is an error that names the peer', async () => {
  const { post, a, b } = await annAndBen()
  await b.close()
  const errors: Error[] = []
  a.on('error', (error) => errors.push(error))
  a.digest(ben, ann, [])
  a.deltas({ transport: 'memory:404' }, ann, [])
  a.rpc(ben, {})
  post.deliverAll()
  assert.equal(
    errors.map((error) => [error.name, Reflect.get(error, 'code'), Reflect.get(error, 'direction')]),
    Array(3).fill(['TransportError', 'GOSSIP_CONNECT_FAILED', 'outbound']),
  )
  assert.equal(Reflect.get(errors[1] as Error, 'peer'), { transport: 'memory:404' })
})

delivery('an address that is no string is an error', async () => {
  const { a } = await annAndBen()
  const heard = heardBy(a)
  a.digest({ transport: { host: 'localhost' } }, ann, [])
  assert.is(heard[0]?.value, 'GOSSIP_ADDRESS_MALFORMED')
})

delivery('a close drops what is under way and hears no more', async () => {
  const { post, a, b } = await annAndBen()
  const [heardA, heardB] = [heardBy(a), heardBy(b)]
  a.digest(ben, ann, [])
  b.digest(ann, ben, [])
  await a.close()
  post.deliverAll()
  assert.equal(heardA, [])
  assert.equal(heardB, [{ event: 'error', peer: undefined, value: 'GOSSIP_CONNECT_FAILED' }])
  a.digest(ben, ann, [])
  assert.is(post.waiting, 0)
})

delivery('a node that restarts in the same place gets what was on its way', async () => {
  const { post, a, b } = await annAndBen()
  a.digest(ben, ann, [])
  await b.close()
  const again = post.network.transport('memory:2')
  await again.listen()
  const heard = heardBy(again)
  post.deliverAll()
  assert.is(heard.length, 1)
})

delivery('a remote procedure call carries a string as it is and anything else as JSON', async () => {
  const { post, a, b } = await annAndBen()
  const heard = heardBy(b)
  a.rpc(ben, { method: 'ping' })
  a.rpc(ben, '{"method":"pong"}')
  post.deliverAll()
  assert.equal(heard, [
    { event: 'rpc', peer: undefined, value: { method: 'ping' } },
    { event: 'rpc', peer: undefined, value: { method: 'pong' } },
  ])
})

delivery('a string that is no JSON costs an error on the other side and nothing else', async () => {
  const { post, a, b } = await annAndBen()
  const heard = heardBy(b)
  a.rpc(ben, 'ping')
  a.rpc(ben, [1])
  post.deliverAll()
  assert.equal(
    heard.map(({ event, value }) => [event, value]),
    [
      ['error', 'GOSSIP_MESSAGE_MALFORMED'],
      ['rpc', [1]],
    ],
  )
})

delivery('a listener that throws is told as an error, and the next message still arrives', async () => {
  const { post, a, b } = await annAndBen()
  b.once('digest', () => {
    throw new Error('mine')
  })
  const heard = heardBy(b)
  a.digest(ben, ann, 1)
  a.digest(ben, ann, 2)
  post.deliverAll()
  assert.equal(
    heard.map(({ value }) => value),
    ['GOSSIP_LISTENER_THREW', 1, 2],
  )
})

delivery('a peer may be named by its address alone', async () => {
  const { post, a, b } = await annAndBen()
  const seed: PeerRef = { transport: 'memory:2' }
  const heard = heardBy(b)
  a.digest(seed, ann, [])
  post.deliverAll()
  assert.is(heard.length, 1)
})

delivery.run()
