/** Opening and closing, at any time and in any order: addresses are final, handles are released, nothing comes after. */

import { jsonBytes } from '../../../core/index.ts'
import type { CaseDefinition } from '../case.ts'
import { difference, shortText } from '../difference.ts'
import { described, errorProblem } from '../error-rules.ts'
import { assertNoHandleLeft } from '../open-handles.ts'
import type { Peer } from '../peer.ts'
import type { Scene } from '../scene.ts'
import { turn } from '../waiting.ts'

const ADDRESS_BYTES_MAX = 1_024
const TRAFFIC = 200

/** Cases about opening and closing. */
export const lifecycleCases: readonly CaseDefinition[] = [
  { name: 'lifecycle: listening gives an address and is told', needs: ['listens'], play: listening },
  { name: 'lifecycle: listening twice changes nothing', needs: ['listens'], play: listeningTwice },
  { name: 'lifecycle: an address in use is a coded error', needs: ['listens', 'addressable'], play: inUse },
  { name: 'lifecycle: closing is possible at any time, and again', needs: [], play: closing },
  { name: 'lifecycle: closing while it begins to listen ends both', needs: ['listens'], play: closingWhileOpening },
  { name: 'lifecycle: closing with traffic in flight ends it', needs: [], play: closingInTraffic },
  { name: 'lifecycle: an address is free again after closing', needs: ['listens', 'addressable'], play: restart },
  { name: 'lifecycle: it listens again after closing', needs: ['listens', 'canReopen'], play: reopening },
  { name: 'lifecycle: closing leaves no handle open', needs: ['an inspecting runtime'], play: handles },
]

async function listening(scene: Scene): Promise<void> {
  const peer = await scene.peer({ isOpened: false })
  const { transport } = peer
  if (transport.address !== undefined) {
    scene.fail('Lifecycle', 'address to be undefined until it listens', `it was ${JSON.stringify(transport.address)}`)
  }
  await scene.open(peer)
  if (!peer.events.includes('listening')) {
    scene.fail('Lifecycle', "'listening' to be told before listen() resolves", 'it had not been')
  }
  const { address } = transport
  if (address === undefined || jsonBytes(address) > ADDRESS_BYTES_MAX) {
    const rule = `address to be JSON of at most ${ADDRESS_BYTES_MAX} bytes once it listens`
    scene.fail('Lifecycle', rule, `it was ${JSON.stringify(address)}`)
  }
}

async function listeningTwice(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  await settled(scene, 'listen()', () => a.transport.listen?.())
  const now = a.transport.address
  if (difference(a.address, now, 'the address') !== undefined) {
    const actual = `it was ${shortText(a.address)} and is ${shortText(now)}`
    scene.fail('Lifecycle', 'a second listen() to leave the address as it is', actual)
  }
  await scene.fence(b, a)
}

async function inUse(scene: Scene): Promise<void> {
  const first = await scene.peer()
  const second = await scene.peer({ isOpened: false, address: first.address })
  const expected = 'listen() at an address in use to fail with a coded error'
  const error = await settled(scene, 'listen()', () => second.transport.listen?.())
  if (error === undefined) scene.fail('Lifecycle', expected, 'it succeeded')
  await scene.close(second)
  const third = await scene.peer()
  await scene.fence(third, first)
}

async function closing(scene: Scene): Promise<void> {
  const unopened = await scene.peer({ isOpened: false })
  await scene.close(unopened)
  await scene.close(unopened)
  const [a, b] = await scene.pair()
  await scene.fence(a, b)
  // Twice at once, and once more.
  await Promise.all([scene.close(a), scene.close(a)])
  await scene.close(a)
  // A node that is closing may still have something to say.
  scene.send({ from: a, to: b, kind: 'digest', payload: scene.mark('after closing') })
  scene.send({ from: a, to: b, kind: 'deltas', payload: scene.mark('after closing') })
  scene.sendAway(a, null, scene.mark('after closing'))
  await scene.fence(b, await scene.peer())
}

async function closingWhileOpening(scene: Scene): Promise<void> {
  const peer = await scene.peer({ isOpened: false })
  const opening = settled(scene, 'listen()', () => peer.transport.listen?.())
  await scene.close(peer)
  await opening
  await turn()
}

async function closingInTraffic(scene: Scene): Promise<void> {
  const [a, b, c] = (await scene.peers(3)) as [Peer, Peer, Peer]
  await scene.fence(a, b)
  await scene.fence(b, a)
  let arrived = 0
  a.onMessage = () => arrived++
  const sendAll = (): void => {
    for (let i = 0; i < TRAFFIC; i++) {
      for (const [from, to] of [
        [b, a],
        [a, b],
        [a, c],
      ] as const) {
        scene.send({ from, to, kind: i % 2 === 0 ? 'digest' : 'deltas', payload: scene.mark('in flight') })
      }
    }
  }
  sendAll()
  await scene.until('Delivery', 'the first of many messages to arrive', () => arrived > 0, sendAll)
  sendAll()
  await scene.close(a)
  for (let i = 0; i < TRAFFIC; i++) scene.send({ from: b, to: a, kind: 'digest', payload: scene.mark('too late') })
  await scene.fence(b, c)
  await scene.fence(c, b)
}

async function restart(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  await scene.fence(a, b)
  await scene.fence(b, a)
  const { id, address } = b
  await scene.close(b)
  const again = await scene.peer({ id, address, hello: { generation: 2 } })
  // What was sent on a connection of the former life may be lost; gossip repeats itself.
  await scene.deliver({ from: a, to: again, kind: 'digest', payload: scene.mark('to the new life') }, true)
  await scene.deliver({ from: again, to: a, kind: 'digest', payload: scene.mark('from the new life') }, true)
}

async function reopening(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  for (let life = 0; life < 3; life++) {
    await scene.deliver({ from: b, to: a, kind: 'digest', payload: scene.mark('life') }, true)
    await scene.close(a)
    a.isClosed = false
    await scene.open(a)
  }
  await scene.deliver({ from: a, to: b, kind: 'deltas', payload: scene.mark('last life') }, true)
}

async function handles(scene: Scene): Promise<void> {
  await assertNoHandleLeft(scene, 'Lifecycle', () => liveAndClose(scene))
}

async function liveAndClose(scene: Scene): Promise<void> {
  const peers = await scene.peers(3)
  const [a, b, c] = peers as [Peer, Peer, Peer]
  for (const [from, to] of [
    [a, b],
    [b, a],
    [a, c],
    [c, b],
  ] as const) {
    await scene.fence(from, to)
  }
  for (const peer of peers) await scene.close(peer)
}

/** Waits until a promise has settled either way; a rejection has to be coded, and is given back. */
async function settled(scene: Scene, what: string, call: () => unknown): Promise<unknown> {
  const attempt = async (): Promise<unknown> => {
    try {
      await call()
      return undefined
    } catch (error) {
      return error ?? 'nothing'
    }
  }
  const error = await scene.within('Lifecycle', what, attempt)
  const problem = error === undefined ? undefined : errorProblem(error)
  if (problem === undefined) return error
  return scene.fail('Errors', `${what} to fail with a coded error if at all`, `${problem}: ${described(error)}`)
}
