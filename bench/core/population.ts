/** Engines, ours and the old one, that know many peers with many keys: what the core's benches work on. */

import { EventEmitter } from 'node:events'
import { Engine, type JsonValue, resolveEngineOptions } from '../../src/core/index.ts'
import { type OldGossipmonger, OldGossipmongerClass, OldPeerClass } from '../harness/old-package.ts'

/** How many there are. */
export interface Population {
  readonly peers: number
  readonly keys: number
  /** Versions everybody is known up to, 1 to `keys`. */
  readonly knownKeys: number
}

const FEEDER = { id: 'feeder', transport: 'feeder' }
const MESSAGE_BYTES = 64 * 1_048_576

/** An engine that knows `knownKeys` of every peer's keys. */
export function engineWith(id: string, { peers, knownKeys }: Population): Engine {
  const options = resolveEngineOptions({ deltaBytesMax: MESSAGE_BYTES, digestBytesMax: MESSAGE_BYTES })
  const engine = new Engine({ id, generation: 1, options, random: () => 0.5 })
  engine.start({ generation: 1, transport: { host: '127.0.0.1', port: 1 } }, 0)
  engine.admitSender(FEEDER.id)
  const groups = Array.from({ length: peers }, (_, peer) => groupOf(peer, 0, knownKeys))
  engine.receiveDeltas(FEEDER, groups, 0)
  engine.takeEvents()
  engine.takeMessages()
  return engine
}

/** What a peer's owner would send of its keys above a version. */
export function groupOf(peer: number, from: number, keys: number): JsonValue {
  const entries = Array.from({ length: keys - from }, (_, index) => [
    `key-${from + index}`,
    from + index,
    from + index + 1,
  ])
  return {
    id: `peer-${String(peer).padStart(4, '0')}`,
    generation: 1,
    transport: { host: '10.0.0.1', port: 9_742 },
    from,
    gcVersion: 0,
    maxVersion: keys,
    top: keys,
    entries,
  }
}

/** An old engine that knows `knownKeys` of every peer's keys, and what it sends. */
export function oldEngineWith(
  id: string,
  { peers, knownKeys }: Population,
): { engine: OldGossipmonger; sent: { deltas: unknown }; transport: EventEmitter } {
  const sent: { deltas: unknown } = { deltas: undefined }
  const transport = Object.assign(new EventEmitter(), {
    digest: () => undefined,
    deltas: (_remote: unknown, _local: unknown, deltas: unknown) => {
      sent.deltas = deltas
    },
  })
  const engine = new OldGossipmongerClass({ id, transport: {} }, { transport, MAX_DELTAS_PER_GOSSIP: 1_000_000 })
  for (let peer = 0; peer < peers; peer++) {
    const name = `peer-${String(peer).padStart(4, '0')}`
    const data = Object.fromEntries(Array.from({ length: knownKeys }, (_, key) => [`key-${key}`, [key, key + 1]]))
    const transportOfPeer = { host: '10.0.0.1', port: 9_742 }
    engine.storage.put(name, new OldPeerClass(name, { data, maxVersionSeen: knownKeys, transport: transportOfPeer }))
  }
  return { engine, sent, transport }
}
