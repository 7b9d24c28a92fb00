/** How a ring stands at one moment, and what must be told when it stands otherwise than before. */

import type { SafeEmitter } from '../core/index.ts'
import type { Circle } from './circle.ts'
import type { RingEvents, RingPeer, RingStatus } from './events.ts'

/** What is compared to know what changed. */
export interface Standing {
  readonly circle: Circle
  readonly successor: RingPeer | undefined
  readonly predecessor: RingPeer | undefined
  readonly status: RingStatus
}

/** Tells what differs, and nothing else. A neighbour is another one when its id is. */
export function tellDifference(emitter: SafeEmitter<RingEvents>, before: Standing, after: Standing): void {
  const joined = idsOnlyIn(after.circle, before.circle)
  const gone = idsOnlyIn(before.circle, after.circle)
  if (joined.length > 0 || gone.length > 0) emitter.emit('members', { joined, gone })
  for (const which of ['successor', 'predecessor'] as const) {
    const peer = after[which]
    if (before[which]?.id === peer?.id) continue
    emitter.emit(`environment::${which}`, peer, which)
    emitter.emit('environment::*', peer, which)
  }
  const change = { from: before.status, to: after.status }
  if (change.from === change.to) return
  emitter.emit(`status::${change.to}`, change)
  emitter.emit('status::*', change)
}

function idsOnlyIn(circle: Circle, other: Circle): readonly string[] {
  return circle === other ? [] : circle.members.flatMap(({ id }) => (other.has(id) ? [] : [id]))
}
