import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeQuestion, decodeReply, encodeQuestion, encodeReply } from '../../../src/ring/forward/envelope.ts'
import { checkProperty } from '../../harness/property.ts'

const envelope = suite('ring: envelope')

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
const plain = { noNullPrototype: true }
const bytes = fc.uint8Array({ maxLength: 40 })

envelope('a question that was written is read as it was', () => {
  const question = fc.record({ key: fc.oneof(text, bytes), name: text, isForAny: fc.boolean(), body: bytes }, plain)
  checkProperty(
    fc.property(question, (asked) => {
      assert.equal(decodeQuestion(encodeQuestion(asked)), asked)
    }),
  )
})

envelope('a reply that was written is read as it was', () => {
  const done = fc.record({ kind: fc.constant('done' as const), body: bytes }, plain)
  const refused = fc.record(
    { kind: fc.constant('refused' as const), owner: fc.option(text, { nil: undefined }) },
    plain,
  )
  checkProperty(
    fc.property(fc.oneof(done, refused), (reply) => {
      assert.equal(decodeReply(encodeReply(reply)), reply)
    }),
  )
})

envelope('whatever comes, it is read or refused: nothing is thrown, and no question names nobody', () => {
  const rubbish = fc.oneof(bytes, fc.jsonValue(), fc.constant(undefined))
  checkProperty(
    fc.property(rubbish, (received) => {
      const question = decodeQuestion(received)
      if (question !== undefined) assert.ok(question.name.length > 0)
      const reply = decodeReply(received)
      if (reply?.kind === 'refused') assert.not.equal(reply.owner, '')
    }),
  )
})

envelope('the bytes are those of the protocol', () => {
  const question = encodeQuestion({ key: 'user:7', name: 'get', isForAny: true, body: Uint8Array.of(0) })
  assert.is(Buffer.from(question).toString('hex'), '01000300000006676574757365723a3700')
  assert.is(Buffer.from(encodeReply({ kind: 'refused', owner: 'bob' })).toString('hex'), '01626f62')
  assert.is(Buffer.from(encodeReply({ kind: 'done', body: Uint8Array.of(0) })).toString('hex'), '0000')
})

envelope('a name or a key that goes beyond the end, unknown flags and broken text are no question', () => {
  for (const hex of ['', '00', '00000300000006676574', '0400010000000061', '0000010000000161', '00000100000001ff61']) {
    assert.is(decodeQuestion(new Uint8Array(Buffer.from(hex, 'hex'))), undefined, hex)
  }
  assert.is(decodeReply(Uint8Array.of(1, 0xff)), undefined)
  assert.is(decodeReply(Uint8Array.of(2)), undefined)
})

envelope.run()
