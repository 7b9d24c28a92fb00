/**
 * How long does one round of a whole cluster take on one core, when everybody knows everybody and nothing changes but
 * heartbeats? Expected: O(fan-out · peers) for each node, a few tens of nanoseconds for every entry of every digest.
 */

import { VirtualCluster } from '../../test/harness/virtual-cluster.ts'
import type { BenchFile, Row } from '../harness/report.ts'

const SIZES = [100, 300, 1_000]
const KEYS = 10
const INTERVAL_MS = 1_000
/** Rounds until the cluster is level and heartbeats have been sampled. */
const WARM_UP_ROUNDS = 12
const ROUNDS = 9

/** The bench. */
export const bench: BenchFile = {
  question: `a round of N engines that all know each other, ${KEYS} keys each, default options`,
  run: async () => SIZES.map((nodes) => measureCluster(nodes)),
}

function measureCluster(nodes: number): Row {
  const cluster = new VirtualCluster(nodes)
  cluster.keepsEvents = () => false
  for (let i = 0; i < nodes; i++) {
    cluster.add(`peer-${i}`, ['peer-0'])
    for (let key = 0; key < KEYS; key++) cluster.set(`peer-${i}`, `key-${key}`, i)
  }
  cluster.run(WARM_UP_ROUNDS * INTERVAL_MS)
  assertLevel(cluster, nodes)
  const times = Array.from({ length: ROUNDS }, () => timeOf(() => cluster.run(INTERVAL_MS))).sort((a, b) => a - b)
  const medianMs = times[ROUNDS >> 1] as number
  const entries = entriesPerRound(cluster, nodes)
  return {
    name: `${nodes} engines`,
    medianMs,
    quartilesMs: [times[ROUNDS >> 2] as number, times[ROUNDS - 1 - (ROUNDS >> 2)] as number],
    samples: ROUNDS,
    amount: { count: 1, unit: 'rounds' },
    note: `${Math.round((medianMs * 1e6) / entries)} ns for each of ${(entries / 1e6).toPrecision(3)} M entries, ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`,
  }
}

/** Entries and pairs of all digests that arrive in a round. */
function entriesPerRound(cluster: VirtualCluster, nodes: number): number {
  let entries = 0
  cluster.onSend = (_from, { body }) => {
    if (body !== undefined) entries += body.entries.to - body.entries.from + body.pairs.indexes.length
  }
  cluster.run(INTERVAL_MS)
  if (entries < nodes * nodes) throw new Error(`only ${entries} entries in a round of ${nodes} engines`)
  return entries
}

function assertLevel(cluster: VirtualCluster, nodes: number): void {
  const last = [...cluster.nodes.values()].at(-1)?.engine
  const isLevel = last?.peers().every(({ map, status }) => map.size === KEYS && status === 'live')
  if (isLevel !== true || last?.peers().length !== nodes - 1) throw new Error(`${nodes} engines are not level`)
}

function timeOf(run: () => void): number {
  const start = performance.now()
  run()
  return performance.now() - start
}
