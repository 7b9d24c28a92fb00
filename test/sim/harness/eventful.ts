/** A simulation in which everything happens: all faults, writes of every kind, joins and leaves. */

import type { FaultOptions, Simulation, SimulationOptions } from '../../../src/sim/index.ts'
import { seededRandom } from '../../harness/seeded-random.ts'

const S = 1_000
const OFTEN = { everyMs: { mean: 15 * S, max: 80 * S }, forMs: { mean: 10 * S, max: 40 * S } }

/** Every kind of fault. */
export const EVERY_FAULT: FaultOptions = {
  cuts: OFTEN,
  partitions: OFTEN,
  crashes: OFTEN,
  stalls: OFTEN,
  clockJumps: { everyMs: 20 * S, byMs: { min: -3_600 * S, max: 3_600 * S } },
  messageLimits: { ...OFTEN, bytes: { mean: 2_000, max: 8_000 } },
  corruption: { ...OFTEN, chance: { min: 0, max: 0.3 } },
  twins: OFTEN,
}

/** A rough network, and a grace short enough to end within a test. */
export const ROUGH: SimulationOptions = {
  engine: { deadPeerGracePeriodMs: 60 * S, tombstoneGraceMs: 10 * S },
  network: { lossChance: 0.1, duplicateChance: 0.1, reorderChance: 0.1 },
  drift: { min: -0.01, max: 0.01 },
  faults: EVERY_FAULT,
}

/** Rounds in which peers write, delete and lease at random; a node that has stopped or is leaving writes nothing. */
export function live(simulation: Simulation, rounds: number, seed: number = 1): void {
  const random = seededRandom(seed)
  for (let round = 0; round < rounds; round++) {
    simulation.runRounds(1)
    for (const name of simulation.names) {
      if (simulation.status(name) !== 'up' || random() > 0.3) continue
      const key = `k${Math.floor(random() * 6)}`
      const kind = random()
      try {
        if (kind < 0.5) simulation.set(name, key, Math.floor(random() * 9))
        else if (kind < 0.7) simulation.set(name, key, round, { ttlMs: 1 + Math.floor(random() * 20 * S) })
        else simulation.delete(name, key)
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : undefined
        if (code !== 'GOSSIP_ID_CONFLICT' && code !== 'GOSSIP_NODE_CLOSED') throw error
      }
    }
  }
}

/** Ends all faults and starts again whoever is down; processes that stopped for another one start again too. */
export function recover(simulation: Simulation): void {
  simulation.calm()
  for (const name of simulation.names) {
    const isTwin = name.includes('#')
    const isFrozen = simulation.status(name) === 'up' && isStopped(simulation, name)
    if (isFrozen || (isTwin && simulation.status(name) === 'up')) simulation.crash(name)
    if (!isTwin && simulation.status(name) === 'down') simulation.restart(name)
  }
}

function isStopped(simulation: Simulation, name: string): boolean {
  try {
    simulation.delete(name, 'nothing')
    return false
  } catch {
    return true
  }
}
