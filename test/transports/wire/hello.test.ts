import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Hello, InvalidOptionError, MalformedMessageError } from '../../../src/core/index.ts'
import { encodeHello, HELLO_BYTES_MAX, helloRefusal, parseHello } from '../../../src/transports/wire/index.ts'

const hello = suite('hello')

const good: Hello = {
  protocolVersion: 1,
  clusterId: 'c',
  id: 'a',
  generation: 1_700_000_000_000,
  features: ['bulk'],
  valueBytesMax: 1_048_576,
}

hello('reads what it wrote', () => {
  assert.equal(parseHello(JSON.parse(encodeHello(good))), good)
})

hello('ignores fields it does not know', () => {
  assert.equal(parseHello({ ...good, later: [1, 2, 3] }), good)
})

hello('refuses a wrong type in every field', () => {
  for (const field of Object.keys(good)) {
    for (const value of [undefined, null, true, -1, 1.5, Number.NaN, 2 ** 53, {}, [[]], [1]]) {
      const isRefused = (error: unknown): boolean => error instanceof MalformedMessageError
      assert.throws(() => parseHello({ ...good, [field]: value }), isRefused, `${field}: ${JSON.stringify(value)}`)
    }
  }
  for (const value of [undefined, null, 1, 'x', [], [good]]) assert.throws(() => parseHello(value), /no object/)
})

hello('bounds every text and list', () => {
  const tooMuch: Partial<Record<keyof Hello, unknown>>[] = [
    { id: 'x'.repeat(257) },
    { id: '' },
    { clusterId: 'x'.repeat(257) },
    { features: Array.from({ length: 33 }, () => 'x') },
    { features: ['x'.repeat(65)] },
  ]
  for (const field of tooMuch) assert.throws(() => parseHello({ ...good, ...field }), /hello/)
})

hello('is refused for another version of the protocol, or another cluster', () => {
  const peer = { id: 'b', transport: 'x' }
  assert.is(helloRefusal(good, { ...good, id: 'b' }, peer), undefined)
  assert.is(helloRefusal(good, { ...good, protocolVersion: 2 }, peer)?.code, 'GOSSIP_PROTOCOL_UNSUPPORTED')
  const foreign = helloRefusal(good, { ...good, clusterId: 'other' }, peer)
  assert.is(foreign?.code, 'GOSSIP_CLUSTER_FOREIGN')
  assert.equal(foreign !== undefined && 'peer' in foreign && foreign.peer, peer)
})

hello('is not written when no peer could read it', () => {
  const isRefused = (error: unknown): boolean => error instanceof InvalidOptionError
  assert.throws(() => encodeHello({ ...good, id: '' }), isRefused)
  const features = Array.from({ length: 32 }, () => '\u0001'.repeat(64))
  assert.throws(() => encodeHello({ ...good, features }), isRefused)
  assert.ok(Buffer.byteLength(encodeHello(good)) <= HELLO_BYTES_MAX)
})

hello.run()
