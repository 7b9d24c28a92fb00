/** Whatever many writers do at once, over a pipe that cuts bytes anywhere, all of it arrives, in order and unmixed. */

import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Channel } from '../../../src/core/index.ts'
import { checkProperty } from '../../harness/property.ts'
import { pattern, type SessionEnd, sessionPair } from './session-pair.ts'

const interleaving = suite('session interleaving')

/** One writer: the sizes it writes, and whether it opens from the side that was dialled. */
interface Writer {
  readonly sizes: readonly number[]
  readonly isBack: boolean
  /** How many bytes its reader takes before it pauses for a turn. */
  readonly appetite: number
}

const writerArbitrary: fc.Arbitrary<Writer> = fc.record({
  sizes: fc.array(fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 30_000 })), { maxLength: 8 }),
  isBack: fc.boolean(),
  appetite: fc.integer({ min: 1, max: 20_000 }),
})

const planArbitrary = fc.record({
  writers: fc.array(writerArbitrary, { minLength: 1, maxLength: 6 }),
  frames: fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 10 }),
  cuts: fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1, maxLength: 8 }),
  windowBytes: fc.integer({ min: 1_024, max: 20_000 }),
  highWaterBytes: fc.integer({ min: 1, max: 50_000 }),
})

interleaving('every channel and the frames arrive whole, in order, unmixed', async () => {
  await checkProperty(
    fc.asyncProperty(planArbitrary, async ({ writers, frames, cuts, windowBytes, highWaterBytes }) => {
      const { a, b } = sessionPair({ windowBytes, channelsMax: 8, unreadBytesMax: 65_536 })
      for (const { pipe } of [a, b]) {
        let turn = 0
        pipe.nextCut = () => cuts[turn++ % cuts.length] as number
        pipe.highWaterBytes = highWaterBytes
      }
      const heard: Uint8Array[] = []
      b.session.on('frame', (frame) => heard.push(frame))
      const reading = [readOffers(a, writers), readOffers(b, writers)].flat()
      const writing = writers.map((writer, i) => write(writer.isBack ? b : a, i, writer.sizes))
      for (const [i, size] of frames.entries()) a.session.send(pattern(size, i))
      await Promise.all(writing)
      const arrived = new Map(await Promise.all(await settled(reading, writers.length)))
      for (const [i, { sizes }] of writers.entries()) {
        const total = sizes.reduce((sum, size) => sum + size, 0)
        assert.equal(Buffer.compare(arrived.get(i) as Buffer, pattern(total, i)), 0, `channel ${i}`)
      }
      await a.session.close()
      assert.equal(
        heard,
        frames.map((size, i) => pattern(size, i)),
      )
      assert.equal([a.errors, b.errors], [[], []])
    }),
    { numRuns: 60 },
  )
})

interleaving.run()

/** Writes one pattern in pieces of these sizes. */
async function write({ session }: SessionEnd, number: number, sizes: readonly number[]): Promise<void> {
  const channel = await session.open(number)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const bytes = pattern(total, number)
  const writer = channel.writable.getWriter()
  let at = 0
  for (const size of sizes) {
    await writer.write(bytes.slice(at, at + size))
    at += size
  }
  await writer.close()
}

type Arrived = readonly [number: number, bytes: Buffer]

/** Reads every channel that is offered here; the list grows with them. */
function readOffers({ session }: SessionEnd, writers: readonly Writer[]): Promise<Arrived>[][] {
  const reading: Promise<Arrived>[] = []
  session.on('channel', (offer) => {
    const number = offer.header as number
    reading.push(read(offer.accept(), number, (writers[number] as Writer).appetite))
  })
  return [reading]
}

async function settled(lists: readonly Promise<Arrived>[][], count: number): Promise<Promise<Arrived>[]> {
  const all = (): Promise<Arrived>[] => lists.flat()
  while (all().length < count) await new Promise((resolve) => setImmediate(resolve))
  return all()
}

async function read(channel: Channel, number: number, appetite: number): Promise<Arrived> {
  const pieces: Uint8Array[] = []
  const reader = channel.readable.getReader()
  let taken = 0
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    pieces.push(next.value)
    taken += next.value.length
    if (taken < appetite) continue
    taken = 0
    await new Promise((resolve) => setImmediate(resolve))
  }
  return [number, Buffer.concat(pieces)]
}
