import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ChannelOffer } from '../../../src/core/index.ts'
import { encodeCredit, encodeFrame, KIND } from '../../../src/transports/session/frame.ts'
import { VirtualSystem } from '../../harness/virtual-system.ts'
import { channelPair, codeOf, pattern, readAll, sessionPair, settle } from './session-pair.ts'

const session = suite('session')

session('frames arrive in order and unaltered, both ways', async () => {
  const { a, b } = sessionPair()
  const [atA, atB]: [Uint8Array[], Uint8Array[]] = [[], []]
  a.session.on('frame', (frame) => atA.push(frame))
  b.session.on('frame', (frame) => atB.push(frame))
  const frames = [0, 1, 7, 8, 65_536, 300_000].map((length, i) => pattern(length, i))
  a.pipe.nextCut = () => 1_001
  for (const frame of frames) {
    a.session.send(frame)
    b.session.send(frame)
  }
  await settle()
  assert.equal(atA, frames)
  assert.equal(atB, frames)
  await Promise.all([a.session.close(), b.session.gone])
})

session('what is changed after send changes nothing', async () => {
  const { a, b } = sessionPair()
  const heard: Uint8Array[] = []
  b.session.on('frame', (frame) => heard.push(frame))
  const bytes = Uint8Array.of(1, 2, 3)
  a.session.send(bytes)
  bytes.fill(9)
  await settle()
  assert.equal(heard, [Uint8Array.of(1, 2, 3)])
  await a.session.close()
})

session('what arrives in buffers of the platform is told as bytes of its own', async () => {
  const { a, b } = sessionPair()
  const heard: Uint8Array[] = []
  b.session.on('frame', (frame) => heard.push(frame))
  const frames = encodeFrame(KIND.frame, 0, Uint8Array.of(1, 2, 3))
  const chunk = Buffer.from([...frames, ...frames])
  b.pipe.receiver?.onBytes(chunk)
  chunk.fill(9)
  assert.equal(heard, [Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2, 3)])
  assert.ok(heard.every((frame) => frame.buffer.byteLength === 3))
  await a.session.close()
})

session('a frame over the limit is refused, and the session goes on', async () => {
  const { a, b } = sessionPair({ frameBytesMax: 1_024, frameQueueBytesMax: 4_096 })
  let heard = 0
  b.session.on('frame', (frame) => (heard += frame.length))
  assert.throws(() => a.session.send(new Uint8Array(1_025)), codeIs('GOSSIP_FRAME_TOO_LARGE'))
  a.session.send(new Uint8Array(1_024))
  await settle()
  assert.is(heard, 1_024)
  await a.session.close()
})

session('send says false at the high water mark, throws at the bound, and drain comes when there is room', async () => {
  const { a, b } = sessionPair({ highWaterBytes: 10_000, frameQueueBytesMax: 40_000, frameBytesMax: 1_024 })
  const answers: boolean[] = []
  let drains = 0
  a.session.on('drain', () => drains++)
  b.pipe.pause()
  a.pipe.highWaterBytes = 1
  a.session.send(new Uint8Array(1))
  await settle()
  const fill = (): void => {
    for (let i = 0; i < 100; i++) answers.push(a.session.send(new Uint8Array(1_000)))
  }
  assert.throws(fill, codeIs('GOSSIP_QUEUE_FULL'))
  assert.is(answers.indexOf(false), 8, 'a frame counts with 136 bytes more')
  assert.is(answers.length, 35)
  await settle()
  assert.is(drains, 0)
  b.pipe.resume()
  await settle()
  assert.is(drains, 1)
  assert.is(a.session.send(new Uint8Array(1_000)), true)
  await a.session.close()
})

session('frames that were sent before close arrive, and nothing is told after it', async () => {
  const { a, b } = sessionPair()
  let heard = 0
  b.session.on('frame', () => heard++)
  for (let i = 0; i < 100; i++) a.session.send(new Uint8Array(5_000))
  b.session.send(Uint8Array.of(1))
  let late = 0
  a.session.on('frame', () => late++)
  await a.session.close('done')
  await b.session.gone
  assert.is(heard, 100)
  assert.is(late, 0)
  assert.equal([a.closes, b.closes], [[undefined], [undefined]])
  assert.throws(() => a.session.send(Uint8Array.of(1)), codeIs('GOSSIP_SESSION_CLOSED'))
  assert.is(await codeOf(b.session.open('x')), 'GOSSIP_SESSION_CLOSED')
})

session('a channel that nobody takes is refused, and one with a code by that code', async () => {
  const { a, b } = sessionPair()
  assert.is(await codeOf(a.session.open({ for: 'nobody' })), 'GOSSIP_CHANNEL_REFUSED')
  b.session.on('channel', (offer) => offer.refuse('ACME_NOT_TODAY', 'come back tomorrow'))
  assert.is(await codeOf(a.session.open({ for: 'somebody' })), 'ACME_NOT_TODAY')
  assert.is(a.session.channelCount + b.session.channelCount, 0)
  await a.session.close()
})

session('an offer is answered once, and before the listener returns', async () => {
  const { a, b } = sessionPair()
  const offers: ChannelOffer[] = []
  b.session.on('channel', (offer) => offers.push(offer))
  await codeOf(a.session.open('late'))
  assert.throws(() => offers[0]?.accept(), codeIs('GOSSIP_CHANNEL_REFUSED'))
  b.session.on('channel', (offer) => offer.accept())
  b.session.on('channel', (offer) => offer.accept())
  const channel = await a.session.open('twice')
  assert.is((b.errors[0] as { code?: string }).code, 'GOSSIP_LISTENER_THREW')
  channel.reset('ACME_ENOUGH')
  await a.session.close()
})

session('both ways of a channel end by themselves', async () => {
  const { a, b } = sessionPair()
  const [ours, theirs] = await channelPair(a, b)
  const question = pattern(1_000_000)
  const answer = pattern(700_000, 5)
  const asking = write(ours.writable, question)
  assert.equal(new Uint8Array(await readAll(theirs.readable)), question)
  await asking
  assert.is(a.session.channelCount, 1)
  const answering = write(theirs.writable, answer)
  assert.equal(new Uint8Array(await readAll(ours.readable)), answer)
  await answering
  assert.is(a.session.channelCount + b.session.channelCount, 0)
  await a.session.close()
})

session('a reader that takes nothing stops its writer, and neither other channels nor frames', async () => {
  const { a, b } = sessionPair({ windowBytes: 100_000 })
  const [slow, unread] = await channelPair(a, b)
  const [quick, read] = await channelPair(a, b)
  const slowWriter = slow.writable.getWriter()
  const stopped = slowWriter.write(new Uint8Array(1_000_000))
  const writing = write(quick.writable, pattern(1_000_000))
  assert.equal(new Uint8Array(await readAll(read.readable)), pattern(1_000_000))
  await writing
  let heard = 0
  b.session.on('frame', () => heard++)
  a.session.send(Uint8Array.of(1))
  await settle()
  assert.is(heard, 1)
  assert.is(unread.unreadBytes, 100_000, 'a window of it and no more')
  const reader = unread.readable.getReader()
  for (let left = 1_000_000; left > 0; ) left -= (await reader.read()).value?.length ?? 0
  await stopped
  await a.session.close()
})

session('a writer whose reader takes nothing is stopped after a window and a little more', async () => {
  const { a, b } = sessionPair({ windowBytes: 100_000 })
  const [ours] = await channelPair(a, b)
  const writer = ours.writable.getWriter()
  let written = 0
  const writing = (async () => {
    for (; written < 100; written++) await writer.write(new Uint8Array(10_000))
  })().catch(() => {})
  await settle()
  await settle()
  assert.is(written, 36, 'the window, and 262,144 bytes that wait')
  ours.reset('ACME_ENOUGH')
  await writing
  await a.session.close()
})

session('a reset reaches both streams of the other side with its code, and frees what waits', async () => {
  const { a, b } = sessionPair()
  const [ours, theirs] = await channelPair(a, b)
  await ours.writable.getWriter().write(new Uint8Array(50_000))
  await settle()
  const blocked = theirs.writable.getWriter()
  const writing = codeOf(blocked.write(new Uint8Array(10_000_000)))
  await settle()
  assert.is(b.session.unreadBytes, 50_000)
  ours.reset('ACME_CHANGED_MY_MIND')
  assert.is(await writing, 'ACME_CHANGED_MY_MIND')
  assert.is(await codeOf(theirs.readable.getReader().read()), 'ACME_CHANGED_MY_MIND')
  assert.is(await codeOf(ours.readable.getReader().read()), 'ACME_CHANGED_MY_MIND')
  assert.is(b.session.unreadBytes, 0)
  assert.is(a.session.channelCount + b.session.channelCount, 0)
  assert.throws(() => ours.reset('not a code'), codeIs('GOSSIP_OPTION_INVALID'))
  await a.session.close()
})

session('aborting a writer that waits for credit resets the channel with its reason', async () => {
  const { a, b } = sessionPair()
  const [ours, theirs] = await channelPair(a, b)
  const writer = ours.writable.getWriter()
  const writing = codeOf(writer.write(new Uint8Array(10_000_000)))
  await settle()
  await writer.abort(Object.assign(new Error('no'), { code: 'ACME_GAVE_UP' }))
  assert.is(await writing, 'ACME_GAVE_UP')
  await settle()
  assert.is(await codeOf(theirs.readable.getReader().read()), 'ACME_GAVE_UP')
  await a.session.close()
})

session('cancelling a reader resets the channel, unless everything had come', async () => {
  const { a, b } = sessionPair()
  const [ours, theirs] = await channelPair(a, b)
  await theirs.readable.cancel('enough')
  await settle()
  assert.is(await codeOf(ours.writable.getWriter().write(Uint8Array.of(1))), 'GOSSIP_CHANNEL_RESET')
  const [whole, wholeToo] = await channelPair(a, b)
  await write(whole.writable, new Uint8Array(10))
  await settle()
  await wholeToo.readable.cancel('enough')
  const answer = pattern(10)
  await write(wholeToo.writable, answer)
  assert.equal(new Uint8Array(await readAll(whole.readable)), answer)
  assert.is(a.session.channelCount + b.session.channelCount, 0)
  await a.session.close()
})

session('a lost pipe fails everything pending with one code', async () => {
  const { a, b } = sessionPair()
  const [ours, theirs] = await channelPair(a, b)
  b.pipe.pause()
  const opening = codeOf(a.session.open('never answered'))
  const writing = codeOf(ours.writable.getWriter().write(new Uint8Array(10_000_000)))
  const reading = codeOf(ours.readable.getReader().read())
  const theirReading = codeOf(theirs.readable.getReader().read())
  await settle()
  a.pipe.destroy()
  const codes = await Promise.all([opening, writing, reading, theirReading])
  assert.equal([...new Set(codes)], ['GOSSIP_SESSION_LOST'])
  assert.equal([a.closes, b.closes], [['GOSSIP_SESSION_LOST'], ['GOSSIP_SESSION_LOST']])
})

session('what came whole before the session ended stays readable', async () => {
  const { a, b } = sessionPair()
  const [ours, theirs] = await channelPair(a, b)
  await write(ours.writable, pattern(100_000))
  await a.session.close()
  await b.session.gone
  assert.equal(new Uint8Array(await readAll(theirs.readable)), pattern(100_000))
  assert.is(await codeOf(theirs.writable.getWriter().write(Uint8Array.of(1))), 'GOSSIP_SESSION_CLOSED')
})

session('a raised signal gives an open up, before it begins and while it waits', async () => {
  const { a, b } = sessionPair()
  assert.is(await codeOf(a.session.open('x', { signal: AbortSignal.abort() })), 'GOSSIP_ABORTED')
  b.session.on('channel', (offer) => offer.accept())
  const controller = new AbortController()
  b.pipe.pause()
  const opening = codeOf(a.session.open('x', { signal: controller.signal }))
  await settle()
  controller.abort()
  assert.is(await opening, 'GOSSIP_ABORTED')
  b.pipe.resume()
  await settle()
  assert.is(a.session.channelCount + b.session.channelCount, 0)
  assert.equal([a.closes, b.closes], [[], []])
  await a.session.close()
})

session('headers have a size and a depth', async () => {
  const { a } = sessionPair()
  assert.is(await codeOf(a.session.open('x'.repeat(16_383))), 'GOSSIP_FRAME_TOO_LARGE')
  assert.is(await codeOf(a.session.open('x'.repeat(16_382))), 'GOSSIP_CHANNEL_REFUSED')
  const deep = JSON.parse('['.repeat(200) + ']'.repeat(200)) as never
  assert.is(await codeOf(a.session.open(deep)), 'GOSSIP_VALUE_INVALID')
  assert.is(await codeOf(a.session.open(undefined as never)), 'GOSSIP_VALUE_INVALID')
  await a.session.close()
})

session('S3.33 each side may open so many channels, and a freed one makes room', async () => {
  const { a, b } = sessionPair({ channelsMax: 2 })
  const [first] = await channelPair(a, b)
  await channelPair(a, b)
  assert.is(await codeOf(a.session.open('third')), 'GOSSIP_CHANNEL_LIMIT')
  await channelPair(b, a)
  first.reset('ACME_DONE')
  await settle()
  await channelPair(a, b)
  await a.session.close()
})

session('a peer that opens more channels than this side takes is refused, and the session goes on', async () => {
  const { a, b } = sessionPair({ channelsMax: 1 })
  b.session.on('channel', (offer) => offer.accept())
  await a.session.open('first')
  const header = new TextEncoder().encode('"second"')
  a.pipe.write([encodeFrame(KIND.open, 3, encodeCredit(10), header)])
  await settle()
  assert.equal(a.closes, ['GOSSIP_SESSION_MALFORMED'], 'an answer to what was never asked')
  assert.is(b.closes[0], 'GOSSIP_SESSION_MALFORMED')
})

session('what all channels may hold is bounded, and a late one still has its share', async () => {
  const { a, b } = sessionPair({ channelsMax: 10, windowBytes: 100_000, unreadBytesMax: 200_000 })
  const pairs = []
  for (let i = 0; i < 10; i++) pairs.push(await channelPair(a, b))
  for (const [ours] of pairs) void codeOf(ours.writable.getWriter().write(new Uint8Array(1_000_000)))
  await settle()
  assert.ok(b.session.unreadBytes <= 200_000, String(b.session.unreadBytes))
  for (const [, theirs] of pairs) assert.ok(theirs.unreadBytes >= 5_000, String(theirs.unreadBytes))
  await a.session.close()
})

session('a silent peer is asked and found there; one that is gone is found lost', async () => {
  const system = new VirtualSystem()
  const { a, b } = sessionPair({ keepAliveMs: 10, silenceTimeoutMs: 30 }, system)
  await system.run(1_000)
  assert.equal([a.closes, b.closes], [[], []])
  b.pipe.pause()
  a.pipe.pause()
  await system.run(29)
  assert.equal(a.closes, [])
  await system.run(20)
  assert.equal([a.closes, b.closes], [['GOSSIP_SESSION_LOST'], ['GOSSIP_SESSION_LOST']])
  assert.is(system.pending, 0)
})

session('no timer is left when both ends are gone', async () => {
  const system = new VirtualSystem()
  const { a, b } = sessionPair({}, system)
  await channelPair(a, b)
  await a.session.close()
  await b.session.gone
  assert.is(system.pending, 0)
})

session.run()

async function write(stream: WritableStream<Uint8Array>, bytes: Uint8Array): Promise<void> {
  const writer = stream.getWriter()
  await writer.write(bytes)
  await writer.close()
}

function codeIs(code: string): (error: unknown) => boolean {
  return (error) => (error as { code?: unknown }).code === code
}
