import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Hello, type JsonValue, jsonBytes, MalformedMessageError } from '../../../src/core/index.ts'
import {
  ENVELOPE_BYTES_MAX,
  encodeHello,
  encodeMessage,
  helloAnswerLine,
  MESSAGE_DEPTH_MAX,
  type MessageKind,
  messageLine,
  parseEnvelope,
  rpcLine,
} from '../../../src/transports/wire/index.ts'
import { checkProperty } from '../../harness/property.ts'

const envelope = suite('envelope')

const L = { id: 'L', transport: { host: '127.0.0.1', port: 9742 } }
const hello: Hello = { protocolVersion: 1, clusterId: 'c', id: 'L', generation: 7, features: [], valueBytesMax: 9 }

function nested(levels: number): string {
  return `${'['.repeat(levels)}${']'.repeat(levels)}`
}

envelope('S2.15 writes a digest of the first generation byte for byte', () => {
  const digest = [{ id: 'L', maxVersionSeen: 0, transport: L.transport }]
  const line = messageLine(encodeMessage('digest', digest, L))
  const expected =
    '{"digest":[{"id":"L","maxVersionSeen":0,"transport":{"host":"127.0.0.1","port":9742}}],' +
    '"sender":{"id":"L","transport":{"host":"127.0.0.1","port":9742}}}\r\n'
  assert.is(line, expected)
  assert.is(Buffer.byteLength(line), 154)
  assert.is(Buffer.from(line).subarray(-5).toString('hex'), '7d7d7d0d0a')
})

envelope('writes deltas of the first generation byte for byte, UTF-8 unescaped', () => {
  const line = messageLine(encodeMessage('deltas', [['L', 'foo', 'bär €', 1]], L))
  const expected =
    '{"deltas":[["L","foo","bär €",1]],"sender":{"id":"L","transport":{"host":"127.0.0.1","port":9742}}}\r\n'
  assert.is(line, expected)
})

envelope('adds the hello behind what the first generation reads', () => {
  const line = messageLine(encodeMessage('digest', [], L), encodeHello(hello))
  assert.is(
    line,
    '{"digest":[],"sender":{"id":"L","transport":{"host":"127.0.0.1","port":9742}},"hello":{"protocolVersion":1,' +
      '"clusterId":"c","id":"L","generation":7,"features":[],"valueBytesMax":9}}\r\n',
  )
})

envelope('reads back what it wrote, with and without hello, for any JSON', () => {
  const ids = fc.string({ unit: 'binary', minLength: 1, maxLength: 64 })
  const parts = fc.record({ kind: fc.constantFrom<MessageKind>('digest', 'deltas'), payload: fc.jsonValue(), id: ids })
  checkProperty(
    fc.property(parts, fc.jsonValue({ maxDepth: 2, stringUnit: 'binary' }), fc.boolean(), (part, address, isFirst) => {
      const payload = JSON.parse(JSON.stringify(part.payload)) as JsonValue
      const transport = JSON.parse(JSON.stringify(address)) as JsonValue
      fc.pre(jsonBytes(transport) <= 1_024)
      const sender = { id: part.id, transport }
      const said = isFirst ? { ...hello, id: part.id } : undefined
      const line = messageLine(encodeMessage(part.kind, payload, sender), said && encodeHello(said))
      assert.is(line.indexOf('\n'), line.length - 1)
      assert.equal(parseEnvelope(JSON.parse(line)), { kind: part.kind, payload, sender, hello: said })
      assert.ok(Buffer.byteLength(line) - jsonBytes(payload) <= ENVELOPE_BYTES_MAX)
    }),
  )
})

envelope('reads a hello that stands alone', () => {
  const read = parseEnvelope(JSON.parse(helloAnswerLine(L, encodeHello(hello))))
  assert.equal(read, { kind: 'hello', sender: L, hello })
})

envelope('prefers deltas where a message has both', () => {
  const read = parseEnvelope({ digest: [1], deltas: [2], sender: L })
  assert.equal([read.kind, 'payload' in read && read.payload], ['deltas', [2]])
})

envelope('takes everything else for an rpc payload', () => {
  for (const payload of [
    0,
    false,
    '',
    'text',
    [],
    [[]],
    {},
    { hello: 'world' },
    { sender: 1 },
    { hello: {}, sender: {} },
  ]) {
    assert.equal(parseEnvelope(payload), { kind: 'rpc', payload, sender: undefined })
  }
  assert.equal(parseEnvelope({ ask: 1, sender: L }), { kind: 'rpc', payload: { ask: 1, sender: L }, sender: L })
})

envelope('refuses gossip that nobody sent, null, and a hello in another name', () => {
  const bad = [
    null,
    undefined,
    { digest: [] },
    { deltas: [], sender: null },
    { digest: [], sender: [] },
    { digest: [], sender: { id: 'a' } },
    { digest: [], sender: L, hello: null },
    { digest: [], sender: L, hello: 1 },
    { digest: [], sender: L, hello: { ...hello, id: 'M' } },
    { sender: L, hello: { protocolVersion: 1 } },
  ]
  for (const value of bad) {
    assert.throws(
      () => parseEnvelope(value),
      (e: unknown) => e instanceof MalformedMessageError,
      JSON.stringify(value),
    )
  }
})

envelope('refuses deep nesting anywhere, without recursing into it', () => {
  const deep: unknown = JSON.parse(nested(100_000))
  for (const value of [deep, { digest: deep, sender: L }, { digest: [], sender: deep }, { x: { y: deep } }]) {
    assert.throws(() => parseEnvelope(value), /nested/)
  }
  assert.is(parseEnvelope(JSON.parse(nested(MESSAGE_DEPTH_MAX))).kind, 'rpc')
  assert.throws(() => parseEnvelope(JSON.parse(nested(MESSAGE_DEPTH_MAX + 1))), /nested/)
})

envelope('sends an rpc string as it is and anything else as JSON', () => {
  assert.is(rpcLine('{"a": 1}'), '{"a": 1}\r\n')
  assert.is(rpcLine({ a: 1 }), '{"a":1}\r\n')
})

envelope('refuses payloads that JSON cannot say', () => {
  const cycle: unknown[] = []
  cycle.push(cycle)
  for (const payload of [undefined, 1n, cycle, () => 1]) {
    assert.throws(() => encodeMessage('digest', payload as never, L), /JSON/)
  }
})

envelope.run()
