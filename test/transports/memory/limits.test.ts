import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MemoryNetwork, type MemoryNetworkOptions } from '../../../src/transports/index.ts'
import { ann, annAndBen, ben, heardBy, helloOf } from './postponed.ts'

const limits = suite('memory: limits')

limits('a payload at the limit passes, one byte more is refused, whatever the kind', async () => {
  const { post, a, b } = await annAndBen({ maxMessageBytes: 10 })
  const [heard, errors] = [heardBy(b), heardBy(a)]
  for (const payload of [
    ['éé', 1],
    ['éé', 12],
  ]) {
    a.digest(ben, ann, payload)
    a.deltas(ben, ann, payload)
    a.rpc(ben, payload)
  }
  post.deliverAll()
  assert.equal(
    heard.map(({ event, value }) => [event, value]),
    ['digest', 'deltas', 'rpc'].map((event) => [event, ['éé', 1]]),
  )
  assert.equal(
    errors.map(({ value }) => value),
    Array(3).fill('GOSSIP_FRAME_TOO_LARGE'),
  )
})

limits('says its limit, and by how much a payload is over it', async () => {
  const { a } = await annAndBen({ maxMessageBytes: 10 })
  const errors: Error[] = []
  a.on('error', (error) => errors.push(error))
  a.digest(ben, ann, 'a'.repeat(20))
  assert.is(a.maxMessageBytes, 10)
  const { name, bytes, bytesMax, peer } = errors[0] as Error & Record<string, unknown>
  assert.equal([name, bytes, bytesMax, peer], ['FrameTooLargeError', 22, 10, ben])
})

limits('what is under way is bounded, and has room again once it arrived', async () => {
  const { post, a, b } = await annAndBen({ inFlightBytesMax: 200 })
  const [heard, errors] = [heardBy(b), heardBy(a)]
  const payload = 'a'.repeat(60)
  for (let i = 0; i < 3; i++) a.digest(ben, ann, payload)
  assert.equal(
    errors.map(({ value }) => value),
    ['GOSSIP_QUEUE_FULL', 'GOSSIP_QUEUE_FULL'],
  )
  post.deliverAll()
  a.digest(ben, ann, payload)
  a.digest(ben, ann, 'a')
  post.deliverAll()
  assert.is(heard.length, 3)
})

limits('a message larger than the queue goes when nothing else is under way', async () => {
  const { post, a, b } = await annAndBen({ inFlightBytesMax: 10 })
  const heard = heardBy(b)
  a.digest(ben, ann, 'a'.repeat(60))
  post.deliverAll()
  assert.is(heard.length, 1)
})

limits('counts messages and bytes, for each transport and for all', async () => {
  const { post, a, b } = await annAndBen({ maxMessageBytes: 50 })
  heardBy(a)
  a.digest(ben, ann, ['é'])
  a.digest(ben, ann, 'a'.repeat(50))
  a.digest({ transport: 'memory:404' }, ann, [])
  post.deliverAll()
  const bytes = Buffer.byteLength('{"digest":["é"],"sender":{"id":"ann","transport":"memory:1"}}\r\n')
  assert.is(a.traffic.sentMessages, 2)
  assert.is(a.traffic.sentBytes, bytes + (bytes - 4))
  assert.is(a.traffic.droppedMessages, 2)
  assert.is(b.traffic.receivedMessages, 1)
  assert.is(b.traffic.receivedBytes, bytes)
  const { sentMessages, receivedMessages, droppedMessages } = post.network.traffic
  assert.equal([sentMessages, receivedMessages, droppedMessages], [2, 1, 2])
})

limits('hellos count as bytes, not as messages', async () => {
  const { post, a, b } = await annAndBen()
  a.introduce(helloOf('ann'))
  b.introduce(helloOf('ben'))
  a.digest(ben, ann, [])
  post.deliverAll()
  const { sentMessages, sentBytes, receivedBytes } = post.network.traffic
  assert.is(sentMessages, 1)
  assert.is(sentBytes, receivedBytes)
  assert.ok(b.traffic.sentBytes > 100)
})

limits('bad options are refused, and named', () => {
  const refused: [unknown, string][] = [
    [{ maxMessageBytes: 0 }, 'maxMessageBytes'],
    [{ inFlightBytesMax: 1.5 }, 'inFlightBytesMax'],
    [{ schedule: 1 }, 'schedule'],
    [{ latencyMs: 1 }, 'options.latencyMs'],
  ]
  for (const [options, option] of refused) {
    assert.throws(
      () => new MemoryNetwork(options as MemoryNetworkOptions),
      (error: Error) =>
        Reflect.get(error, 'code') === 'GOSSIP_OPTION_INVALID' && Reflect.get(error, 'option') === option,
    )
  }
  assert.throws(() => new MemoryNetwork().transport(''), /non-empty string/)
})

limits.run()
