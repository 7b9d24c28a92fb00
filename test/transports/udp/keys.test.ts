/** Shared keys: what they hide, whom they keep out, and how they change while everybody goes on talking. */

import { randomBytes } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UdpTransport } from '../../../src/transports/index.ts'
import { Openings, until } from './loopback.ts'

const keys = suite('udp: keys')
const openings = new Openings()

keys.after.each(() => openings.close())

const [OLD, NEW] = [
  { id: 'old', key: randomBytes(32).toString('hex') },
  { id: 'new', key: randomBytes(32).toString('base64') },
]

keys('nothing readable is on the wire but types, tokens and numbers', async () => {
  const [a, b] = [await openings.ear('secret-a', { keys: [OLD] }), await openings.ear('secret-b', { keys: [OLD] })]
  const relay = await openings.relay(b.port)
  await until(
    'they have met',
    () => b.payloads.includes('secret-text'),
    () => a.say(relay.port, 'secret-text'),
  )
  assert.is(b.transport.maxMessageBytes, 1_200 - 33)
  for (const packet of [...relay.there, ...relay.back]) assert.not(packet.includes('secret'))
})

keys('a packet that was altered anywhere is refused', async () => {
  const [a, b] = [await openings.ear('a', { keys: [OLD] }), await openings.ear('b', { keys: [OLD] })]
  const relay = await openings.relay(b.port)
  await until(
    'they have met',
    () => b.heard.length > 0,
    () => a.say(relay.port, 'first'),
  )
  relay.passes = () => false
  const before = relay.there.length
  a.say(relay.port, 'kept back')
  await until('it is held', () => relay.there.length > before)
  const packet = relay.there.at(-1) as Buffer
  // Behind first byte and token, which name another packet or another connection.
  for (let at = 9; at < packet.length; at++) {
    const altered = Buffer.from(packet)
    altered[at] = (altered[at] as number) ^ 1
    await relay.inject(altered)
  }
  await until('all are refused', () => b.transport.stats.unreadablePackets >= packet.length - 9)
  await relay.inject(packet)
  await until('and the real one is taken', () => b.payloads.includes('kept back'))
  assert.ok(b.codes.includes('GOSSIP_KEY_UNKNOWN'))
})

keys('whoever has another key, or none, is kept out, and both sides are told', async () => {
  const b = await openings.ear('b', { keys: [OLD] })
  const [other, none] = [
    await openings.ear('other', { keys: [NEW], handshakeTimeoutMs: 300 }),
    await openings.ear('none', { handshakeTimeoutMs: 300 }),
  ]
  for (const [stranger, code] of [
    [other, 'GOSSIP_KEY_UNKNOWN'],
    [none, 'GOSSIP_ENCRYPTION_DIFFERS'],
  ] as const) {
    await until(
      `b tells ${code}`,
      () => b.codes.includes(code),
      () => stranger.say(b.port, 1),
    )
    await until(
      'the other gives up',
      () => stranger.codes.includes('GOSSIP_CONNECT_FAILED'),
      () => stranger.say(b.port, 1),
    )
  }
  await until(
    'b cannot reach it either',
    () => none.codes.includes('GOSSIP_ENCRYPTION_DIFFERS'),
    () => b.say(none.port, 1),
  )
  assert.equal([b.heard, b.hellos, none.heard], [[], [], []])
})

keys('keys are exchanged under traffic, one node after the other, and every message arrives', async () => {
  const nodes = await Promise.all(['a', 'b', 'c'].map((id) => openings.ear(id, { keys: [OLD] })))
  let count = 0
  const talk = async (stage: string): Promise<void> => {
    const text = `${stage} ${++count}`
    for (const to of nodes) {
      for (const from of nodes.filter((each) => each !== to)) {
        const hasCome = (): boolean => to.heard.some(({ sender, payload }) => sender.id === from.id && payload === text)
        await until(`${text} from ${from.id} to ${to.id}`, hasCome, () => from.say(to.port, text))
      }
    }
  }
  await talk('before')
  for (const { transport } of nodes) {
    transport.setKeys([OLD, NEW])
    await talk('both are known')
  }
  for (const { transport } of nodes) {
    transport.useKey('new')
    await talk('the new one is first')
  }
  for (const { transport } of nodes) {
    transport.setKeys([NEW])
    await talk('the old one is gone')
  }
  assert.equal(
    nodes.flatMap(({ codes }) => codes),
    [],
  )
})

keys('connections in use get the key that was put first', async () => {
  const [a, b] = await Promise.all(['a', 'b'].map((id) => openings.ear(id, { keys: [OLD, NEW] })))
  assert.ok(a !== undefined && b !== undefined)
  const relay = await openings.relay(b.port)
  await until(
    'they have met',
    () => b.heard.length > 0,
    () => a.say(relay.port, 1),
  )
  relay.there.length = 0
  a.transport.useKey('new')
  await until(
    'a handshake begins',
    () => relay.there.some(([first]) => first === 0xe2),
    () => a.say(relay.port, 2),
  )
  await until(
    'messages pass',
    () => b.payloads.includes(3),
    () => a.say(relay.port, 3),
  )
  assert.equal([...a.codes, ...b.codes], [])
})

keys('a key that was taken away opens nothing more, not even what it had opened', async () => {
  const [a, b] = [await openings.ear('a', { keys: [OLD] }), await openings.ear('b', { keys: [OLD, NEW] })]
  await until(
    'they have met',
    () => b.heard.length > 0,
    () => a.say(b.port, 1),
  )
  b.transport.setKeys([NEW])
  const before = b.heard.length
  const isTold = (): boolean => a.codes.includes('GOSSIP_KEY_UNKNOWN')
  await until('a hears of it under a key that it lacks', isTold, () => a.say(b.port, 'too late'))
  assert.is(b.heard.length, before)
})

keys('what is no key is refused, and shown to nobody', () => {
  const secret = 'k'.repeat(40)
  const bad = [
    [],
    [{}],
    [{ key: secret }],
    [{ key: new Uint8Array(31) }],
    [OLD, OLD],
    [{ ...OLD, more: 1 }],
    [secret],
    'x',
    null,
  ]
  for (const value of [
    ...bad,
    [OLD, { ...NEW, id: 'old' }],
    [{ ...OLD, id: '' }],
    Array.from({ length: 17 }, () => OLD),
  ]) {
    assert.throws(
      () => new UdpTransport({ keys: value as never }),
      (error: Error & { code: string; value: unknown }) => {
        assert.is(error.code, 'GOSSIP_OPTION_INVALID')
        return !JSON.stringify([error.message, error.value]).includes(secret)
      },
    )
  }
  const transport = new UdpTransport({ keys: [OLD] })
  for (const change of [
    () => transport.useKey('none'),
    () => transport.setKeys([]),
    () => new UdpTransport().useKey('x'),
  ]) {
    assert.throws(change, (error: { code: string }) => error.code === 'GOSSIP_OPTION_INVALID')
  }
})

keys.run()
