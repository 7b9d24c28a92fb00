/** Sessions through relays: what the conformance kit does not know of. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Channel, ChannelOffer, Session } from '../../../src/core/index.ts'
import { codeOf, codes, endOf, type Member, RelayWorld, settle, until } from './relay-world.ts'

const sessions = suite('relay sessions')

let world: RelayWorld
sessions.before.each(() => {
  world = new RelayWorld()
})
sessions.after.each(() => world.close())

sessions('a relayed session knows both names, and is proof of none', async () => {
  await world.relay('hub')
  const [ann, ben] = [await world.client('ann', 'hub'), await world.client('ben', 'hub')]
  const [ours, theirs] = await joined(ann, ben)
  assert.equal([ours.remote.id, theirs.remote.id], ['ben', 'ann'])
  assert.equal([ours.authenticated, theirs.authenticated], [false, false])
})

sessions('a node that can be dialled has sessions with clients, and they with it', async () => {
  await world.relay('hub')
  const ann = await world.client('ann', 'hub')
  const [node, other] = [await world.node('node'), await world.node('other')]
  const [ours] = await joined(node, ann)
  const heard = framesOf(ours)
  const back = await connect(ann, node)
  back.send(Uint8Array.of(1))
  await until('the frame', () => heard.length > 0)
  await joined(ann, other)
})

sessions('S5.27 a client and its relay have the session that the registration runs on', async () => {
  const relay = await world.relay('hub')
  const ann = await world.client('ann', 'hub')
  const [atAnn, atRelay] = [await connect(ann, relay), await connect(relay, ann)]
  assert.is(atAnn, ann.sessions[0])
  assert.is(atRelay, relay.sessions[0])
  atAnn.on('channel', (offer) => offer.accept())
  await atRelay.open('from the relay to its client')
})

sessions('S5.22 S5.23 a reader that stops holds up his own pair only, and the relay keeps little', async () => {
  await world.relay('hub')
  const [ann, ben, zoe] = [
    await world.client('ann', 'hub'),
    await world.client('ben', 'hub'),
    await world.client('zoe', 'hub'),
  ]
  const [stuck] = await channelBetween(ann, ben)
  const [writer, size] = [stuck.writable.getWriter(), 65_536]
  let written = 0
  void (async () => {
    for (let i = 0; i < 1_000; i++) {
      await writer.write(new Uint8Array(size))
      written += size
    }
  })().catch(() => {})
  await settle()
  const [ours, theirs] = await channelBetween(ann, zoe)
  const read = readBytes(theirs)
  const free = ours.writable.getWriter()
  for (let i = 0; i < 30; i++) await free.write(new Uint8Array(size))
  await free.close()
  assert.is(await read, 30 * size)
  assert.ok(written < 4_000_000, `${written} bytes were taken for a reader that does not read`)
})

sessions('nothing piles up in the relay for a client that does not read its channel', async () => {
  await world.relay('hub')
  const [mallory, mute] = [await world.stranger('mallory', 'hub'), await world.stranger('mute', 'hub')]
  for (const session of [mallory, mute])
    await session.open({ relay: 1, register: session === mute ? 'mute' : 'mallory', generation: 1 })
  mute.on('channel', (offer) => offer.accept())
  const writer = (await mallory.open({ relay: 1, to: 'mute' })).writable.getWriter()
  let written = 0
  void (async () => {
    for (;;) {
      await writer.write(new Uint8Array(65_536))
      written += 65_536
    }
  })().catch(() => {})
  for (let before = -1; before !== written; await settle()) before = written
  assert.ok(written > 0 && written < 2_000_000, `${written} bytes were taken`)
})

sessions('a client that goes takes its sessions with it, at once and with a code', async () => {
  await world.relay('hub')
  const carrier = world.network.transport()
  const ann = await world.client('ann', 'hub')
  const ben = await world.client('ben', 'hub', { carrier })
  const [ours] = await joined(ann, ben)
  const [channel] = await channelBetween(ann, ben)
  const [end, closes] = [endOf(channel), closesOf(ours)]
  await carrier.close()
  assert.match(String(await end), /^GOSSIP_/)
  await until('the session to end', () => closes.length > 0)
  await until('the partner to be told', () => codes(ann).includes('GOSSIP_RELAY_CLIENT_GONE'))
  assert.is(await codeOf(connect(ann, ben)), 'GOSSIP_RELAY_CLIENT_UNKNOWN')
})

sessions('a relay that goes ends sessions through it, and they can be had again when it is back', async () => {
  const relay = await world.relay('hub')
  const [ann, ben] = [await world.client('ann', 'hub'), await world.client('ben', 'hub')]
  const [ours] = await joined(ann, ben)
  const closes = closesOf(ours)
  await relay.transport.close()
  await until('the session to end', () => closes.length > 0)
  await until('both to notice', () => !ann.transport.isRegistered && !ben.transport.isRegistered)
  assert.ok(codes(ann).includes('GOSSIP_RELAY_LOST'))
  await world.relay('hub')
  await until('both to be back', () => ann.transport.isRegistered && ben.transport.isRegistered)
  await joined(ann, ben)
})

sessions('the number of relayed sessions of a client is bounded', async () => {
  await world.relay('hub', { pipesMax: 1 })
  const [ann, ben, zoe] = [
    await world.client('ann', 'hub'),
    await world.client('ben', 'hub'),
    await world.client('zoe', 'hub'),
  ]
  await joined(ann, ben)
  for (const [from, to] of [
    [ann, zoe],
    [zoe, ben],
  ] as const) {
    assert.is(await codeOf(connect(from, to)), 'GOSSIP_RELAY_PIPE_LIMIT')
  }
  await (await connect(ann, ben)).close()
  await settle()
  await joined(ann, zoe)
})

sessions('nobody has a session under another name than the relay knows', async () => {
  await world.relay('hub')
  const [ann, ben] = [await world.client('ann', 'hub'), await world.client('ben', 'hub')]
  const mallory = await world.stranger('mallory', 'hub')
  assert.is(await codeOf(mallory.open({ relay: 1, to: 'ann' })), 'GOSSIP_RELAY_REFUSED')
  await mallory.open({ relay: 1, register: 'mallory', generation: 1 })
  const channel = await mallory.open({ relay: 1, to: 'ann' })
  const hello = { protocolVersion: 1, clusterId: 'relayed', id: 'ben', generation: 1, features: [], valueBytesMax: 1 }
  const greeting = { session: 1, sender: { id: 'ben', transport: null }, hello, frameBytesMax: 65_536 }
  await channel.writable.getWriter().write(new TextEncoder().encode(`${JSON.stringify(greeting)}\r\n`))
  await until('the lie to be told of', () => codes(ann).length > 0)
  assert.equal(codes(ann), ['GOSSIP_PEER_UNEXPECTED'])
  await joined(ben, ann)
})

sessions('a client cannot pass for the relay and name a sender', async () => {
  const relay = await world.relay('hub')
  const ann = await world.client('ann', 'hub')
  const mallory = await world.stranger('mallory', 'hub')
  for (const header of [{ relay: 1, from: 'ben' }]) {
    assert.is(await codeOf(mallory.open(header)), 'GOSSIP_CHANNEL_REFUSED')
  }
  assert.equal([...codes(relay), ...codes(ann)], [])
})

sessions.run()

async function connect({ transport }: Member, to: Member): Promise<Session> {
  return transport.connect({ id: to.id, transport: to.transport.address ?? null })
}

/** The session of two, with both its ends. */
async function joined(from: Member, to: Member): Promise<readonly [Session, Session]> {
  const ours = await connect(from, to)
  const theirs = (): Session | undefined =>
    to.sessions.findLast((session) => session.remote.id === from.id && !session.isClosed)
  await until('the other end', () => theirs() !== undefined)
  return [ours, theirs() as Session]
}

async function channelBetween(from: Member, to: Member): Promise<readonly [Channel, Channel]> {
  const [ours, theirs] = await joined(from, to)
  const taken: Channel[] = []
  const take = (offer: ChannelOffer): void => void taken.push(offer.accept())
  theirs.on('channel', take)
  const channel = await ours.open('a channel')
  theirs.off('channel', take)
  return [channel, taken[0] as Channel]
}

function framesOf(session: Session): Uint8Array[] {
  const frames: Uint8Array[] = []
  session.on('frame', (frame) => frames.push(frame))
  return frames
}

function closesOf(session: Session): (string | undefined)[] {
  const closes: (string | undefined)[] = []
  session.on('close', (error) => closes.push(error?.code))
  return closes
}

async function readBytes({ readable }: Channel): Promise<number> {
  let bytes = 0
  const reader = readable.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) bytes += next.value.length
  return bytes
}
