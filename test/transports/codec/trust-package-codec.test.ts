import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MalformedMessageError } from '../../../src/core/index.ts'
import { decodePackage, type Envelope, encodePackage, trustPackageCodec } from '../../../src/transports/index.ts'
import { jsonValue, throughText } from '../../core/json/json-arbitraries.ts'
import { checkProperty } from '../../harness/property.ts'

const codec = suite('trust package codec')

const sender = { id: 'ada', transport: { url: 'ws://127.0.0.1:9742' } }
const hello = { protocolVersion: 1, clusterId: 'c', id: 'ada', generation: 7, features: ['x'], valueBytesMax: 9 }
const payloads = jsonValue.map(throughText)

const plain = { noNullPrototype: true } as const
const envelopes: fc.Arbitrary<Envelope> = fc.oneof(
  fc.record(
    {
      kind: fc.constantFrom('digest' as const, 'deltas' as const),
      payload: payloads,
      sender: fc.constant(sender),
      hello: fc.constantFrom(undefined, hello),
    },
    plain,
  ),
  fc.record({ kind: fc.constant('hello' as const), sender: fc.constant(sender), hello: fc.constant(hello) }, plain),
  fc.record(
    { kind: fc.constant('rpc' as const), payload: payloads, sender: fc.constantFrom(undefined, sender) },
    plain,
  ),
)

function bytesOf(message: Envelope): Uint8Array {
  const encoded = trustPackageCodec.encode(message)
  assert.instance(encoded, Uint8Array)
  return encoded as Uint8Array
}

codec('S1.17 every kind of message comes back as it was', () => {
  checkProperty(
    fc.property(envelopes, (message) => {
      // Of objects with a field `constructor` only the texts can be compared.
      assert.is(JSON.stringify(trustPackageCodec.decode(bytesOf(message))), JSON.stringify(message))
    }),
  )
})

codec('S1.17 S1.26 gossip is talk under the name of its kind, an rpc is a request', () => {
  const digest = decodePackage(bytesOf({ kind: 'digest', payload: [1], sender, hello: undefined }))
  assert.equal([digest.kind, digest.event, digest.body], ['talk', 'digest', { digest: [1], sender }])
  const rpc = decodePackage(bytesOf({ kind: 'rpc', payload: 'as it is', sender: undefined }))
  assert.equal([rpc.kind, rpc.event, rpc.body], ['request', 'rpc', { rpc: 'as it is' }])
})

codec('no message takes more beyond its payload than it says', () => {
  const long = { id: '雪'.repeat(256), transport: 'x'.repeat(1_022) }
  const features = Array.from({ length: 32 }, () => 'f'.repeat(64))
  const facts = { ...hello, id: long.id, clusterId: '雪'.repeat(256), features }
  for (const payload of [[], 'x'.repeat(100_000)]) {
    const bytes = bytesOf({ kind: 'deltas', payload, sender: long, hello: facts })
    assert.ok(bytes.length - Buffer.byteLength(JSON.stringify(payload)) <= trustPackageCodec.overheadBytesMax)
  }
})

codec('packages that are no messages are malformed', () => {
  const bodies = [null, 7, [], {}, { digest: [] }, { digest: [], sender: { id: '', transport: null } }]
  const others = [
    ...bodies.map((body) => encodePackage({ kind: 'talk', event: 'digest', body })),
    encodePackage({ kind: 'talk', event: 'deltas', body: { digest: [], sender } }),
    encodePackage({ kind: 'heartbeatPing', event: 'ping', body: {} }),
    encodePackage({ kind: 'request', event: 'rpc', body: {} }),
    encodePackage({ kind: 'request', event: 'rpc', body: { rpc: 1, sender: 7 } }),
    encodePackage({ kind: 'response', event: 'rpc', body: { rpc: 1 } }),
  ]
  for (const encoded of [...others, 'a text', new Uint8Array(0)]) {
    assert.throws(
      () => trustPackageCodec.decode(encoded),
      (error: Error) => error instanceof MalformedMessageError,
    )
  }
})

codec.run()
