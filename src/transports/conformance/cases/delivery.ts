/** The heart of the contract: what is sent arrives, unaltered, where it was sent, under the sender's name. */

import { type JsonValue, jsonBytes } from '../../../core/index.ts'
import type { CaseDefinition } from '../case.ts'
import { correspond } from '../correspondence.ts'
import { deepSample, SAMPLES, sampleOfBytes } from '../samples.ts'
import type { Scene } from '../scene.ts'

const LARGE_BYTES = 1_048_576
const BURST = 500

/** Cases about delivery. */
export const deliveryCases: readonly CaseDefinition[] = [
  { name: 'delivery: what is declared is there, and what is there is declared', needs: [], play: declared },
  { name: 'delivery: a digest arrives as a digest, deltas as deltas', needs: [], play: bothKinds },
  { name: 'delivery: every kind of JSON arrives unaltered', needs: [], play: everyKind },
  { name: 'delivery: a large message arrives unaltered', needs: [], play: large },
  { name: 'delivery: a deeply nested message arrives unaltered', needs: [], play: deep },
  { name: "delivery: the sender's id and address arrive as given", needs: [], play: senders },
  { name: 'delivery: many peers write to each other at once', needs: [], play: manyPeers },
  { name: 'delivery: a message to oneself arrives', needs: [], play: self },
  { name: 'delivery: all of a burst arrives', needs: ['keeps everything'], play: burst },
  { name: 'delivery: messages of one kind do not overtake each other', needs: ['ordered'], play: order },
]

async function declared(scene: Scene): Promise<void> {
  const { capabilities } = scene.fixture
  const { transport } = await scene.peer()
  const there = [
    ['listens', 'listen', typeof transport.listen === 'function'],
    ['rpc', 'rpc', typeof transport.rpc === 'function'],
    ['hello', 'introduce', typeof transport.introduce === 'function'],
    ['limited', 'maxMessageBytes', transport.maxMessageBytes !== undefined],
    ['sessions', 'connect', typeof transport.connect === 'function'],
    ['bulk', 'bulk', typeof transport.bulk === 'function'],
  ] as const
  for (const [name, member, isThere] of there) {
    if (capabilities[name] && !isThere) {
      scene.fail('Delivery', `${member} to be there, since ${name} is declared`, 'the transport has none')
    }
    if (isThere && !capabilities.stated.has(name)) {
      const expected = `the fixture to declare ${name}, true or false, since the transport has ${member}`
      scene.fail('Delivery', expected, 'its capabilities say nothing of it')
    }
  }
}

async function bothKinds(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  await scene.deliver({ from: a, to: b, kind: 'digest', payload: scene.mark('first') })
  await scene.deliver({ from: a, to: b, kind: 'deltas', payload: scene.mark('second') })
  await scene.deliver({ from: b, to: a, kind: 'deltas', payload: scene.mark('third') })
  await scene.deliver({ from: b, to: a, kind: 'digest', payload: scene.mark('fourth') })
}

async function everyKind(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  const { maxMessageBytes = Number.POSITIVE_INFINITY } = a.transport
  for (const payload of SAMPLES.filter((sample) => jsonBytes(sample) <= maxMessageBytes)) {
    await scene.deliver({ from: a, to: b, kind: 'digest', payload })
    await scene.deliver({ from: a, to: b, kind: 'deltas', payload })
  }
}

async function large(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  const bytes = Math.min(LARGE_BYTES, a.transport.maxMessageBytes ?? LARGE_BYTES)
  for (const [i, filler] of (['x', 'é', '雪'] as const).entries()) {
    const payload = sampleOfBytes(bytes, i, filler)
    await scene.deliver({ from: a, to: b, kind: 'digest', payload })
    await scene.deliver({ from: b, to: a, kind: 'deltas', payload })
  }
}

async function deep(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  await scene.deliver({ from: a, to: b, kind: 'deltas', payload: deepSample() })
  await scene.deliver({ from: a, to: b, kind: 'digest', payload: deepSample() })
}

async function senders(scene: Scene): Promise<void> {
  const receiver = await scene.peer()
  const ids = ['zoë@雪/👩‍🚀', '__proto__', ' spaces and "quotes" ', 'x'.repeat(200)]
  const addresses: readonly JsonValue[] = [
    'memo:né',
    { host: 'no-such-host.invalid', also: ['and', { more: [1, 2] }], path: '/über' },
    [],
    null,
  ]
  for (const [i, id] of ids.entries()) {
    const sender = await scene.peer({ id })
    await scene.deliver({ from: sender, to: receiver, kind: 'digest', payload: scene.mark('own address') })
    // An address is whatever the sender says: it may be reached through somebody else.
    const as = { id, transport: addresses[i] ?? null }
    await scene.deliver({ from: sender, to: receiver, kind: 'digest', payload: scene.mark('other address'), as })
    await scene.deliver({ from: sender, to: receiver, kind: 'deltas', payload: scene.mark('other address'), as })
  }
}

async function manyPeers(scene: Scene): Promise<void> {
  await correspond(scene, { peers: await scene.peers(5), rounds: 10 })
}

async function self(scene: Scene): Promise<void> {
  const peer = await scene.peer()
  await scene.deliver({ from: peer, to: peer, kind: 'digest', payload: scene.mark('to myself') })
  await scene.deliver({ from: peer, to: peer, kind: 'deltas', payload: scene.mark('to myself') })
}

async function burst(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  const parcels = Array.from({ length: BURST }, (_, i) =>
    scene.send({ from: a, to: b, kind: i % 2 === 0 ? 'digest' : 'deltas', payload: scene.mark('burst') }),
  )
  const missing = (): number => parcels.filter(({ arrivals }) => arrivals === 0).length
  await scene.until('Delivery', `all of ${BURST} messages that were sent at once to arrive`, () => missing() === 0)
}

async function order(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  const latest = { digest: 0, deltas: 0 }
  b.onMessage = ({ kind, payload }) => {
    const number = Array.isArray(payload) ? Number(payload[1]) : 0
    if (number < latest[kind]) {
      const actual = `message ${number} came after message ${latest[kind]}`
      scene.violate('Delivery', `${kind} messages to arrive in the order they were sent`, actual)
    }
    latest[kind] = Math.max(latest[kind], number)
  }
  const send = (): void => {
    for (const kind of ['digest', 'deltas'] as const) {
      scene.send({ from: a, to: b, kind, payload: scene.mark('numbered') })
    }
  }
  for (let i = 0; i < BURST; i++) send()
  // The first of them may have opened a connection; by now it is open.
  await scene.until('Delivery', 'numbered messages to arrive', () => latest.digest > 0 && latest.deltas > 0, send)
  const before = { ...latest }
  for (let i = 0; i < BURST; i++) send()
  const hasMore = (): boolean => latest.digest > before.digest && latest.deltas > before.deltas
  await scene.until('Delivery', 'more numbered messages to arrive', hasMore, send)
  await scene.fence(a, b)
}
