/** What somebody who has proven nothing can make a transport do: next to nothing. */

import { randomBytes } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Openings, until } from './loopback.ts'

const strangers = suite('udp: strangers')
const openings = new Openings()

strangers.after.each(() => openings.close())

const KEYS = [{ key: randomBytes(32) }]

for (const [name, options] of [
  ['plain', {}],
  ['with keys', { keys: KEYS }],
] as const) {
  strangers(`whoever never shows that he receives gets at most three times what he sent (${name})`, async () => {
    const ear = await openings.ear('ear', options)
    const probe = await openings.ear('probe', options)
    for (const packet of await packetsOfStrangers(options)) {
      const stranger = await openings.stranger()
      for (let i = 0; i < 20; i++) await stranger.send(packet, ear.port)
      // What comes last is read last, and answers come before it.
      const before = ear.heard.length
      const say = (): void => probe.say(ear.port, 'probe')
      say()
      await until('the probe arrives', () => ear.heard.length > before, say)
      const limit = 3 * 20 * packet.length
      assert.ok(stranger.receivedBytes <= limit, `${stranger.receivedBytes} bytes for ${packet.length} × 20`)
    }
    assert.is(ear.transport.stats.strangers, 0)
    assert.equal(
      ear.heard.filter(({ payload }) => payload !== 'probe'),
      [],
    )
  })

  strangers(`to an address that somebody claims goes nothing but small asks (${name})`, async () => {
    const ear = await openings.ear('ear', { ...options, handshakeTimeoutMs: 300 })
    const victim = await openings.stranger()
    for (let i = 0; i < 50; i++) ear.say(victim.port, ['x'.repeat(1_000), i])
    await until('it is given up', () => ear.codes.includes('GOSSIP_CONNECT_FAILED'))
    assert.ok(victim.packets.length >= 1 && victim.packets.length <= 4)
    for (const packet of victim.packets) assert.ok(packet.length <= 67)
  })
}

strangers('an ask is answered by a challenge of its own length, and nothing is kept', async () => {
  const ear = await openings.ear('ear')
  const stranger = await openings.stranger()
  const ask = Buffer.concat([Buffer.of(0xd0), randomBytes(8), Buffer.alloc(16)])
  for (let i = 0; i < 10; i++) await stranger.send(ask, ear.port)
  await until('challenges come', () => stranger.packets.length === 10)
  for (const packet of stranger.packets) {
    assert.is(packet.length, ask.length)
    assert.is(packet[0], 0xd1)
  }
  assert.is(ear.transport.stats.connections, 0)
})

strangers('an invented cookie opens nothing', async () => {
  const ear = await openings.ear('ear')
  const stranger = await openings.stranger()
  await stranger.send(Buffer.concat([Buffer.of(0xd2), randomBytes(8 + 16 + 16)]), ear.port)
  await until('a challenge comes instead', () => stranger.packets[0]?.[0] === 0xd1)
  assert.is(ear.transport.stats.connections, 0)
})

strangers('a cookie is good only at the address it was sent to', async () => {
  const ear = await openings.ear('ear')
  const [thief, owner] = [await openings.stranger(), await openings.stranger()]
  const token = randomBytes(8)
  await owner.send(Buffer.concat([Buffer.of(0xd0), token, Buffer.alloc(16)]), ear.port)
  await until('the cookie comes', () => owner.packets.length > 0)
  const open = Buffer.concat([Buffer.of(0xd2), token, (owner.packets[0] as Buffer).subarray(9), randomBytes(16)])
  await thief.send(open, ear.port)
  await until('the thief is challenged', () => thief.packets[0]?.[0] === 0xd1)
  assert.is(ear.transport.stats.strangers, 0)
  await owner.send(open, ear.port)
  await until('the owner is let in', () => owner.packets[1]?.[0] === 0xd3)
  assert.is(ear.transport.stats.strangers, 1)
})

strangers('connections that are opened and never used are bounded', async () => {
  const ear = await openings.ear('ear', { strangersMax: 5 })
  const stranger = await openings.stranger()
  for (let i = 0; i < 20; i++) {
    const before = stranger.packets.length
    const token = randomBytes(8)
    await stranger.send(Buffer.concat([Buffer.of(0xd0), token, Buffer.alloc(16)]), ear.port)
    await until('the cookie comes', () => stranger.packets.length > before)
    const cookie = (stranger.packets.at(-1) as Buffer).subarray(9)
    await stranger.send(Buffer.concat([Buffer.of(0xd2), token, cookie, randomBytes(16)]), ear.port)
    await until('it is opened', () => stranger.packets.length > before + 1)
  }
  assert.is(ear.transport.stats.connections, 5)
})

strangers('a flood of garbage harms nobody, and is told of at most once a second', async () => {
  const [a, b] = [await openings.ear('a'), await openings.ear('b')]
  const stranger = await openings.stranger()
  await until(
    'they have met',
    () => b.heard.length > 0,
    () => a.say(b.port, 'before'),
  )
  const startMs = performance.now()
  for (let i = 0; i < 20_000; i++) {
    const garbage = randomBytes(64)
    if (i % 2 === 0) garbage[0] = 0xd0 + (i % 6)
    await stranger.send(garbage, b.port)
    if (i % 1_000 === 0) a.say(b.port, i)
  }
  await until(
    'they still speak',
    () => b.payloads.includes('after'),
    () => a.say(b.port, 'after'),
  )
  const seconds = Math.ceil((performance.now() - startMs) / 1_000)
  assert.ok(b.transport.stats.malformedPackets > 0)
  assert.ok(b.errors.length <= seconds + 1, `${b.errors.length} errors in ${seconds} s`)
  assert.ok(stranger.receivedBytes <= 3 * 64 * 20_000)
  assert.equal(a.errors, [])
})

/** One packet of each type and of several lengths, as somebody without keys and without a connection can make them. */
async function packetsOfStrangers(options: object): Promise<Buffer[]> {
  const plain = [0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xe0, 0xe2, 0xe5].flatMap((first) =>
    [1, 9, 15, 16, 17, 25, 41, 60, 100].map((length) => Buffer.concat([Buffer.of(first), randomBytes(length - 1)])),
  )
  // And what a member sent elsewhere, taken from the wire and sent again in another's name.
  const member = await openings.ear('member', options)
  const other = await openings.ear('other', options)
  const relay = await openings.relay(other.port)
  await until(
    'they have met',
    () => other.heard.length > 0,
    () => member.say(relay.port, 'seen by the relay'),
  )
  return [...plain, ...relay.there, ...relay.back]
}

strangers.run()
