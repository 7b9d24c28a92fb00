/** What a messenger promises, whatever its messages travel on. */

import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import * as assert from 'uvu/assert'
import type { MessageContext } from '../../../src/messaging/index.ts'
import { seededRandom } from '../../harness/seeded-random.ts'
import { deferred, failureOf } from '../cluster.ts'
import { type Gathering, type Party, until, untilDone } from './gathering.ts'

/** A promise, kept or not. It finds the three nodes started. */
export type Case = (gathering: Gathering) => Promise<void>

const CHUNK_BYTES = 65_536
const STREAM_CHUNKS = 96
/** What may be under way for a reader that does not read: windows on the way, and what both Duplexes hold. */
const HELD_BYTES_MAX = 3_500_000

/** Bytes that tell where they stand. */
function chunkOf(number: number): Buffer {
  return Buffer.alloc(CHUNK_BYTES, number)
}

/** All that comes up to the end, without destroying what still has to be written. */
async function buffer(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** Both ends of a stream, each at its Duplex. */
async function streamBetween(from: Party, to: Party): Promise<readonly [near: Duplex, far: Duplex]> {
  const far = deferred<Duplex>()
  const remove = to.messenger.onStream('pipe', (duplex) => far.resolve(duplex))
  const near = await from.messenger.stream(to.id, 'pipe')
  remove()
  return [near, await far.promise]
}

/** Writes until nothing more is taken, or all is written; whether room comes later is not waited for. */
async function writeUntilFull(stream: Duplex, turns: number): Promise<number> {
  let chunks = 0
  for (let turn = 0; turn < turns && chunks < STREAM_CHUNKS; turn++) {
    while (!stream.writableNeedDrain && chunks < STREAM_CHUNKS) {
      stream.write(chunkOf(chunks++))
      turn = 0
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  return chunks
}

async function requests({ near, far }: Gathering): Promise<void> {
  const contexts: MessageContext[] = []
  for (const { id, messenger } of [near, far]) {
    messenger.handle('echo', (payload) => [id, payload])
    messenger.handle('bytes', (payload) => payload)
    messenger.handle('fail', () => {
      throw Object.assign(new Error('none left'), { code: 'ACME_STOCK_EMPTY' })
    })
    messenger.handle('hang', (_, context) => {
      contexts.push(context)
      return new Promise(() => {})
    })
  }
  for (const [asking, asked] of [
    [near, far],
    [far, near],
  ] as const) {
    assert.equal(await asking.messenger.request(asked.id, 'echo', { a: ['ü', null] }), [asked.id, { a: ['ü', null] }])
    const bytes = new Uint8Array(300_000).fill(7)
    assert.equal(await asking.messenger.request(asked.id, 'bytes', bytes), bytes)
    const failure = await failureOf(asking.messenger.request(asked.id, 'fail'))
    assert.equal([failure.name, failure.code, failure.message], ['RemoteError', 'ACME_STOCK_EMPTY', 'none left'])
    assert.is((await failureOf(asking.messenger.request(asked.id, 'nobody'))).code, 'GOSSIP_HANDLER_UNKNOWN')
    const [givesUp, served] = [new AbortController(), contexts.length]
    const failing = failureOf(asking.messenger.request(asked.id, 'hang', null, { signal: givesUp.signal }))
    await until('the request to arrive', () => contexts.length > served)
    givesUp.abort()
    assert.is((await failing).code, 'GOSSIP_ABORTED')
    await until('the handler to hear of it', () => contexts[served]?.signal.aborted === true)
    assert.is(contexts[served]?.from, asking.id)
  }
}

async function sends({ near, far }: Gathering): Promise<void> {
  const numbers = Array.from({ length: 500 }, (_, number) => number)
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    const heard: unknown[] = []
    to.messenger.handle('count', (number) => void heard.push(number))
    await Promise.all(numbers.map((number) => from.messenger.send(to.id, 'count', number)))
    await until('the last one', () => heard.length >= numbers.length)
    assert.equal(heard, numbers)
  }
}

async function broadcast(gathering: Gathering): Promise<void> {
  const { hub } = gathering
  const heard: string[] = []
  hub.messenger.handle('here I am', () => {})
  for (const { id, messenger } of [gathering.get('ada'), gathering.get('bob')]) {
    messenger.handle('news', () => void heard.push(id))
    // Who cannot be dialled is reached on the session that it has opened.
    await messenger.send('hub', 'here I am')
  }
  await until('both sessions', () => hub.messenger.stats.sessions === 2)
  const { sent, failed } = await hub.messenger.broadcast('news', { of: 'today' })
  assert.equal([[...sent].sort(), failed], [['ada', 'bob'], []])
  await until('both', () => heard.length >= 2)
  assert.equal(heard.sort(), ['ada', 'bob'])
}

async function datagrams({ near, far }: Gathering): Promise<void> {
  const hasDatagrams = near.transport.datagram !== undefined
  const ways: string[] = []
  far.messenger.handle('beat', (_, { way }) => void ways.push(way))
  if (!hasDatagrams) {
    assert.is((await failureOf(near.messenger.datagram(far.id, 'beat'))).code, 'GOSSIP_DATAGRAMS_UNSUPPORTED')
  }
  // Packets may be lost, so it is said again and again.
  await until('one to arrive', () => {
    if (ways.length === 0) near.messenger.datagram(far.id, 'beat', 1, { fallback: 'reliable' }).catch(() => {})
    return ways.length > 0
  })
  assert.is(ways[0], hasDatagrams ? 'datagram' : 'send')
  const large = 'x'.repeat(10_000)
  await near.messenger.datagram(far.id, 'beat', large, { fallback: 'reliable' })
  await until('the large one', () => ways.includes('send'))
}

async function services({ near, far }: Gathering): Promise<void> {
  far.messenger.open('upper', { name: 'shout', mode: 'request' }, (text) => String(text).toUpperCase())
  await until('the service to be gossiped', () => near.messenger.services({ name: 'shout' }).length > 0)
  const [view] = near.messenger.services({ name: 'shout' })
  assert.equal(view, { peer: far.id, port: 'upper', name: 'shout', mode: 'request' })
  const client = await near.messenger.connect(far.id, 'upper')
  assert.is(await client.request('hello'), 'HELLO')
  assert.is((await failureOf(client.send('hello'))).code, 'GOSSIP_SERVICE_MODE')
  assert.is((await failureOf(near.messenger.connect(far.id, 'lower'))).code, 'GOSSIP_PORT_CLOSED')
}

async function largeStream({ near, far }: Gathering): Promise<void> {
  const [ours, theirs] = await streamBetween(near, far)
  // They end their way at once, which leaves ours open.
  theirs.end('go on')
  assert.is((await buffer(ours)).toString(), 'go on')
  let chunks = await writeUntilFull(ours, 200)
  const heldBytes = chunks * CHUNK_BYTES
  assert.ok(heldBytes < HELD_BYTES_MAX, `${heldBytes} bytes were taken and none was read`)
  const received = buffer(theirs)
  while (chunks < STREAM_CHUNKS) {
    if (ours.writableNeedDrain) await once(ours, 'drain')
    ours.write(chunkOf(chunks++))
  }
  ours.end()
  const all = await received
  assert.is(all.length, STREAM_CHUNKS * CHUNK_BYTES)
  for (let number = 0; number < STREAM_CHUNKS; number++) {
    assert.ok(all.subarray(number * CHUNK_BYTES, (number + 1) * CHUNK_BYTES).equals(chunkOf(number)), `chunk ${number}`)
  }
}

async function manyStreams({ near, far }: Gathering): Promise<void> {
  far.messenger.onStream('echo', (duplex) => pipeline(duplex, duplex))
  const all = Array.from({ length: 20 }, async (_, seed) => {
    const random = seededRandom(seed)
    const sent = Buffer.from(Uint8Array.from({ length: 3_000 * seed }, () => Math.floor(random() * 256)))
    const duplex = await near.messenger.stream(far.id, 'echo')
    const received = buffer(duplex)
    duplex.end(sent)
    assert.ok((await received).equals(sent), `stream ${seed}`)
  })
  await Promise.all(all)
}

async function pairs(gathering: Gathering): Promise<void> {
  const { near, far, third } = gathering
  far.messenger.handle('move', (move) => `saw ${String(move)}`)
  const pair = await near.messenger.pair(far.id)
  assert.is(await pair.request('move', 'e4'), 'saw e4')
  assert.is((await failureOf(gathering.hub.messenger.pair('ada'))).code, 'GOSSIP_PAIR_BUSY')
  far.messenger.currentPair?.release()
  assert.is((await pair.ended).reason, 'freed')
  const again = await far.messenger.pair(near.id)
  await gathering.end(near)
  assert.is((await again.ended).reason, 'lost')
  assert.is(third.messenger.currentPair, undefined)
}

async function loss(gathering: Gathering): Promise<void> {
  const { near, far } = gathering
  const asked = deferred()
  far.messenger.handle('hang', () => {
    asked.resolve()
    return new Promise(() => {})
  })
  const [ours, theirs] = await streamBetween(near, far)
  theirs.on('error', () => {})
  const broken = once(ours, 'error')
  // Far beyond the patience of any test: what fails sooner fails because of the loss.
  const pending = failureOf(near.messenger.request(far.id, 'hang', null, { timeoutMs: 10_000_000 }))
  const pair = await near.messenger.pair(far.id)
  await asked.promise
  await gathering.end(far)
  const [error] = (await broken) as [{ readonly code?: string }]
  const codes = [(await pending).code, error.code]
  for (const code of codes) assert.match(code ?? '', /^GOSSIP_(SESSION_(CLOSED|LOST)|RELAY_[A-Z_]+)$/)
  assert.is((await pair.ended).reason, 'lost')
  assert.is(near.messenger.stats.pending, 0)
}

async function restart(gathering: Gathering): Promise<void> {
  const { near, far } = gathering
  far.messenger.handle('life', () => 1)
  near.messenger.handle('life', () => 'ada')
  assert.is(await near.messenger.request(far.id, 'life'), 1)
  const former = await gathering.end(far)
  const again = await gathering.open(far.id, former)
  again.messenger.handle('life', () => 2)
  assert.is(await untilDone('the new life', () => near.messenger.request(far.id, 'life')), 2)
  assert.is(await untilDone('the way back', () => again.messenger.request(near.id, 'life')), 'ada')
}

async function anyOrder(gathering: Gathering): Promise<void> {
  const { hub, near } = gathering
  const former = await gathering.end(hub)
  await gathering.end(near)
  // Nobody is there yet whom it knows.
  const early = await gathering.open('ada')
  assert.is((await failureOf(early.messenger.request('hub', 'late'))).code, 'GOSSIP_PEER_UNKNOWN')
  const late = await gathering.open('hub', former)
  late.messenger.handle('late', () => 'not too late')
  assert.is(await untilDone('the hub', () => early.messenger.request('hub', 'late')), 'not too late')
}

async function ownSessions({ near, far }: Gathering): Promise<void> {
  const frames: Uint8Array[] = []
  const told: unknown[] = []
  near.messenger.on('connect', (session) => told.push(session))
  far.messenger.handle('hi', () => 'hi')
  far.messenger.on('connect', (session) => {
    session.on('frame', (frame) => frames.push(frame))
    session.on('channel', (offer) => {
      if (offer.header === 'mine') void offer.accept().writable.getWriter().close()
    })
  })
  assert.is(await near.messenger.request(far.id, 'hi'), 'hi')
  const session = await near.transport.connect?.({ id: far.id, transport: far.node.address ?? null })
  assert.ok(told.includes(session), 'there is one session per pair')
  const own = new TextEncoder().encode('{"mine":true}')
  session?.send(own)
  const channel = await session?.open('mine')
  assert.is((await channel?.readable.getReader().read())?.done, true)
  await until('the frame', () => frames.some((frame) => Buffer.from(frame).equals(own)))
  assert.is(await near.messenger.request(far.id, 'hi'), 'hi')
  far.node.set('still', 'gossiped')
  await until('gossip', () => near.node.get(far.id, 'still') === 'gossiped')
  assert.equal([near.errors, far.errors], [[], []])
}

async function hubIsPeer({ hub, near }: Gathering): Promise<void> {
  for (const { id, messenger } of [hub, near]) {
    messenger.handle('who', () => id)
    messenger.onStream('upper', async (duplex) => duplex.end((await buffer(duplex)).toString().toUpperCase()))
  }
  for (const [from, to] of [
    [near, hub],
    [hub, near],
  ] as const) {
    assert.is(await from.messenger.request(to.id, 'who'), to.id)
    const duplex = await from.messenger.stream(to.id, 'upper')
    duplex.end(`from ${from.id}`)
    assert.is((await buffer(duplex)).toString(), `FROM ${from.id.toUpperCase()}`)
  }
}

/** All of them, by their names, which begin with the rows of the systems whose place they take. */
export const CASES: Readonly<Record<string, Case>> = {
  'S1.15 S5.7 requests are answered both ways, failures keep their codes, and giving up reaches the handler': requests,
  'S5.6 sends arrive once and in order, both ways': sends,
  'S1.25 a broadcast of the hub reaches everybody': broadcast,
  'S3.19 a datagram with a fallback arrives, in a packet where there are such; without one it may be refused':
    datagrams,
  'S3.16 S3.20 a service is found by gossip, connected to, and held to its mode': services,
  'S5.22 S5.23 a stream of megabytes waits for its reader, and each way ends by itself': largeStream,
  'S5.11 S5.26 many streams at once bring back their own bytes': manyStreams,
  'S5.3 S5.4 S5.5 a pair is exclusive, freed by either, and lost with its peer': pairs,
  'S5.5 who goes takes with it at once everything that is pending, with a code': loss,
  'S5.2 who comes back under its id is reached again, and reaches others': restart,
  'S5.12 nodes and the hub they know may start in any order': anyOrder,
  'S5.13 sessions stay of use beside the messenger, and gossip goes on': ownSessions,
  'S5.1 S5.27 the hub is a peer like others: it asks and is asked, and streams both ways': hubIsPeer,
}
