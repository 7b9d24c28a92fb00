/** Connections from handshake to end: what gets through, what is refused, how they come back. */

import { randomBytes } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { HOST, helloOf, Openings, until, urlOf } from './loopback.ts'

const connections = suite('udp: connections')
const openings = new Openings()

connections.after.each(() => openings.close())

connections('sender and hello are said once, a token stands for them later', async () => {
  const [a, b] = [await openings.ear('a'.repeat(200)), await openings.ear('b')]
  const relay = await openings.relay(b.port)
  await until(
    'they have met',
    () => b.heard.length > 0,
    () => a.say(relay.port, 0),
  )
  const before = relay.there.length
  await until(
    'more has come',
    () => b.heard.length > 5,
    () => a.say(relay.port, 'a message'),
  )
  const later = relay.there.slice(before)
  assert.ok(later.every((packet) => packet.length === 17 + '"a message"'.length))
  assert.is(b.heard.at(-1)?.sender.id, a.id)
  assert.is(b.hellos.length, 1)
})

connections('an introduction of the greatest length arrives in packets of the smallest', async () => {
  const options = { packetBytesMax: 512, keys: [{ key: randomBytes(32) }] }
  const [a, b] = [await openings.ear('雪'.repeat(256), options), await openings.ear('b', options)]
  const features = Array.from({ length: 32 }, () => 'f'.repeat(64))
  a.transport.introduce(helloOf(a.id, { features }))
  const relay = await openings.relay(b.port)
  const self = { id: a.id, transport: 'x'.repeat(1_022) }
  const send = (): void => a.transport.deltas({ transport: urlOf(relay.port) }, self, [1])
  await until('it arrives', () => b.heard.length > 0, send)
  assert.equal(b.heard[0], { kind: 'deltas', sender: self, payload: [1] })
  assert.equal(b.hellos[0]?.features, features)
  assert.ok([...relay.there, ...relay.back].every(({ length }) => length <= 512))
})

connections('handshake and introduction survive the loss of any packet', async () => {
  for (let lost = 0; lost < 6; lost++) {
    const [a, b] = [await openings.ear('a'), await openings.ear('b')]
    const relay = await openings.relay(b.port)
    let seen = 0
    relay.passes = () => seen++ !== lost
    a.say(relay.port, 'only once')
    await until(`it arrives although packet ${lost} was lost`, () => b.heard.length > 0 || seen > 40)
    assert.equal(b.payloads, ['only once'])
    await openings.close()
  }
})

connections('packets that come again are told once, and counted', async () => {
  for (const options of [{}, { keys: [{ key: randomBytes(32) }] }]) {
    const [a, b] = [await openings.ear('a', options), await openings.ear('b', options)]
    const relay = await openings.relay(b.port)
    await until(
      'they have met',
      () => b.heard.length > 0,
      () => a.say(relay.port, 'first'),
    )
    for (let i = 0; i < 20; i++) a.say(relay.port, i)
    await until('all have come', () => b.payloads.includes(19))
    const before = b.heard.length
    const { replayedPackets } = b.transport.stats
    for (const packet of [...relay.there]) await relay.inject(packet)
    await until('the replay was seen', () => b.transport.stats.replayedPackets >= replayedPackets + 21)
    await until(
      'what is new still passes',
      () => b.payloads.includes('new'),
      () => a.say(relay.port, 'new'),
    )
    assert.equal(
      b.payloads.slice(before).filter((payload) => payload !== 'new'),
      [],
    )
  }
})

connections('a peer that was started again is found again within a handshake', async () => {
  const [a, first] = [await openings.ear('a'), await openings.ear('b')]
  const relay = await openings.relay(first.port)
  await until(
    'they have met',
    () => first.heard.length > 0,
    () => a.say(relay.port, 1),
  )
  const second = await openings.ear('b')
  relay.redirect(second.port)
  a.say(relay.port, 'lost: the new process does not know the connection')
  await until(
    'it has said so, and was asked anew',
    () => a.transport.stats.dials === 0 && relay.back.at(-1)?.[0] === 0xd5,
  )
  await until(
    'messages pass',
    () => second.payloads.includes('again'),
    () => a.say(relay.port, 'again'),
  )
  assert.equal(a.errors, [])
})

connections('to be told that a connection is unknown, by whomever, ends none', async () => {
  const [a, b] = [await openings.ear('a'), await openings.ear('b')]
  const relay = await openings.relay(b.port)
  await until(
    'they have met',
    () => b.heard.length > 0,
    () => a.say(relay.port, 1),
  )
  const token = Buffer.from((relay.there.at(-1) as Buffer).subarray(1, 9))
  const tokenOf = (packet: Buffer): string => packet.toString('hex', 1, 9)
  relay.passes = ([first]) => first === 0xd5 // No handshake comes through any more.
  relay.there.length = 0
  const asks = (): number => new Set(relay.there.filter(([first]) => first === 0xd0).map(tokenOf)).size
  const unknown = (said: Buffer): Promise<void> => relay.injectBack(Buffer.concat([Buffer.of(0xd4), said]))
  for (let i = 0; i < 10; i++) await unknown(randomBytes(8))
  await until(
    'what is invented is ignored',
    () => b.payloads.includes('fence'),
    () => a.say(relay.port, 'fence'),
  )
  assert.is(asks(), 0)
  for (let i = 0; i < 10; i++) await unknown(token)
  await until('whoever saw the token makes it ask', () => asks() > 0)
  const before = b.heard.length
  for (let i = 0; i < 10; i++) a.say(relay.port, ['still here', i])
  await until('all pass meanwhile', () => b.heard.length === before + 10)
  assert.is(asks(), 1, 'ten words, one handshake')
  assert.equal(a.errors, [])
})

connections('a peer that falls silent is told of, once, and then dialled again', async () => {
  const [a, b] = [await openings.ear('a', { handshakeTimeoutMs: 300 }), await openings.ear('b')]
  await until(
    'they have met',
    () => b.heard.length > 0,
    () => a.say(b.port, 1),
  )
  const { port } = b
  await b.transport.close()
  await until(
    'it is missed',
    () => a.codes.includes('GOSSIP_CONNECTION_LOST'),
    () => a.say(port, 2),
  )
  await until(
    'it is not there',
    () => a.codes.includes('GOSSIP_CONNECT_FAILED'),
    () => a.say(port, 3),
  )
  assert.is(a.codes.filter((code) => code === 'GOSSIP_CONNECTION_LOST').length, 1)
})

connections('one way is enough: a peer that never speaks answers for itself', async () => {
  const [a, b] = [await openings.ear('a', { handshakeTimeoutMs: 200 }), await openings.ear('b')]
  const startMs = performance.now()
  const isOver = (): boolean => performance.now() - startMs > 2_500
  await until('seconds have gone by', isOver, () => a.say(b.port, 'anybody there?'))
  assert.equal(a.errors, [])
})

connections('datagrams carry raw bytes under the name of the node', async () => {
  const [a, b] = [await openings.ear('a'), await openings.ear('b')]
  const bytes = Uint8Array.from({ length: a.transport.maxDatagramBytes }, (_, i) => i & 0xff)
  a.transport.datagram({ transport: urlOf(b.port) }, bytes)
  bytes.fill(0)
  a.transport.datagram({ transport: urlOf(b.port) }, new Uint8Array(0))
  await until('both come', () => b.heard.length === 2)
  const [first, second] = b.heard.map(({ payload }) => payload as Uint8Array)
  assert.ok(first?.every((byte, i) => byte === (i & 0xff)) && first.length === bytes.length)
  assert.is(second?.length, 0)
  assert.equal(b.heard[0]?.sender, { id: 'a', transport: a.transport.address })
  a.transport.datagram({ transport: urlOf(b.port) }, new Uint8Array(bytes.length + 1))
  assert.equal(a.codes, ['GOSSIP_FRAME_TOO_LARGE'])
})

connections('a node of another cluster hears why, and is not heard', async () => {
  const [a, b] = [await openings.ear('a'), await openings.ear('b')]
  a.transport.introduce(helloOf('a', { clusterId: 'another' }))
  const isTold = (): boolean => [a, b].every(({ codes }) => codes.includes('GOSSIP_CLUSTER_FOREIGN'))
  await until('both are told', isTold, () => a.say(b.port, 1))
  assert.equal(b.heard, [])
  a.transport.introduce(helloOf('a'))
  await until(
    'it may speak once it belongs',
    () => b.heard.length > 0,
    () => a.say(b.port, 2),
  )
})

connections('more peers than connections cost handshakes, and nothing else', async () => {
  const hub = await openings.ear('hub', { connectionsMax: 2, peersMax: 3 })
  const others = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => openings.ear(id)))
  for (let round = 0; round < 3; round++) {
    for (const other of others) {
      const text = `${other.id} ${round}`
      await until(
        `${text} hears`,
        () => other.payloads.includes(text),
        () => hub.say(other.port, text),
      )
    }
  }
  assert.ok(hub.transport.stats.connections <= 2 && hub.transport.stats.peers <= 3)
})

connections('a name that cannot be found is told of', async () => {
  const a = await openings.ear('a')
  const peer = { transport: { url: 'udp://no-such-host.invalid:9742' } }
  a.transport.digest(peer, { id: 'a', transport: null }, [])
  await until('it is told', () => a.codes.includes('GOSSIP_CONNECT_FAILED'))
  assert.equal((a.errors[0] as { peer?: unknown }).peer, { id: undefined, ...peer })
})

connections('an address among others is found', async () => {
  const [a, b] = [await openings.ear('a'), await openings.ear('b')]
  const address = { host: HOST, port: 1, also: ['ws://elsewhere', urlOf(b.port)] }
  assert.ok(a.transport.canReach({ transport: address }))
  assert.not(a.transport.canReach({ transport: { host: HOST, port: 1 } }))
  const send = (): void => a.transport.digest({ transport: address }, { id: 'a', transport: null }, 'hi')
  await until('it arrives', () => b.payloads.includes('hi'), send)
})

connections.run()
