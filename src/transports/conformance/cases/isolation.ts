/** What is handed over is copied: neither side can reach into the other's memory. */

import type { JsonValue } from '../../../core/index.ts'
import type { CaseDefinition } from '../case.ts'
import { difference } from '../difference.ts'
import type { Kind, Parcel } from '../ledger.ts'
import type { Peer } from '../peer.ts'
import type { Scene } from '../scene.ts'

interface Mutable {
  n: number
  list: JsonValue[]
  nested: { text: string }
}

/** Cases about isolation. */
export const isolationCases: readonly CaseDefinition[] = [
  { name: 'isolation: what is changed after sending changes nothing', needs: [], play: changedAfterwards },
  { name: 'isolation: what a listener changes is its own', needs: [], play: changedByListener },
  { name: 'isolation: what is sent is not changed', needs: [], play: unchanged },
]

async function changedAfterwards(scene: Scene): Promise<void> {
  scene.about = 'Isolation'
  const [a, b] = await scene.pair()
  for (const kind of ['digest', 'deltas'] as const) {
    // The first message may wait for a connection, the second goes at once.
    for (let i = 0; i < 2; i++) await sendAndChange(scene, a, b, kind)
  }
}

async function sendAndChange(scene: Scene, a: Peer, b: Peer, kind: Kind): Promise<void> {
  const mark = scene.mark('changed afterwards')
  const sender = (): { id: string; transport: JsonValue[] } => ({ id: a.id, transport: ['an', 'address'] })
  const send = (): Parcel => {
    const [local, remote, payload] = [sender(), { ...b.ref }, [mark, mutable()] as [JsonValue, Mutable]]
    const parcel = b.ledger.noteSent(kind, local, payload as unknown as JsonValue)
    scene.attempt(a, kind, () => a.transport[kind](remote, local, payload as unknown as JsonValue))
    payload[1].n = -1
    payload[1].list.push('late')
    payload[1].nested.text = 'changed'
    local.id = 'somebody else'
    local.transport.length = 0
    Object.assign(remote, { id: 'nobody', transport: null })
    return parcel
  }
  const parcel = send()
  const again = scene.fixture.capabilities.lossy ? send : undefined
  const expected = `${kind} to arrive as it was when it was sent`
  await scene.until('Isolation', expected, () => parcel.arrivals > 0, again)
}

async function changedByListener(scene: Scene): Promise<void> {
  scene.about = 'Isolation'
  const vandals: unknown[] = []
  const vandalise = (_: unknown, payload: unknown): void => {
    const [, body] = payload as [unknown, Mutable]
    if (body === undefined || Object.isFrozen(body)) return // Frozen, it cannot be changed at all.
    body.n = -1
    body.list.push('mine')
    vandals.push(body)
  }
  const a = await scene.peer()
  // This listener comes after the kit's own, which has checked the payload by then.
  const b = await scene.peer()
  b.transport.on('digest', vandalise)
  const c = await scene.peer()
  const payload: JsonValue = [scene.mark('shared'), mutable() as unknown as JsonValue]
  for (let i = 0; i < 2; i++) {
    await scene.deliver({ from: a, to: b, kind: 'digest', payload })
    await scene.deliver({ from: a, to: c, kind: 'digest', payload })
  }
  const found = difference(mutable(), payload[1], 'what the sender still holds')
  if (found !== undefined) scene.fail('Isolation', 'a listener to change only its own copy', found)
}

async function unchanged(scene: Scene): Promise<void> {
  const [a, b] = await scene.pair()
  const body = mutable() as unknown as JsonValue
  for (const kind of ['digest', 'deltas'] as const) {
    const frozen = deepFrozen([scene.mark('frozen'), mutable() as unknown as JsonValue])
    await scene.deliver({ from: a, to: b, kind, payload: frozen, as: deepFrozen({ id: a.id, transport: a.address }) })
    await scene.deliver({ from: a, to: b, kind, payload: [scene.mark('loose'), body] })
  }
  const found = difference(mutable(), body, 'what the sender still holds')
  if (found !== undefined) scene.fail('Isolation', 'the transport to leave a payload as it is', found)
}

function mutable(): Mutable {
  return { n: 1, list: [1, 'two', { three: 3 }], nested: { text: 'as it was' } }
}

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) deepFrozen(part)
  return Object.freeze(value)
}
