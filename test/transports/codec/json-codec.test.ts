import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue } from '../../../src/core/index.ts'
import { addressesOf, jsonCodec } from '../../../src/transports/index.ts'

const codec = suite('json codec')

const sender = { id: 'ada', transport: { url: 'ws://127.0.0.1:9742' } }
const hello = { protocolVersion: 1, clusterId: 'c', id: 'ada', generation: 7, features: ['x'], valueBytesMax: 9 }

codec('every kind of message comes back as it was', () => {
  const payload: JsonValue = [{ id: 'ö', list: [1, null, '🎈'] }]
  for (const message of [
    { kind: 'digest', payload, sender, hello: undefined },
    { kind: 'deltas', payload, sender, hello },
    { kind: 'hello', sender, hello },
    { kind: 'rpc', payload: { ask: 1 }, sender: undefined },
  ] as const) {
    const encoded = jsonCodec.encode(message)
    assert.equal(jsonCodec.decode(encoded), message)
    assert.equal(jsonCodec.decode(new TextEncoder().encode(encoded as string)), message)
  }
})

codec('what is no message is refused with a code', () => {
  for (const encoded of ['', 'null', '{', '{"digest":[]}', new Uint8Array([0xff])]) {
    assert.throws(
      () => jsonCodec.decode(encoded),
      (error: { code: string }) => error.code === 'GOSSIP_MESSAGE_MALFORMED',
    )
  }
})

codec('an address names at most nine others beside itself', () => {
  const also = Array.from({ length: 20 }, (_, index) => `ws://${index}`)
  const address = { host: 'h', port: 1, also }
  assert.equal(addressesOf(address), [address, ...also.slice(0, 9)])
  for (const alone of ['x', null, 7, { host: 'h', also: 'no list' }]) assert.equal(addressesOf(alone), [alone])
})

codec.run()
