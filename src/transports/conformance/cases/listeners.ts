/** Listeners are other people's code: they send, throw, close and leave, and the transport goes on. */

import type { Transport } from '../../../core/index.ts'
import type { CaseDefinition } from '../case.ts'
import type { Parcel } from '../ledger.ts'
import type { Peer } from '../peer.ts'
import type { Scene } from '../scene.ts'
import { turn } from '../waiting.ts'

const VOLLEYS = 1_000
const LOSSY_VOLLEYS = 100

/** Cases about listeners. */
export const listenerCases: readonly CaseDefinition[] = [
  { name: 'listeners: one may send, and is not called again before it returns', needs: [], play: sending },
  { name: 'listeners: one that throws keeps nobody from hearing, and is told of', needs: [], play: throwing },
  { name: 'listeners: one may close the transport', needs: [], play: closing },
  { name: 'listeners: one that was taken off hears no more', needs: [], play: takenOff },
]

/** Two peers play a ball back and forth, each hitting it from within the listener that is told of it. */
async function sending(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  await scene.fence(a, b)
  const { lossy } = scene.fixture.capabilities
  const volleys = lossy ? LOSSY_VOLLEYS : VOLLEYS
  const seen = new Set<Parcel>()
  let hits = 0
  let depth = 0
  let latest = (): Parcel => hit(a, b)
  const hit = (from: Peer, to: Peer): Parcel => {
    const payload = scene.mark('volley')
    latest = () => scene.send({ from, to, kind: hits % 2 === 0 ? 'digest' : 'deltas', payload })
    return latest()
  }
  const play = (from: Peer, to: Peer) => (parcel: Parcel) => {
    depth++
    if (depth > 1)
      scene.violate('Listeners', 'a listener to return before any other is called', 'one was called within')
    if (!seen.has(parcel)) {
      seen.add(parcel)
      hits++
      if (hits < volleys) hit(from, to)
      else scene.wake()
    }
    depth--
  }
  a.onMessage = play(a, b)
  b.onMessage = play(b, a)
  hit(a, b)
  const expected = `${volleys} messages, each sent from within a listener, to arrive`
  await scene.until('Listeners', expected, () => hits >= volleys, lossy ? () => void latest() : undefined)
}

async function throwing(scene: Scene): Promise<void> {
  const prepare = (transport: Transport): void => {
    for (const event of ['digest', 'deltas', 'listening'] as const) {
      transport.on(event, () => {
        throw new Error(`a listener of ${event} throws, as the case wants it`)
      })
    }
  }
  const a = await scene.peer()
  const b = await scene.peer({ prepare })
  for (let i = 0; i < 3; i++) {
    for (const kind of ['digest', 'deltas'] as const) {
      await scene.deliver({ from: a, to: b, kind, payload: scene.mark('to a thrower') })
    }
  }
  const expected = "what a listener throws to become an 'error' event"
  await scene.until('Listeners', expected, () => b.errors.length > 0)
  await scene.fence(b, a)
}

async function closing(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  let closed: Promise<void> | undefined
  b.onMessage = () => {
    closed ??= scene.close(b)
    scene.wake()
  }
  const send = (): void => void scene.send({ from: a, to: b, kind: 'digest', payload: scene.mark('the last') })
  for (let i = 0; i < 5; i++) send()
  const again = scene.fixture.capabilities.lossy ? send : undefined
  await scene.until('Delivery', 'a message to arrive', () => closed !== undefined, again)
  await closed
  for (let i = 0; i < 5; i++) send()
  await scene.fence(a, await scene.peer())
}

async function takenOff(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  let calls = 0
  const count = (): void => {
    calls++
  }
  b.transport.on('digest', count)
  b.transport.on('deltas', count)
  await scene.fence(a, b)
  if (calls === 0) scene.fail('Listeners', 'every listener to be called', 'a second one was not')
  b.transport.off('digest', count)
  const before = calls
  await scene.fence(a, b)
  await turn()
  if (calls > before) scene.fail('Listeners', 'off() to take a listener away', 'it was called afterwards')
  await scene.deliver({ from: a, to: b, kind: 'deltas', payload: scene.mark('still heard') })
  if (calls === before) scene.fail('Listeners', 'off() to take one listener away', 'it took those of another event too')
}
