/** The bytes of frames, as the protocol has them, and what is refused before anybody believes it. */

import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  afterCredit,
  encodeCredit,
  encodeFrame,
  encodeHead,
  encodeReason,
  isCode,
  KIND,
  type Kind,
  parseHead,
  parseReason,
  readCredit,
} from '../../../src/transports/session/frame.ts'
import { FrameReader } from '../../../src/transports/session/frame-reader.ts'
import { encodeGreeting, parseGreeting } from '../../../src/transports/session/greeting.ts'
import { GREETING_START, joinBytes } from '../../../src/transports/session/index.ts'
import { checkProperty } from '../../harness/property.ts'
import { helloOf } from './session-pair.ts'

const frame = suite('session frames')

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

const GOLDEN: readonly [name: string, bytes: Uint8Array, hex: string][] = [
  ['a frame', encodeFrame(KIND.frame, 0, utf8('hi')), '01000002000000006869'],
  ['an empty frame', encodeFrame(KIND.frame, 0), '0100000000000000'],
  ['open', encodeFrame(KIND.open, 1, encodeCredit(262_144), utf8('"ok"')), '020000080000000100040000226f6b22'],
  ['accepted', encodeFrame(KIND.accepted, 1, encodeCredit(65_536)), '030000040000000100010000'],
  [
    'refused',
    encodeFrame(KIND.refused, 3, encodeReason({ code: 'A_B', message: 'é' })),
    '0400001d000000037b22636f6465223a22415f42222c226d657373616765223a22c3a9227d',
  ],
  ['data', encodeFrame(KIND.data, 1, Uint8Array.of(1, 2, 3)), '0500000300000001010203'],
  ['the most data', encodeHead(KIND.data, 4_294_967_295, 65_536), '05010000ffffffff'],
  ['end', encodeHead(KIND.end, 1, 0), '0600000000000001'],
  [
    'reset',
    encodeFrame(KIND.reset, 2, encodeReason({ code: 'A_B', message: '' })),
    '0700001b000000027b22636f6465223a22415f42222c226d657373616765223a22227d',
  ],
  ['credit', encodeFrame(KIND.credit, 2, encodeCredit(1)), '080000040000000200000001'],
  ['ping', encodeFrame(KIND.ping, 0, new Uint8Array(8)), '09000008000000000000000000000000'],
  ['pong', encodeFrame(KIND.pong, 0, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)), '0a000008000000000102030405060708'],
  ['goodbye', encodeFrame(KIND.goodbye, 0), '0b00000000000000'],
]

for (const [name, bytes, expected] of GOLDEN) frame(`${name} has its bytes`, () => assert.is(hex(bytes), expected))

frame('S3.28 the first line has its bytes', () => {
  const sender = { id: 'ann', transport: { port: 1 } }
  const line = encodeGreeting({
    sender,
    hello: helloOf('ann'),
    frameBytesMax: 1_000,
    expected: 'ben',
    refused: { code: 'A_B', message: 'no' },
  })
  const hello = '{"protocolVersion":2,"clusterId":"one","id":"ann","generation":1,"features":[],"valueBytesMax":1000}'
  const rest = ',"frameBytesMax":1000,"to":"ben","refused":{"code":"A_B","message":"no"}}\r\n'
  const expected = `${GREETING_START}"ann","transport":{"port":1}},"hello":${hello}${rest}`
  assert.is(Buffer.from(line).toString(), expected)
  assert.equal(parseGreeting(line), {
    sender,
    hello: helloOf('ann'),
    frameBytesMax: 1_000,
    expected: 'ben',
    refused: { code: 'A_B', message: 'no' },
  })
})

const WRONG: readonly [name: string, hex: string][] = [
  ['a kind that is none', '0000000000000000'],
  ['a kind of the future', '0c00000000000000'],
  ['a frame over the limit', '0100040100000000'],
  ['a frame on a channel', '0100000100000001'],
  ['data on no channel', '0500000100000000'],
  ['no data', '0500000000000001'],
  ['data over the limit', '0501000100000001'],
  ['an open without a header', '0200000400000001'],
  ['an open with too long a header', '0200400500000001'],
  ['credit of three bytes', '0800000300000001'],
  ['an end with bytes', '0600000100000001'],
  ['a ping of seven bytes', '0900000700000000'],
  ['a reason without words', '0700000100000001'],
  ['a reason with too many', '0700080100000001'],
  ['a goodbye on a channel', '0b00000000000001'],
]

for (const [name, text] of WRONG) {
  frame(`${name} is refused by its header`, () => {
    const malformed = (error: unknown): boolean => (error as { code?: string }).code === 'GOSSIP_SESSION_MALFORMED'
    assert.throws(() => parseHead(Buffer.from(text, 'hex'), 0, 1_024), malformed)
  })
}

frame('a reason that is none is malformed, and what it says is cut to size', () => {
  assert.throws(() => parseReason(utf8('[]x'), 'A_B'))
  assert.throws(() => parseReason(utf8('null'), 'A_B'))
  const long = { code: 'x'.repeat(100), message: 'y'.repeat(1_000) }
  assert.equal(parseReason(utf8(JSON.stringify(long)), 'A_B'), { code: 'A_B', message: 'y'.repeat(200) })
  assert.ok(encodeReason({ code: 'A_B', message: '\u0000'.repeat(1_000) }).length <= 2_048)
})

frame('a code is capitals, a noun and a problem', () => {
  for (const code of ['A_B', 'ACME_NOT_TODAY', 'GOSSIP_2_B']) assert.ok(isCode(code), code)
  for (const code of ['', 'A', 'a_b', 'A_', '_A', '2_A', 'A B', `A_${'B'.repeat(63)}`, 7, undefined]) {
    assert.not(isCode(code), String(code))
  }
})

frame('S3.26 however a stream is cut, the same frames come of it', () => {
  const kinds: readonly Exclude<Kind, 5>[] = [1, 2, 7, 9]
  const arbitrary = fc.oneof(
    fc.record({ kind: fc.constant(KIND.data), size: fc.integer({ min: 1, max: 3_000 }) }),
    fc.record({ kind: fc.constantFrom(...kinds), size: fc.integer({ min: 5, max: 900 }) }),
  )
  const cuts = fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 1, maxLength: 20 })
  checkProperty(
    fc.property(fc.array(arbitrary, { maxLength: 20 }), cuts, (frames, sizes) => {
      const sent = frames.map(({ kind, size }, i) => {
        const payload = new Uint8Array(kind === KIND.ping ? 8 : size).fill(i + 1)
        return { kind, channel: kind === KIND.frame || kind === KIND.ping ? 0 : i + 1, payload }
      })
      const stream = joinBytes(sent.map(({ kind, channel, payload }) => encodeFrame(kind, channel, payload)))
      const heard: { kind: Kind; channel: number; payload: Uint8Array }[] = []
      const reader = new FrameReader(
        {
          onFrame: (kind, channel, payload) => void heard.push({ kind, channel, payload: payload.slice() }),
          onData: (channel, bytes) => {
            const last = heard.at(-1)
            if (last?.kind !== KIND.data || last.channel !== channel) {
              heard.push({ kind: KIND.data, channel, payload: bytes.slice() })
            } else last.payload = Uint8Array.from([...last.payload, ...bytes])
          },
        },
        1_024,
      )
      for (let at = 0, i = 0; at < stream.length; i++) {
        const end = at + (sizes[i % sizes.length] as number)
        reader.push(stream.subarray(at, end))
        at = end
      }
      assert.equal(heard, sent)
    }),
  )
})

frame('credit is what was written', () => {
  const payload = encodeFrame(KIND.open, 1, encodeCredit(2 ** 31 - 1), utf8('[]')).subarray(8)
  assert.equal([readCredit(payload), afterCredit(payload).length], [2 ** 31 - 1, 2])
})

frame.run()
