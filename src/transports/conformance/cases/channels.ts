/** Channels of a session: bytes both ways, unmixed, each at its reader's pace, and an end that both sides learn of. */

import type { Channel } from '../../../core/index.ts'
import type { CaseDefinition } from '../case.ts'
import { difference } from '../difference.ts'
import type { Scene } from '../scene.ts'
import { byteDifference, channelEnds, failureCode, pattern, readAll, sessionEnds, writeAll } from '../session-play.ts'

const CHANNELS = 20
const CHANNEL_BYTES = 150_000
/** More than a channel may hold for a reader that takes nothing. */
const UNREAD_BYTES_MAX = 33_554_432

/** Cases about channels. */
export const channelCases: readonly CaseDefinition[] = [
  { name: 'channels: the header arrives, and both ways carry bytes', needs: ['sessions'], play: bothWays },
  {
    name: 'channels: one that nobody takes is refused, or with the code that is given',
    needs: ['sessions'],
    play: refused,
  },
  { name: 'channels: bytes of many at once arrive whole and unmixed', needs: ['sessions'], play: many },
  { name: 'channels: each way ends by itself', needs: ['sessions'], play: halfClosed },
  { name: 'channels: a slow reader stops its writer, and nobody else', needs: ['sessions'], play: slowReader },
  { name: 'channels: a reset reaches the other side with its code', needs: ['sessions'], play: reset },
]

async function bothWays(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  const ends = await sessionEnds(scene, a, b)
  const header = { for: ['this', 'and', { that: null }], é: 1.5 }
  const [ours, theirs] = await channelEnds(scene, ends, header)
  const found =
    difference(header, theirs.header, 'the header') ?? difference(header, ours.header, "the opener's own header")
  if (found !== undefined) scene.fail('Sessions', 'the header to arrive as it was given', found)
  for (const [from, to] of [
    [ours, theirs],
    [theirs, ours],
  ] as const) {
    await assertCarried(scene, from, to, pattern(CHANNEL_BYTES, 1))
  }
  const back = await channelEnds(scene, { ours: ends.theirs, theirs: ends.ours }, 'from the other side')
  await assertCarried(scene, ...back, pattern(10, 2))
}

async function assertCarried(scene: Scene, from: Channel, to: Channel, bytes: Uint8Array): Promise<void> {
  const [arrived] = await scene.within('Sessions', 'writing and reading', () =>
    Promise.all([readAll(to), writeAll(from, bytes, 40_000)]),
  )
  const found = byteDifference(bytes, arrived)
  if (found !== undefined) scene.fail('Sessions', 'the bytes of a channel to arrive as they were written', found)
}

async function refused(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  const { ours, theirs } = await sessionEnds(scene, a, b)
  const open = (): Promise<unknown> => ours.open('is anybody there?')
  const unheard = await failureCode(scene, 'open() of a channel that nobody takes', open)
  theirs.on('channel', (offer) => offer.refuse('ACME_NOT_TODAY', 'come back tomorrow'))
  const given = await failureCode(scene, 'open() of a channel that is refused', open)
  if (unheard !== 'GOSSIP_CHANNEL_REFUSED') {
    scene.fail('Sessions', 'the code GOSSIP_CHANNEL_REFUSED where nobody takes a channel', `it was ${unheard}`)
  }
  if (given !== 'ACME_NOT_TODAY') scene.fail('Sessions', 'the code that was given to refuse()', `it was ${given}`)
}

async function many(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  const ends = await sessionEnds(scene, a, b)
  const channels: (readonly [Channel, Channel])[] = []
  for (let i = 0; i < CHANNELS; i++) channels.push(await channelEnds(scene, ends, i))
  await Promise.all(
    channels.flatMap(([ours, theirs], i) => [
      assertCarried(scene, ours, theirs, pattern(CHANNEL_BYTES + i, i)),
      assertCarried(scene, theirs, ours, pattern(CHANNEL_BYTES - i, i + 7)),
    ]),
  )
}

async function halfClosed(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  const ends = await sessionEnds(scene, a, b)
  const [ours, theirs] = await channelEnds(scene, ends)
  await scene.within('Sessions', 'ending one way', () => writeAll(ours, new Uint8Array(0)))
  const ended = await scene.within('Sessions', 'reading to the end', () => readAll(theirs))
  if (ended.length > 0) scene.fail('Sessions', 'the end to be read where one way was ended', 'bytes came')
  await assertCarried(scene, theirs, ours, pattern(CHANNEL_BYTES, 3))
}

async function slowReader(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  const ends = await sessionEnds(scene, a, b)
  const [slow, unread] = await channelEnds(scene, ends, 'slow')
  const [quick, read] = await channelEnds(scene, ends, 'quick')
  const writer = slow.writable.getWriter()
  const piece = pattern(262_144, 5)
  let written = 0
  const writing = (async () => {
    while (written < 2 * UNREAD_BYTES_MAX) {
      await writer.write(piece)
      written += piece.length
    }
  })()
  writing.catch(() => {}) // It fails with the reset below.
  for (let i = 0; i < 3; i++) {
    const [more, moreRead] = i === 0 ? [quick, read] : await channelEnds(scene, ends, i)
    await assertCarried(scene, more, moreRead, pattern(CHANNEL_BYTES * 4, i))
  }
  let heard = 0
  ends.theirs.on('frame', () => {
    heard++
    scene.wake()
  })
  ends.ours.send(Uint8Array.of(1))
  await scene.until('Sessions', 'frames to pass while a channel is not read', () => heard === 1)
  if (written >= UNREAD_BYTES_MAX) {
    scene.fail('Sessions', 'a writer to wait for its reader', `${written} bytes were taken and nobody had read any`)
  }
  const reader = unread.readable.getReader()
  const taken = await scene.within('Sessions', 'reading late', async () => {
    let bytes = 0
    while (bytes < 4 * piece.length) bytes += (await reader.read()).value?.length ?? 0
    return bytes
  })
  await scene.until('Sessions', 'a writer to go on with its reader', () => written + piece.length >= taken)
  slow.reset('ACME_ENOUGH')
}

async function reset(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  const ends = await sessionEnds(scene, a, b)
  for (const isOurs of [true, false]) {
    const channels = await channelEnds(scene, ends)
    const [from, to] = isOurs ? channels : [channels[1], channels[0]]
    const reading = failureCode(scene, 'reading a channel that is reset', () => to.readable.getReader().read())
    const writing = failureCode(scene, 'writing a channel that is reset', () =>
      to.writable.getWriter().write(new Uint8Array(UNREAD_BYTES_MAX)),
    )
    from.reset('ACME_CHANGED_MY_MIND')
    for (const code of await Promise.all([reading, writing])) {
      if (code !== 'ACME_CHANGED_MY_MIND')
        scene.fail('Sessions', 'the code that was given to reset()', `it was ${code}`)
    }
  }
  await assertCarried(scene, ...(await channelEnds(scene, ends)), pattern(10, 1))
}
