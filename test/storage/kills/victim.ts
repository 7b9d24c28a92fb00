/**
 * A node that is going to be killed: writes as fast as its storage takes it, and logs, before anything else can happen,
 * every generation that leaves it and every write that was acknowledged. Arguments: folder, number of the life.
 *
 *     node victim.js FOLDER LIFE >log 3>ready
 */

import { writeSync } from 'node:fs'
import { Gossipmonger, runtimeSystem, type Transport, type TransportEvents } from '../../../src/core/index.ts'
import { FileStorage } from '../../../src/storage/index.ts'

const LOG = 1
const READY = 3
const KEYS = 5
/** A fourth one within the hour would be taken for a second process. */
const TAKEOVERS_MAX = 3

const [folder = '', life = '0'] = process.argv.slice(2)
const log = (line: string): unknown => writeSync(LOG, `${line}\n`)

/** Logs the generation in everything that would leave, and lets a test speak for a peer. */
class LoggingTransport implements Transport {
  #onDigest: TransportEvents['digest'] | undefined

  introduce({ generation }: { generation: number }): void {
    log(`g ${generation}`)
  }

  digest(_to: unknown, _local: unknown, digest: unknown): void {
    const [own] = (digest as { id: string; generation: number }[]).filter(({ id }) => id === 'victim')
    log(`g ${own?.generation}`)
  }

  deltas(): void {}

  on(event: string, listener: unknown): void {
    if (event === 'digest') this.#onDigest = listener as TransportEvents['digest']
  }

  off(): void {}

  /** Somebody has heard of a higher generation of this node. */
  tellOfLaterLife(generation: number, heartbeat: number): void {
    const numbers = { heartbeat, gcVersion: 1, maxVersionSeen: 1, transport: 'teller' }
    this.#onDigest?.({ id: 'teller', transport: 'teller' }, [
      { id: 'teller', ...numbers, generation: 1, clusterId: 'gossipmonger', step: 1 },
      { id: 'victim', ...numbers, generation: generation + 5 },
    ])
  }
}

/** Every life's clock is further back than the one before. */
const system = { ...runtimeSystem, wallClockMs: () => runtimeSystem.wallClockMs() - 60_000 * Number(life) }
const transport = new LoggingTransport()
const node = new Gossipmonger(
  { id: 'victim' },
  {
    transport,
    system,
    seeds: ['anybody'],
    gossipIntervalMs: 2,
    // Small, so that many kills hit a journal that is being rewritten.
    storage: new FileStorage({ path: folder, rewriteBytesMin: 2_048 }),
  },
)

writeSync(READY, '.')
await node.start()
let value = 0
for (const [key, found] of node.entries('victim')) {
  log(`f ${key} ${String(found).length} ${Number.parseInt(String(found), 10)}`)
  value = Math.max(value, Number.parseInt(String(found), 10))
}
log('found')

let takeovers = 0
for (;;) {
  const key = `k${++value % KEYS}`
  node.set(key, `${value}`.padEnd((value * 37) % 700, ' '))
  node.set('unawaited', `${value}`)
  const brief = `brief ${value}`
  if (value % 3 === 0) node.set(brief, `${value}`)
  await node.flushed()
  log(`k ${key} ${value}`)
  if (value % 3 === 0) {
    node.delete(brief)
    await node.flushed()
    log(`d ${brief.replace(' ', '_')}`)
  }
  if (value % 4 === 0 && takeovers < TAKEOVERS_MAX) transport.tellOfLaterLife(node.generation, ++takeovers)
}
