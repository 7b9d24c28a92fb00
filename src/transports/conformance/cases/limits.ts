/** What is too large is refused with a code, and what piles up for one peer stays bounded and is nobody else's trouble. */

import type { JsonValue } from '../../../core/index.ts'
import type { CaseDefinition } from '../case.ts'
import { silentAddress } from '../dead-address.ts'
import { outboundErrorProblem } from '../error-rules.ts'
import type { Peer } from '../peer.ts'
import { memoryMeter } from '../runtime.ts'
import { sampleOfBytes } from '../samples.ts'
import type { Scene } from '../scene.ts'
import { turn } from '../waiting.ts'

const MESSAGE_BYTES = 65_536
/** Messages between two turns of the event loop. */
const BATCH = 64
/** What a transport may hold beyond its queue: buffers, error objects, text that takes two bytes a character. */
const SLACK_BYTES = 16_777_216

/** Cases about limits. */
export const limitCases: readonly CaseDefinition[] = [
  { name: 'limits: a message at the limit passes', needs: ['limited'], play: atLimit },
  {
    name: 'limits: one byte over the limit is a coded error, and nothing else is lost',
    needs: ['limited'],
    play: over,
  },
  { name: 'limits: a dead peer holds up nobody else', needs: ['a dead peer'], play: deadPeer },
  {
    name: 'limits: what waits for a dead peer is bounded',
    needs: ['a dead peer', 'an inspecting runtime'],
    play: bounded,
  },
]

async function atLimit(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  const bytes = limitOf(scene, a)
  for (const [i, filler] of (['x', 'é'] as const).entries()) {
    await scene.deliver({ from: a, to: b, kind: 'digest', payload: sampleOfBytes(bytes, 2 * i, filler) })
    await scene.deliver({ from: a, to: b, kind: 'deltas', payload: sampleOfBytes(bytes, 2 * i + 1, filler) })
  }
}

async function over(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  const bytes = limitOf(scene, a) + 1
  await scene.fence(a, b)
  for (const [i, filler] of (['x', 'é'] as const).entries()) {
    for (const kind of ['digest', 'deltas'] as const) {
      const errors = a.errors.length
      const parcel = scene.send({ from: a, to: b, kind, payload: sampleOfBytes(bytes, i, filler) })
      const expected = `${kind} of ${bytes} bytes, one over maxMessageBytes, to become an error event`
      const isSettled = (): boolean => a.errors.length > errors || parcel.arrivals > 0
      await scene.until('Limits', expected, isSettled)
      if (parcel.arrivals > 0) scene.fail('Limits', expected, 'it arrived')
      const problem = outboundErrorProblem(a.errors.at(-1), b.address)
      if (problem !== undefined) scene.fail('Errors', 'that error to name the peer and the direction', problem)
    }
    await scene.fence(a, b)
  }
}

async function deadPeer(scene: Scene): Promise<void> {
  const dead = await silentAddress(scene)
  const [a, b] = await scene.pair()
  for (let round = 0; round < 10; round++) {
    for (let i = 0; i < BATCH; i++) scene.sendAway(a, dead, scene.mark('into the void'))
    await scene.deliver({ from: a, to: b, kind: 'digest', payload: scene.mark('to the living') })
    await scene.deliver({ from: b, to: a, kind: 'deltas', payload: scene.mark('and back') })
  }
}

async function bounded(scene: Scene): Promise<void> {
  const { queueBytesMax } = scene.fixture
  const dead = await silentAddress(scene)
  const [a, b] = await scene.pair()
  const bytes = Math.min(MESSAGE_BYTES, a.transport.maxMessageBytes ?? MESSAGE_BYTES)
  const count = Math.ceil((2 * queueBytesMax + 2 * SLACK_BYTES) / bytes)
  const payloads = Array.from({ length: BATCH }, (_, i) => sampleOfBytes(bytes, i))
  const measure = await memoryMeter()
  await scene.fence(a, b)
  const before = measure()
  const assertBounded = (how: string): void => {
    const held = measure() - before
    const allowed = 2 * queueBytesMax + SLACK_BYTES
    if (held <= allowed) return
    const actual = `${held} bytes were held after ${count} messages of ${bytes} bytes, ${how}`
    scene.fail('Limits', `at most ${allowed} bytes to be held for a peer that takes nothing`, actual)
  }
  for (let i = 0; i < count; i++) sendOne(scene, a, dead, payloads, i)
  assertBounded('sent in one turn of the event loop')
  for (let i = 0; i < count; i++) {
    sendOne(scene, a, dead, payloads, i)
    if (i % BATCH !== 0) continue
    scene.progress(`${i} of ${count} messages to nobody`)
    await turn()
    scene.assertSound()
  }
  assertBounded('sent bit by bit')
  await scene.deliver({ from: a, to: b, kind: 'deltas', payload: scene.mark('afterwards') }, true)
}

function sendOne(scene: Scene, from: Peer, address: JsonValue, payloads: readonly JsonValue[], i: number): void {
  scene.sendAway(from, address, payloads[i % BATCH] ?? null, i % 2 === 0 ? 'digest' : 'deltas')
}

function limitOf(scene: Scene, { transport }: Peer): number {
  const { maxMessageBytes } = transport
  if (typeof maxMessageBytes === 'number' && Number.isSafeInteger(maxMessageBytes) && maxMessageBytes >= 64) {
    return maxMessageBytes
  }
  return scene.fail(
    'Limits',
    'maxMessageBytes to be a whole number of at least 64',
    `it was ${String(maxMessageBytes)}`,
  )
}
