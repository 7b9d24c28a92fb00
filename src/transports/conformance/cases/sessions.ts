/** Sessions as such: one per pair, frames in order, an honest end. Channels have cases of their own. */

import type { Session } from '../../../core/index.ts'
import type { CaseDefinition } from '../case.ts'
import { silentAddress, unreachableAddress } from '../dead-address.ts'
import { difference } from '../difference.ts'
import { assertNoHandleLeft } from '../open-handles.ts'
import type { Peer } from '../peer.ts'
import type { Scene } from '../scene.ts'
import {
  byteDifference,
  channelEnds,
  closeOf,
  connect,
  connected,
  failureCode,
  inboundSession,
  pattern,
  sessionEnds,
} from '../session-play.ts'
import { turn } from '../waiting.ts'

/** More than any sender may be made to hold for one session. */
const PILE_BYTES_MAX = 67_108_864
const ROUNDS = 5

/** Cases about sessions. */
export const sessionCases: readonly CaseDefinition[] = [
  { name: 'sessions: both sides have one, and know who the other is', needs: ['sessions'], play: bothSides },
  { name: 'sessions: connecting again gives the same one', needs: ['sessions'], play: again },
  { name: 'sessions: of two dialled at once one stays, and both sides have it', needs: ['sessions'], play: atOnce },
  { name: 'sessions: who listens as soon as connect resolves misses nothing', needs: ['sessions'], play: soonEnough },
  { name: 'sessions: frames arrive in order and unaltered, both ways', needs: ['sessions'], play: frames },
  { name: 'sessions: a frame over the limit is refused, and nothing else is lost', needs: ['sessions'], play: tooLong },
  { name: 'sessions: what piles up is bounded, and drain tells of room', needs: ['sessions'], play: pilingUp },
  { name: 'sessions: closing one is told, and connecting then gives a new one', needs: ['sessions'], play: closing },
  { name: 'sessions: who is not who was expected is refused', needs: ['sessions'], play: unexpected },
  { name: 'sessions: a node of another cluster is refused', needs: ['sessions'], play: foreign },
  { name: 'sessions: an unreachable peer rejects with a code', needs: ['sessions', 'a dead peer'], play: unreachable },
  { name: 'sessions: a raised signal rejects with GOSSIP_ABORTED', needs: ['sessions', 'a dead peer'], play: raised },
  { name: 'sessions: closing the transport ends them and fails everything pending', needs: ['sessions'], play: closed },
  { name: 'sessions: closing leaves no handle open', needs: ['sessions', 'an inspecting runtime'], play: handles },
  { name: 'sessions: garbage on their wire harms nobody', needs: ['sessions', 'a wire'], play: garbage },
]

async function bothSides(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  const { ours, theirs } = await sessionEnds(scene, a, b)
  const found =
    difference(b.ref, ours.remote, 'remote of the one who dialled') ??
    difference(a.ref, theirs.remote, 'remote of the other side') ??
    difference('outbound', ours.direction, 'the direction of the one who dialled') ??
    difference('inbound', theirs.direction, 'the direction of the other side')
  if (found !== undefined) scene.fail('Sessions', 'both sides to know whom the session joins', found)
}

async function again(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  const both = await Promise.all([connected(scene, a, b), connected(scene, a, b)])
  const later = await connected(scene, a, b)
  const theirs = await inboundSession(scene, b, a)
  const back = await connected(scene, b, a)
  if (both[0] !== both[1] || both[0] !== later || theirs !== back) {
    scene.fail('Sessions', 'connect() to give the session there is, to both sides', 'it gave another one')
  }
}

async function atOnce(scene: Scene): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    const [a, b] = await scene.pair()
    const [atA, atB] = await Promise.all([connected(scene, a, b), connected(scene, b, a)])
    await scene.until('Sessions', 'one of both to be dialled by the lower id', () => isOne(atA, atB))
    await assertJoined(scene, atA, atB)
    const [nowA, nowB] = [await connected(scene, a, b), await connected(scene, b, a)]
    if (nowA !== atA || nowB !== atB) scene.fail('Sessions', 'connect() of both sides to give what stays', 'it changed')
  }
}

/** One end was dialled, the other was not. */
function isOne(atA: Session, atB: Session): boolean {
  return !atA.isClosed && !atB.isClosed && atA.direction !== atB.direction
}

async function assertJoined(scene: Scene, from: Session, to: Session): Promise<void> {
  const heard: number[] = []
  to.on('frame', (frame) => {
    heard.push(...frame)
    scene.wake()
  })
  from.send(Uint8Array.of(42))
  await scene.until('Sessions', 'both ends to be of one session', () => heard.includes(42))
}

async function soonEnough(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  b.onSession = (session) => {
    session.send(Uint8Array.of(7))
    // It is refused or not; this case is about hearing of it.
    session.open('at once').catch(() => {})
  }
  const session = await connected(scene, a, b)
  const heard: unknown[] = []
  session.on('frame', (frame) => {
    heard.push(frame[0])
    scene.wake()
  })
  session.on('channel', ({ header }) => {
    heard.push(header)
    scene.wake()
  })
  const expected = 'a frame and a channel that came at once to be told to listeners that were added after connect()'
  await scene.until('Sessions', expected, () => heard.includes(7) && heard.includes('at once'))
}

async function frames(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  const { ours, theirs } = await sessionEnds(scene, a, b)
  const sizes = [0, 1, 2, 1_000, 65_535, 65_536, 65_537, ours.frameBytesMax, 3]
  const sent = sizes.map((size, i) => pattern(size, i))
  const [atOurs, atTheirs]: [Uint8Array[], Uint8Array[]] = [[], []]
  for (const [session, heard] of [
    [ours, atOurs],
    [theirs, atTheirs],
  ] as const) {
    session.on('frame', (frame) => {
      heard.push(frame)
      scene.wake()
    })
  }
  for (const frame of sent) {
    for (const session of [ours, theirs]) {
      const lent = frame.slice()
      session.send(lent)
      lent.fill(0xee)
    }
  }
  const isThere = (): boolean => Math.min(atOurs.length, atTheirs.length) >= sent.length
  await scene.until('Sessions', `${sent.length} frames to arrive on each side`, isThere)
  for (const heard of [atOurs, atTheirs]) {
    for (const [i, frame] of sent.entries()) {
      const found = byteDifference(frame, heard[i] ?? new Uint8Array(0))
      if (found !== undefined) scene.fail('Sessions', `frame ${i} to arrive in its place, as it was sent`, found)
    }
  }
}

async function tooLong(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  const { ours, theirs } = await sessionEnds(scene, a, b)
  const code = await failureCode(scene, 'send() of a frame over frameBytesMax', () =>
    ours.send(new Uint8Array(ours.frameBytesMax + 1)),
  )
  if (code !== 'GOSSIP_FRAME_TOO_LARGE') scene.fail('Sessions', 'the code GOSSIP_FRAME_TOO_LARGE', `it was ${code}`)
  await assertJoined(scene, ours, theirs)
}

async function pilingUp(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  const { ours, theirs } = await sessionEnds(scene, a, b)
  let [heard, drains] = [0, 0]
  theirs.on('frame', (frame) => {
    heard += frame.length
    scene.wake()
  })
  ours.on('drain', () => {
    drains++
    scene.wake()
  })
  const frame = pattern(Math.min(65_536, ours.frameBytesMax), 1)
  let [sent, isFull, wasWarned] = [0, false, false]
  for (; !isFull && sent <= PILE_BYTES_MAX; sent += isFull ? 0 : frame.length) {
    try {
      if (!ours.send(frame)) wasWarned = true
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'GOSSIP_QUEUE_FULL') throw error
      isFull = true
    }
  }
  if (!isFull) {
    const rule = 'send() to throw GOSSIP_QUEUE_FULL where drain is not waited for'
    scene.fail('Sessions', rule, `${sent} bytes were taken in one turn of the event loop`)
  }
  if (!wasWarned) scene.fail('Sessions', 'send() to say false before it throws', 'it said true')
  await scene.until('Sessions', `all ${sent} bytes that were taken to arrive`, () => heard >= sent)
  await scene.until('Sessions', 'drain to be told once there is room', () => drains > 0)
  if (heard > sent || !ours.send(Uint8Array.of(1))) {
    scene.fail(
      'Sessions',
      'send() to say true after drain, and nothing to come twice',
      `${heard} of ${sent} bytes came`,
    )
  }
}

async function closing(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  const ends = await sessionEnds(scene, a, b)
  const { ours, theirs } = ends
  const [atOurs, atTheirs] = [closeOf(ours), closeOf(theirs)]
  const [channel, other] = await channelEnds(scene, ends)
  let heard = 0
  theirs.on('frame', () => heard++)
  ours.send(Uint8Array.of(1))
  await scene.within('Sessions', 'close() of a session', () => ours.close())
  await scene.until('Sessions', 'close to be told to both sides', () => atOurs.isTold && atTheirs.isTold)
  if (atOurs.text !== 'on purpose' || atTheirs.text !== 'on purpose' || atOurs.times + atTheirs.times > 2) {
    scene.fail('Sessions', 'close to be told once and without an error', `it was ${atOurs.text} and ${atTheirs.text}`)
  }
  if (heard === 0) scene.fail('Sessions', 'what was sent before close() to arrive', 'it did not')
  await failureCode(scene, 'send() on a session that was closed', () => ours.send(Uint8Array.of(1)))
  await failureCode(scene, 'open() on a session that was closed', () => ours.open('late'))
  await failureCode(scene, 'reading a channel of it', () => channel.readable.getReader().read())
  await failureCode(scene, 'reading its other end', () => other.readable.getReader().read())
  const next = await sessionEnds(scene, a, b)
  if (next.ours === ours) scene.fail('Sessions', 'a new session after the old one was closed', 'it was the old one')
  await assertJoined(scene, next.ours, next.theirs)
}

async function unexpected(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  const code = await failureCode(scene, 'connect() to an address where somebody else is', () =>
    connect(a, { id: 'somebody else', transport: b.address }),
  )
  if (code !== 'GOSSIP_PEER_UNEXPECTED') scene.fail('Sessions', 'the code GOSSIP_PEER_UNEXPECTED', `it was ${code}`)
  await sessionEnds(scene, a, b)
}

async function foreign(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  const stranger = await scene.peer({ hello: { clusterId: 'another cluster' } })
  const code = await failureCode(scene, 'connect() of a node of another cluster', () => connect(stranger, b.ref))
  if (code !== 'GOSSIP_CLUSTER_FOREIGN') scene.fail('Sessions', 'the code GOSSIP_CLUSTER_FOREIGN', `it was ${code}`)
  await sessionEnds(scene, a, b)
  if (b.sessions.some(({ remote }) => remote.id === stranger.id)) {
    scene.fail('Sessions', 'no session of a refused peer to be told', 'one was')
  }
}

async function unreachable(scene: Scene): Promise<void> {
  const address = await unreachableAddress(scene)
  const [a, b] = await scene.pair()
  await failureCode(scene, 'connect() to an address where nobody is', () => connect(a, { transport: address }))
  for (const malformed of scene.fixture.malformedAddresses) {
    await failureCode(scene, 'connect() to a malformed address', () => connect(a, { transport: malformed }))
  }
  await sessionEnds(scene, a, b)
}

async function raised(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  const early = await failureCode(scene, 'connect() with a signal that was raised before', () =>
    connect(a, b.ref, AbortSignal.abort()),
  )
  const address = await silentAddress(scene)
  const controller = new AbortController()
  const connecting = connect(a, { transport: address }, controller.signal)
  // Raised in the same turn, before anybody can have answered.
  controller.abort()
  const late = await failureCode(scene, 'connect() with a signal that is raised', () => connecting)
  for (const code of [early, late]) {
    if (code !== 'GOSSIP_ABORTED') scene.fail('Sessions', 'the code GOSSIP_ABORTED', `it was ${code}`)
  }
  await sessionEnds(scene, a, b)
}

async function closed(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  const ends = await sessionEnds(scene, a, b)
  const [atOurs, atTheirs] = [closeOf(ends.ours), closeOf(ends.theirs)]
  const [channel, other] = await channelEnds(scene, ends)
  const pending = [
    failureCode(scene, 'reading when the other side closes its transport', () => channel.readable.getReader().read()),
    failureCode(scene, 'writing when the other side closes its transport', () =>
      channel.writable.getWriter().write(new Uint8Array(PILE_BYTES_MAX)),
    ),
    failureCode(scene, 'reading when the own transport is closed', () => other.readable.getReader().closed),
  ]
  await turn()
  await scene.close(b)
  const codes = await Promise.all(pending)
  await scene.until('Sessions', 'close to be told to both sides', () => atOurs.isTold && atTheirs.isTold)
  if (codes[0] !== codes[1]) scene.fail('Sessions', 'everything pending to fail with one code', codes.join(', '))
  await failureCode(scene, 'connect() of a transport that was closed', () => connect(b, a.ref))
}

async function handles(scene: Scene): Promise<void> {
  await assertNoHandleLeft(scene, 'Sessions', async () => {
    const peers = await scene.peers(3)
    const [a, b, c] = peers as [Peer, Peer, Peer]
    const first = await sessionEnds(scene, a, b)
    await sessionEnds(scene, c, a)
    await channelEnds(scene, first)
    await Promise.all([connected(scene, b, c), connected(scene, c, b)])
    for (const peer of peers) await scene.close(peer)
  })
}

async function garbage(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  // A transport may have dialled somebody to be reached at all.
  const before = b.sessions.length
  for (const bytes of garbageSamples()) {
    await scene.within('Errors', 'injectGarbage() of the fixture', () =>
      scene.fixture.injectGarbage?.(b.address, bytes),
    )
    scene.assertSound()
  }
  const { ours, theirs } = await sessionEnds(scene, a, b)
  await assertJoined(scene, ours, theirs)
  if (b.sessions.length > before + 1) scene.fail('Sessions', 'no session to be told of who sent garbage', 'one was')
}

/** Beginnings of sessions that go wrong, up to a hello of nobody's cluster and noise behind it. */
function garbageSamples(): Uint8Array[] {
  const hello =
    '{"protocolVersion":2,"clusterId":"no such cluster","id":"x","generation":1,"features":[],"valueBytesMax":1}'
  const start = '{"session":1,"sender":{"id":"x","transport":null}'
  const texts = [
    '{"session":1}',
    start,
    `${start}}`,
    `${start},"hello":{}}`,
    `${start},"hello":${hello}}`,
    `${start},"hello":${hello},"frameBytesMax":-1}`,
    `${start},"hello":${hello},"frameBytesMax":1000}`,
    `${start},"hello":${'['.repeat(50_000)}`,
    `{"session":1,"sender":{"id":"${'x'.repeat(100_000)}`,
  ]
  const encoder = new TextEncoder()
  return texts.map((text) => encoder.encode(`${text}\r\n${String.fromCharCode(1, 255, 255, 255).repeat(20)}`))
}
