import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  encodeRelayFrame,
  LENGTH_BYTES,
  parseRelayFrame,
  type RelayFrame,
} from '../../../src/transports/relay/relay-frame.ts'
import { checkProperty } from '../../harness/property.ts'

const frames = suite('relay frames')

const id = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).filter((text) => text.length <= 256)
const count = fc.maxSafeNat()
const code = fc.constantFrom('GOSSIP_RELAY_FULL', 'ACME_A1')

/** Objects as parsing makes them. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true }) as unknown as fc.Arbitrary<T>
}

const anyFrame: fc.Arbitrary<RelayFrame> = fc.oneof(
  record({ kind: fc.constant('welcome' as const), hasNode: fc.boolean(), messageBytesMax: count }),
  record({ kind: fc.constant('refused' as const), code, message: fc.string({ maxLength: 200 }) }),
  record({
    kind: fc.constant('message' as const),
    peer: fc.oneof(fc.constant(''), id),
    flags: fc.nat(255),
    slot: fc.nat(2 ** 32 - 1),
    bytes: fc.uint8Array({ maxLength: 300 }),
  }),
  record({ kind: fc.constant('undelivered' as const), peer: id, code }),
  record({ kind: fc.constant('gone' as const), peer: id }),
  record({ kind: fc.constant('generation' as const), generation: count }),
  record({ kind: fc.constant('list' as const), number: count, after: fc.oneof(fc.constant(''), id) }),
  record({
    kind: fc.constant('clients' as const),
    number: count,
    refused: fc.constant(undefined),
    clients: fc.array(record({ id, generation: count, ageMs: count }), { maxLength: 5 }),
    isLast: fc.boolean(),
  }),
)

frames('what is encoded is read again', () => {
  checkProperty(
    fc.property(anyFrame, (frame) => {
      const encoded = encodeRelayFrame(frame)
      assert.is(new DataView(encoded.buffer).getUint32(0), encoded.length - LENGTH_BYTES)
      assert.equal(parseRelayFrame(encoded.subarray(LENGTH_BYTES)), frame)
    }),
  )
})

frames('the bytes are those of the protocol', () => {
  const bytes = new TextEncoder().encode('hello')
  const message = encodeRelayFrame({ kind: 'message', peer: 'bob', flags: 0, slot: 16, bytes })
  assert.is(hex(message), '0000001003' + '0003626f62' + '00' + '00000010' + '68656c6c6f')
  assert.is(hex(encodeRelayFrame({ kind: 'gone', peer: 'bob' })), '0000000f057b2270656572223a22626f62227d')
  const generation = '00000011067b2267656e65726174696f6e223a377d'
  assert.is(hex(encodeRelayFrame({ kind: 'generation', generation: 7 })), generation)
})

frames('whatever comes is a frame or malformed, and nothing else happens', () => {
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.tuple(fc.integer({ min: 0, max: 10 }), fc.json()).map(([kind, json]) => withKind(kind, json)),
  )
  checkProperty(
    fc.property(body, (bytes) => {
      try {
        parseRelayFrame(bytes)
      } catch (error) {
        assert.is((error as { code?: string }).code, 'GOSSIP_RELAY_MALFORMED')
      }
    }),
    { numRuns: 1_000 },
  )
})

for (const [problem, kind, json] of [
  ['a generation that is no integer', 6, '{"generation":1.5}'],
  ['a code that is no code', 4, '{"peer":"a","code":"no code"}'],
  ['an id that is too long', 5, `{"peer":"${'x'.repeat(257)}"}`],
  ['a list of more clients than a part has', 8, `{"number":1,"clients":${JSON.stringify(Array(129).fill({}))}}`],
  ['deep nesting', 1, `${'{"a":'.repeat(50)}1${'}'.repeat(50)}`],
] as const) {
  frames(`${problem} is malformed`, () => {
    assert.throws(
      () => parseRelayFrame(withKind(kind, json)),
      (error: { code?: string }) => error.code === 'GOSSIP_RELAY_MALFORMED',
    )
  })
}

frames('a message that ends within its head is malformed', () => {
  const whole = encodeRelayFrame({ kind: 'message', peer: 'bob', flags: 0, slot: 1, bytes: new Uint8Array(0) })
  for (let length = 1; length < whole.length - LENGTH_BYTES; length++) {
    const cut = whole.subarray(LENGTH_BYTES, LENGTH_BYTES + length)
    assert.throws(
      () => parseRelayFrame(cut),
      (error: { code?: string }) => error.code === 'GOSSIP_RELAY_MALFORMED',
    )
  }
})

frames.run()

function withKind(kind: number, json: string): Uint8Array {
  return Uint8Array.of(kind, ...new TextEncoder().encode(json))
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
