/**
 * How many rounds of a whole cluster can be simulated per second on one core, when everybody knows everybody? Expected:
 * O(fan-out · peers²) a round, and five rounds a second of 1,000 peers with 10 keys each.
 */

import { Simulation, type SimulationOptions } from '../../src/sim/index.ts'
import type { BenchFile, Row } from '../harness/report.ts'

const KEYS = 10
/** Until all agree and hearts have been sampled. */
const WARM_UP_ROUNDS = 10
const ROUNDS = 9

const CASES: readonly { readonly name: string; readonly options: SimulationOptions }[] = [
  { name: '100 peers, checked, as JSON', options: { peers: 100 } },
  { name: '100 peers', options: bare(100, 3) },
  { name: '300 peers', options: bare(300, 3) },
  { name: '1,000 peers', options: bare(1_000, 3) },
  { name: '1,000 peers, fan-out 1', options: bare(1_000, 1) },
]

/** The bench. */
export const bench: BenchFile = {
  question: `a simulated round of N peers with ${KEYS} keys each`,
  run: async () => CASES.map(({ name, options }) => measureRounds(name, options)),
}

function bare(peers: number, fanout: number): SimulationOptions {
  return { peers, engine: { fanout }, checks: 'off', network: { encoding: 'none' } }
}

function measureRounds(name: string, options: SimulationOptions): Row {
  const simulation = new Simulation(options)
  for (const peer of simulation.names) for (let key = 0; key < KEYS; key++) simulation.set(peer, `key ${key}`, key)
  simulation.runRounds(WARM_UP_ROUNDS)
  simulation.runUntil(() => simulation.converged(), { maxRounds: WARM_UP_ROUNDS })
  const times = Array.from({ length: ROUNDS }, () => {
    const start = performance.now()
    simulation.runRounds(1)
    return performance.now() - start
  }).sort((a, b) => a - b)
  return {
    name,
    medianMs: times[ROUNDS >> 1] as number,
    quartilesMs: [times[ROUNDS >> 2] as number, times[ROUNDS - 1 - (ROUNDS >> 2)] as number],
    samples: ROUNDS,
    amount: { count: 1, unit: 'rounds' },
    note: `${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB, trace ${simulation.traceHash}`,
  }
}
