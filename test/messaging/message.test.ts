import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue } from '../../src/core/index.ts'
import {
  decodeMessage,
  encodeCancel,
  encodeFailure,
  encodeRequest,
  encodeResult,
  encodeSend,
} from '../../src/messaging/message.ts'
import { encodePayload } from '../../src/messaging/payload.ts'

const message = suite('message')

const id = fc.integer({ min: 0, max: 2 ** 48 - 1 })
const target = fc.record(
  {
    space: fc.constantFrom('handler' as const, 'service' as const, 'library' as const),
    name: fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme-ascii' }),
  },
  { noNullPrototype: true },
)
const payload = fc.oneof(
  fc.constant(undefined),
  fc.uint8Array(),
  fc.json({ maxDepth: 3 }).map((text) => JSON.parse(text) as JsonValue),
)

message('what was written is read again', () => {
  fc.assert(
    fc.property(id, target, payload, (number, to, value) => {
      const body = encodePayload(value)
      const read = body[0] === 1 ? JSON.parse(JSON.stringify(value)) : value
      assert.equal(decodeMessage(encodeRequest(number, to, body)), {
        kind: 'request',
        id: number,
        target: to,
        payload: read,
      })
      assert.equal(decodeMessage(encodeResult(number, body)), { kind: 'result', id: number, payload: read })
      assert.equal(decodeMessage(encodeSend(to, body)), { kind: 'send', target: to, payload: read })
      assert.equal(decodeMessage(encodeCancel(number)), { kind: 'cancel', id: number })
    }),
    { seed: 20080915, numRuns: 300 },
  )
})

message('a failure keeps its code, and of its text what fits', () => {
  assert.equal(decodeMessage(encodeFailure(7, 'ACME_OUT_OF_STOCK', 'ü'.repeat(2_000))), {
    kind: 'failure',
    id: 7,
    code: 'ACME_OUT_OF_STOCK',
    message: 'ü'.repeat(512),
  })
})

message('no bytes are read that cannot be, and none throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const read = decodeMessage(Uint8Array.from([0x6d, ...bytes]))
      assert.ok(read === undefined || ['request', 'result', 'failure', 'cancel', 'send'].includes(read.kind))
    }),
    { seed: 20080915, numRuns: 2_000 },
  )
})

message('S3.27 the bytes of a request are those of the document', () => {
  const bytes = encodeRequest(1, { space: 'handler', name: 'add' }, encodePayload([1, 2]))
  assert.is(Buffer.from(bytes).toString('hex'), '6d010000000000010000036164640' + '15b312c325d')
})

message.run()
