/**
 * How long does one exchange take, from a digest to applied deltas, at 1,000 peers x 10 keys, when each peer is stale by
 * nothing, by one key, by all? Expected: O(peers) for the digest plus O(keys changed). In memory, and with JSON both ways.
 */

import type { Engine, JsonValue } from '../../src/core/index.ts'
import { type AnySubject, measure, subject } from '../harness/measure.ts'
import type { BenchFile } from '../harness/report.ts'
import { engineWith, oldEngineWith } from './population.ts'

const PEERS = 1_000
const KEYS = 10
/** Preparing an engine takes longer than the exchange, so the timed part is kept short. */
const TIME_MS = 150
const A = { id: 'a', transport: 'a' }
const B = { id: 'b', transport: 'b' }

type Code = (message: unknown) => unknown
const plain: Code = (message) => message
const json: Code = (message) => JSON.parse(JSON.stringify(message)) as unknown

/** The bench. */
export const bench: BenchFile = {
  question: `one exchange, digest to applied deltas, ${PEERS} peers x ${KEYS} keys`,
  run: () =>
    measure(
      [0, 1, KEYS].flatMap((stale) => [
        ...subjectsAt(stale, 'in memory', plain),
        ...subjectsAt(stale, 'as JSON', json),
      ]),
      TIME_MS,
    ),
}

function subjectsAt(stale: number, how: string, code: Code): readonly AnySubject[] {
  const known = { peers: PEERS, keys: KEYS, knownKeys: KEYS }
  const lacking = { ...known, knownKeys: KEYS - stale }
  const amount = { count: PEERS * stale, unit: 'deltas' }
  const name = `stale by ${stale}, ${how}`
  const old = oldEngineWith('b', known)
  const full = engineWith('b', known)
  const answer = exchange(engineWith('a', lacking), full, json)
  return [
    subject({
      name: `gossipmonger ${name}`,
      ...(stale === 0 ? {} : { amount }),
      prepare: () => oldEngineWith('a', lacking),
      run: (asker) => oldExchange(asker, old, code),
    }),
    subject({
      name,
      against: `gossipmonger ${name}`,
      ...(stale === 0 ? {} : { amount }),
      note: how === 'as JSON' ? `${Math.round(answer.bytes / 1_024)} KiB on the wire` : '',
      prepare: () => engineWith('a', lacking),
      run: (asker) => exchange(asker, full, code),
    }),
  ]
}

/** Our three legs: the digest, its answer, and what the asker has that the other lacks (nothing here). */
function exchange(asker: Engine, other: Engine, code: Code): { bytes: number } {
  asker.sendDigest(B, 0)
  let bytes = 0
  const pass = (from: Engine, to: Engine, sender: { id: string; transport: JsonValue }): void => {
    for (const { kind, payload } of from.takeMessages()) {
      const arrived = code(payload)
      if (code === json) bytes += JSON.stringify(payload).length
      if (kind === 'digest') to.receiveDigest(sender, arrived, 0)
      else to.receiveDeltas(sender, arrived, 0)
    }
    to.takeEvents()
  }
  pass(asker, other, A)
  pass(other, asker, B)
  pass(asker, other, A)
  return { bytes }
}

/** The old one's two legs. */
function oldExchange(
  asker: ReturnType<typeof oldEngineWith>,
  other: ReturnType<typeof oldEngineWith>,
  code: Code,
): unknown {
  other.sent.deltas = undefined
  const digest = asker.engine.digest(asker.engine.storage.livePeers())
  other.transport.emit('digest', A, code(digest))
  if (other.sent.deltas !== undefined) asker.transport.emit('deltas', B, code(other.sent.deltas))
  return asker
}
