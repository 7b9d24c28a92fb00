/** Messages through relays: who reaches whom, what nobody can do, and who is told what. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Channel, type JsonValue, type PeerRef, TransportError } from '../../../src/core/index.ts'
import { encodeRelayFrame, type RelayMessage } from '../../../src/transports/relay/relay-frame.ts'
import { VirtualSystem } from '../../harness/virtual-system.ts'
import { codes, deliver, endOf, heard, type Member, RelayWorld, send, settle, until } from './relay-world.ts'

const traffic = suite('relay traffic')

let world: RelayWorld
traffic.before.each(() => {
  world = new RelayWorld()
})
traffic.after.each(() => world.close())

traffic('S5.1 S5.6 clients of a relay, the relay and nodes that can be dialled all reach each other', async () => {
  const relay = await world.relay('hub')
  const [ann, ben] = [await world.client('ann', 'hub'), await world.client('ben', 'hub')]
  const node = await world.node('node')
  for (const [from, to] of [
    [ann, ben],
    [ann, relay],
    [relay, ann],
    [node, ann],
    [ann, node],
    [node, relay],
    [relay, node],
  ] as const) {
    await deliver(from, to, `${from.id} to ${to.id}`)
  }
  assert.equal([ann, ben, relay, node].flatMap(codes), [])
})

traffic('a client of one relay reaches a client of another, and is answered', async () => {
  const [hub, far] = [await world.relay('hub'), await world.relay('far')]
  const [ann, ben] = [await world.client('ann', 'hub'), await world.client('ben', 'far')]
  await deliver(ann, ben, 'over there')
  assert.equal(idsOf(far), ['ben', 'ann'])
  await deliver(ben, ann, 'and back')
  assert.equal(idsOf(hub), ['ann', 'ben'])
})

traffic('who cannot be dialled is answered the way he wrote, wherever he says he is', async () => {
  await world.relay('hub')
  const [ann, ben] = [await world.client('ann', 'hub'), await world.client('ben', 'hub')]
  assert.ok(ann.transport.canReach({ id: 'ben', transport: ben.transport.address ?? null }))
  assert.not(ann.transport.canReach({ id: 'ben', transport: null }))
  await deliver(ben, ann, 'here I am')
  assert.ok(ann.transport.canReach({ id: 'ben', transport: null }))
  ann.transport.digest({ id: 'ben', transport: null }, { id: 'ann', transport: null }, 'there you are')
  await until('the answer', () => heard(ben, 'ann').includes('there you are'))
})

traffic('whoever is idle on another relay leaves it, and comes again when needed', async () => {
  await world.relay('hub')
  const far = await world.relay('far')
  const ann = await world.client('ann', 'hub', { relayIdleTimeoutMs: 20 })
  const ben = await world.client('ben', 'far')
  await deliver(ann, ben, 'once')
  await until('ann to leave', () => !idsOf(far).includes('ann'))
  await deliver(ann, ben, 'twice')
})

traffic('other relays are dialled up to a limit, and the longest unused one makes room', async () => {
  await world.relay('hub')
  const relays = [await world.relay('far 1'), await world.relay('far 2')]
  const ann = await world.client('ann', 'hub', { relaysMax: 1 })
  for (const [i, relay] of relays.entries()) await deliver(ann, await world.client(`ben ${i}`, relay.id), 'hello')
  await until('the first to be left', () => !idsOf(relays[0] as Member).includes('ann'))
  const home = await world.client('home', 'hub', { relaysMax: 0 })
  const ben: PeerRef = { id: 'ben 0', transport: { relay: 'far 1', id: 'ben 0' } }
  assert.not(home.transport.canReach(ben))
  home.transport.digest(ben, { id: 'home', transport: null }, 'hello')
  assert.equal(codes(home), ['GOSSIP_RELAY_LIMIT'])
})

traffic('the token is told to the own relay only, unless it is a function', async () => {
  const claims: string[] = []
  await world.relay('hub', { token: 's3cret' })
  const authorize = ({ id, token }: { id: string; token: string | undefined }): boolean => {
    claims.push(`${id}: ${token}`)
    return true
  }
  await world.relay('far', { authorize })
  const zoe = await world.client('zoe', 'far')
  await deliver(await world.client('ann', 'hub', { token: 's3cret' }), zoe, 'from ann')
  const token = (relay: JsonValue): string => (relay === 'far' ? 'for far' : 's3cret')
  await deliver(await world.client('ben', 'hub', { token }), zoe, 'from ben')
  assert.equal(claims, ['zoe: undefined', 'ann: undefined', 'ben: for far'])
})

traffic('a relay that is known under another address is not registered with twice', async () => {
  const relay = await world.relay('hub')
  const carrier = world.network.transport()
  const { connect } = carrier
  carrier.connect = (peer, options) => connect.call(carrier, { ...peer, transport: 'hub' }, options)
  const ann = await world.member('ann', { carrier, relay: 'hub' })
  const ben = await world.client('ben', 'hub')
  const address = { relay: 'another name of the hub', id: 'ben' }
  const hello = (text: string): void =>
    ann.transport.digest({ id: 'ben', transport: address }, { id: 'ann', transport: null }, text)
  hello('what finds out is lost')
  await settle()
  hello('this is not')
  await until('ben to hear', () => heard(ben, 'ann').includes('this is not'))
  assert.ok(ann.transport.isRegistered)
  assert.equal(idsOf(relay), ['ann', 'ben'])
  assert.equal(codes(ann), [])
})

traffic('S5.9 a message for nobody comes back as an error that names him', async () => {
  await world.relay('hub')
  const ann = await world.client('ann', 'hub')
  const nobody = { id: 'nobody', transport: { relay: 'hub', id: 'nobody' } }
  ann.transport.digest(nobody, { id: 'ann', transport: null }, 'hello?')
  await until('the error', () => codes(ann).length > 0)
  const [error] = ann.errors
  assert.is(error?.code, 'GOSSIP_RELAY_CLIENT_UNKNOWN')
  assert.instance(error, TransportError)
  assert.equal([(error as TransportError).peer, (error as TransportError).direction], [nobody, 'outbound'])
})

traffic('S5.5 partners of a client that goes are told, and nobody else', async () => {
  const relay = await world.relay('hub')
  const [ann, ben, zoe] = [
    await world.client('ann', 'hub'),
    await world.client('ben', 'hub'),
    await world.client('zoe', 'hub'),
  ]
  await deliver(ann, ben, 'to ben')
  await deliver(ben, relay, 'to the relay')
  await deliver(ann, zoe, 'to zoe')
  const address = ben.transport.address ?? null
  await ben.transport.close()
  for (const member of [ann, relay]) {
    await until(`${member.id} to be told`, () => codes(member).includes('GOSSIP_RELAY_CLIENT_GONE'))
    assert.equal((member.errors[0] as TransportError).peer, { id: 'ben', transport: address })
  }
  await deliver(ann, zoe, 'still there')
  assert.equal(codes(zoe), [])
})

traffic('the relay names the sender, whatever a message says', async () => {
  await world.relay('hub')
  const ann = await world.client('ann', 'hub')
  const mallory = await world.stranger('mallory', 'hub')
  const channel = await mallory.open({ relay: 1, register: 'mallory', generation: 1 })
  const digest = '{"digest":"lies","sender":{"id":"ben","transport":null}}'
  const hello =
    '"hello":{"protocolVersion":1,"clusterId":"relayed","id":"ben","generation":1,"features":[],"valueBytesMax":1}'
  await say(channel, [
    messageFor('ann', `{"sender":{"id":"ben","transport":null},${hello}}`),
    messageFor('ann', `{"sender":{"id":"mallory","transport":null},${hello.replace('"ben"', '"mallory"')}}`),
    messageFor('ann', digest),
  ])
  await until('all to be read', () => codes(ann).length >= 2)
  assert.equal(codes(ann), ['GOSSIP_MESSAGE_MALFORMED', 'GOSSIP_MESSAGE_MALFORMED'])
  assert.equal(ann.heard, [])
})

traffic('nothing is believed of somebody who has not said hello', async () => {
  await world.relay('hub')
  const ann = await world.client('ann', 'hub')
  const zoe = await world.stranger('zoe', 'hub')
  const channel = await zoe.open({ relay: 1, register: 'zoe', generation: 1 })
  await say(channel, [messageFor('ann', '{"digest":1,"sender":{"id":"zoe","transport":null}}')])
  const asked: Uint8Array[] = []
  const reader = channel.readable.getReader()
  while (asked.length < 2) asked.push((await reader.read()).value ?? new Uint8Array(0))
  assert.match(new TextDecoder().decode(asked[1]), '"hello":')
  assert.equal([ann.heard, codes(ann)], [[], []])
})

for (const [what, bytes] of [
  ['noise', Uint8Array.from({ length: 500 }, (_, i) => (i * 37 + 5) & 0xff)],
  ['an endless frame', Uint8Array.of(0x7f, 0xff, 0xff, 0xff, 3)],
  ['words of a relay', encodeRelayFrame({ kind: 'gone', peer: 'ben' })],
  ['a message over the limit', encodeRelayFrame(messageFor('ben', ' '.repeat(20_000)))],
] as const) {
  traffic(`${what} on a client's channel costs the channel, and nobody else anything`, async () => {
    const relay = await world.relay('hub', { messageBytesMax: 16_384 })
    const [ann, ben] = [await world.client('ann', 'hub'), await world.client('ben', 'hub')]
    const mallory = await world.stranger('mallory', 'hub')
    const channel = await mallory.open({ relay: 1, register: 'mallory', generation: 1 })
    const end = endOf(channel)
    await channel.writable.getWriter().write(bytes)
    assert.is(await end, 'GOSSIP_RELAY_MALFORMED')
    assert.equal(codes(relay), ['GOSSIP_RELAY_MALFORMED'])
    assert.equal(idsOf(relay), ['ann', 'ben'])
    await deliver(ann, ben, 'undisturbed')
    await mallory.open({ relay: 1, register: 'mallory', generation: 1 })
    assert.equal(idsOf(relay), ['ann', 'ben', 'mallory'])
  })
}

traffic('a header that cannot be read is refused, and other channels are left to others', async () => {
  const relay = await world.relay('hub')
  const mallory = await world.stranger('mallory', 'hub')
  for (const header of [{ relay: 2 }, { relay: 1 }, { relay: 1, register: 'mallory' }, { relay: 1, to: 7 }]) {
    await mallory.open(header).then(
      () => assert.unreachable(),
      (error: { code?: string }) => assert.is(error.code, 'GOSSIP_RELAY_MALFORMED'),
    )
  }
  relay.sessions[0]?.on('channel', (offer) => offer.header === 'mine' && offer.accept())
  await mallory.open('mine')
})

traffic('whoever is over his quota waits, and nobody else does', async () => {
  const relay = await world.relay('hub', { messagesPerSecondMax: 20 }, { system: new VirtualSystem() })
  const [ann, ben] = [await world.client('ann', 'hub'), await world.client('ben', 'hub')]
  const flood = await world.stranger('flood', 'hub')
  const channel = await flood.open({ relay: 1, register: 'flood', generation: 1 })
  const frames = Array.from({ length: 200 }, () => messageFor('ann', ' '.repeat(10_000)))
  let isSaid = false
  void say(channel, frames).then(
    () => (isSaid = true),
    () => {},
  )
  for (let i = 0; i < 8; i++) await deliver(ben, ann, `message ${i}`)
  await settle()
  const counts = relay.transport.server?.clients().find(({ id }) => id === 'flood')
  // One is taken beyond the quota, and has to be paid for first.
  assert.is(counts?.receivedMessages, 21)
  assert.not(isSaid)
})

traffic('what waits for a client that does not read is bounded, and holds up nobody', async () => {
  const relay = await world.relay('hub', { queueBytesMax: 40_000, messageBytesMax: 16_384 })
  const [ann, ben] = [await world.client('ann', 'hub'), await world.client('ben', 'hub')]
  const mute = await world.stranger('mute', 'hub')
  await mute.open({ relay: 1, register: 'mute', generation: 1 })
  for (let i = 0; i < 200; i++) {
    // An rpc payload never gives way to a newer one.
    ann.transport.rpc({ id: 'mute', transport: { relay: 'hub', id: 'mute' } }, ' '.repeat(8_000))
    if (i % 20 === 0) await deliver(ann, ben, `message ${i}`)
  }
  const counts = relay.transport.server?.clients().find(({ id }) => id === 'mute')
  assert.ok((counts?.waitingBytes ?? 0) > 8_000 && (counts?.waitingBytes ?? 0) <= 40_000, String(counts?.waitingBytes))
  assert.ok((counts?.droppedMessages ?? 0) > 50, String(counts?.droppedMessages))
})

traffic('transfers in bulk go by the carrier, and by no relay', async () => {
  const carrier = Object.assign(world.network.transport(), { bulk: () => {}, canBulk: () => true })
  await world.relay('hub')
  const ann = await world.member('ann', { carrier, relay: 'hub' })
  const reaches = (transport: JsonValue): boolean | undefined => ann.transport.canBulk?.({ id: 'ben', transport })
  assert.equal([reaches('at ben'), reaches({ relay: 'hub', id: 'ben' })], [true, false])
  const withoutBulk = Object.assign(world.network.transport(), { bulk: undefined, canBulk: undefined })
  const plain = await world.member('plain', { carrier: withoutBulk as unknown as typeof carrier, relay: 'hub' })
  assert.is(plain.transport.bulk, undefined)
})

traffic('nothing is told after close, and nothing is left open', async () => {
  const relay = await world.relay('hub')
  const [ann, ben] = [await world.client('ann', 'hub'), await world.client('ben', 'hub')]
  await deliver(ann, ben, 'before')
  const before = ben.heard.length
  for (let i = 0; i < 50; i++) send(ann, ben, `late ${i}`)
  await ben.transport.close()
  await settle()
  assert.is(ben.heard.length, before)
  await until('ben to be gone', () => !idsOf(relay).includes('ben'))
})

traffic.run()

function idsOf({ transport }: Member): string[] {
  return (transport.server?.clients() ?? []).map(({ id }) => id)
}

function messageFor(peer: string, text: string): RelayMessage {
  return { kind: 'message', peer, flags: 0, slot: 0, bytes: new TextEncoder().encode(text) }
}

async function say(channel: Channel, frames: readonly RelayMessage[]): Promise<void> {
  const writer = channel.writable.getWriter()
  for (const frame of frames) await writer.write(encodeRelayFrame(frame))
  writer.releaseLock()
}
