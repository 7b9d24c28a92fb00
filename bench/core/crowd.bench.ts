/**
 * What does it cost when a crowd knows itself? N engines begin with everybody known, contact one other each round, and
 * one of them writes a key: rounds until all have it, time of a round, memory of one engine's view of one peer. Expected:
 * O(N²) for both. `BENCH_NODES=10000` takes some minutes and 8 GiB.
 */

import type { Engine } from '../../src/core/index.ts'
import { VirtualCluster } from '../../test/harness/virtual-cluster.ts'
import { introduce } from '../harness/introduce.ts'
import type { BenchFile, Row } from '../harness/report.ts'

const NODES = Number(process.env['BENCH_NODES'] ?? 1_000)
const INTERVAL_MS = 1_000
const ROUNDS_MAX = 40
const MESSAGE_BYTES = 2 ** 28
/** One page, and few gaps: what a simulation of thousands would choose. */
const OPTIONS = { fanout: 1, samplingWindowSize: 4, digestBytesMax: MESSAGE_BYTES, deltaBytesMax: MESSAGE_BYTES }

/** The bench. */
export const bench: BenchFile = {
  question: `news among ${NODES} engines that all know each other, fan-out 1`,
  run: async () => [measureCrowd()],
}

function measureCrowd(): Row {
  const emptyBytes = process.memoryUsage().rss
  const cluster = new VirtualCluster(1, OPTIONS)
  cluster.keepsEvents = () => false
  const ids = Array.from({ length: NODES }, (_, index) => `peer-${String(index).padStart(5, '0')}`)
  for (const id of ids) cluster.add(id, [])
  const introduceMs = timeOf(() => introduce([...cluster.nodes.values()].map(({ engine }) => engine)))
  // The second heartbeat proves everybody alive.
  cluster.run(2 * INTERVAL_MS)
  const writer = ids[NODES >> 1] as string
  cluster.set(writer, 'news', 1)
  const times: number[] = []
  const isTold = ({ engine }: { engine: Engine }): boolean => engine.read(writer, 'news', cluster.now) !== undefined
  while (![...cluster.nodes.values()].every(isTold)) {
    if (times.length === ROUNDS_MAX) throw new Error(`the news is not everywhere after ${ROUNDS_MAX} rounds`)
    times.push(timeOf(() => cluster.run(INTERVAL_MS)))
  }
  const viewBytes = (process.memoryUsage().rss - emptyBytes) / NODES ** 2
  times.sort((a, b) => a - b)
  const at = (part: number): number => times[Math.floor(part * (times.length - 1))] as number
  return {
    name: 'a round',
    medianMs: at(0.5),
    quartilesMs: [at(0.25), at(0.75)],
    samples: times.length,
    amount: { count: NODES ** 2 / 1e6, unit: 'M views' },
    note: `${times.length} rounds, ${viewBytes.toFixed(0)} bytes a view, known after ${(introduceMs / 1_000).toPrecision(3)} s`,
  }
}

function timeOf(run: () => void): number {
  const start = performance.now()
  run()
  return performance.now() - start
}
