/** How many deltas a second can an engine check, copy and apply, 10,000 in a message? Expected: O(deltas). */

import { measure, subject } from '../harness/measure.ts'
import type { BenchFile } from '../harness/report.ts'
import { engineWith, groupOf, oldEngineWith } from './population.ts'

const PEERS = 1_000
const KEYS = 10
const SENDER = { id: 'feeder', transport: 'feeder' }

/** The bench. */
export const bench: BenchFile = {
  question: `deltas applied per second, ${PEERS * KEYS} in a message`,
  run: () => {
    const groups = Array.from({ length: PEERS }, (_, peer) => groupOf(peer, 0, KEYS))
    const amount = { count: PEERS * KEYS, unit: 'deltas' }
    const empty = { peers: PEERS, keys: KEYS, knownKeys: 0 }
    return measure([
      subject({
        name: 'gossipmonger, unchecked',
        amount,
        prepare: () => ({ old: oldEngineWith('a', empty), deltas: flatDeltas() }),
        run: ({ old, deltas }) => old.transport.emit('deltas', SENDER, deltas),
      }),
      subject({
        name: 'checked, copied and frozen',
        against: 'gossipmonger, unchecked',
        amount,
        prepare: () => engineWith('a', { ...empty, peers: 0 }),
        run: (engine) => {
          engine.receiveDeltas(SENDER, groups, 0)
          return engine.takeEvents()
        },
      }),
    ])
  },
}

/** The old form, made anew each time: the old engine takes its messages apart. */
function flatDeltas(): unknown[] {
  const deltas: unknown[] = []
  for (let peer = 0; peer < PEERS; peer++) {
    for (let key = 0; key < KEYS; key++)
      deltas.push([`peer-${String(peer).padStart(4, '0')}`, `key-${key}`, key, key + 1])
  }
  return deltas
}
