/** Where there are hellos: both sides learn who the other is before they believe a word of it. */

import type { CaseDefinition } from '../case.ts'
import { addressDifference, difference } from '../difference.ts'
import type { Peer } from '../peer.ts'
import type { Scene } from '../scene.ts'

/** Cases about hellos. */
export const helloCases: readonly CaseDefinition[] = [
  { name: 'hello: both sides learn who the other is', needs: ['hello'], play: bothSides },
  { name: 'hello: a new generation is told', needs: ['hello'], play: newGeneration },
  { name: 'hello: a node of another cluster is refused', needs: ['hello'], play: foreign },
]

async function bothSides(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  await scene.fence(a, b)
  await assertMet(scene, b, a)
  await assertMet(scene, a, b)
  if (b.events.indexOf('hello') > b.events.indexOf('digest')) {
    scene.fail('Hello', "'hello' to be told before the first message of a peer", 'the message was told first')
  }
}

async function newGeneration(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  await scene.fence(a, b)
  await assertMet(scene, b, a)
  a.transport.introduce?.(scene.hello(a.id, { generation: 2 }))
  await scene.fence(a, b)
  const isTold = (): boolean => b.hellos.some(({ peer, hello }) => peer.id === a.id && hello.generation === 2)
  const send = (): void => void scene.send({ from: a, to: b, kind: 'digest', payload: scene.mark('again') })
  await scene.until('Hello', 'a peer that was told one hello to be told the next', isTold, send)
}

async function foreign(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  const stranger = await scene.peer({ hello: { clusterId: 'another cluster' } })
  const send = (): ReturnType<Scene['send']> =>
    scene.send({ from: stranger, to: b, kind: 'digest', payload: 'of another cluster' })
  const parcel = send()
  const isRefused = (): boolean => b.codes.includes('GOSSIP_CLUSTER_FOREIGN') || parcel.arrivals > 0
  const expected = 'a node of another cluster to become an error event GOSSIP_CLUSTER_FOREIGN'
  await scene.until('Hello', expected, isRefused, send)
  await scene.fence(a, b)
  if (parcel.arrivals > 0) scene.fail('Hello', 'nothing of a refused peer to be told', 'its digest was')
}

async function assertMet(scene: Scene, peer: Peer, other: Peer): Promise<void> {
  const isMet = (): boolean => peer.hellos.some((met) => met.peer.id === other.id)
  const send = (): void => void scene.send({ from: other, to: peer, kind: 'digest', payload: scene.mark('who am I') })
  const again = scene.fixture.capabilities.lossy ? send : undefined
  await scene.until('Hello', `${peer.id} to be told the hello of ${other.id}`, isMet, again)
  const met = peer.hellos.find((hello) => hello.peer.id === other.id)
  const found =
    difference(scene.hello(other.id), { ...met?.hello }, 'the hello') ??
    addressDifference(other.address, met?.peer.transport, "the peer's address")
  if (found !== undefined) scene.fail('Hello', 'a hello to arrive as it was given to introduce()', found)
}
