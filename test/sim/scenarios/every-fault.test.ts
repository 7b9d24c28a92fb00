import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Simulation } from '../../../src/sim/index.ts'
import { live, ROUGH, recover } from '../harness/eventful.ts'

const everyFault = suite('every fault at once')

const S = 1_000
const LASTING = { everyMs: { mean: 5 * S, max: 20 * S }, forMs: { mean: 3 * S, max: 12 * S } }

everyFault('ten nodes break no promise and agree once it is over, whatever the seed', () => {
  const seen = { dead: 0, removed: 0, conflicts: 0, errors: 0, rounds: 0 }
  for (let seed = 1; seed <= 50; seed++) {
    const simulation = new Simulation({
      ...ROUGH,
      seed,
      peers: 10,
      engine: { deadPeerGracePeriodMs: 6 * S, tombstoneGraceMs: 2 * S, deadPeerPhi: 2, deltaBytesMax: 700 },
      faults: {
        cuts: LASTING,
        partitions: LASTING,
        crashes: LASTING,
        stalls: LASTING,
        clockJumps: { everyMs: 5 * S, byMs: { min: -3_600 * S, max: 3_600 * S } },
        messageLimits: { ...LASTING, bytes: { mean: 1_000, max: 4_000 } },
        corruption: { ...LASTING, chance: { min: 0, max: 0.3 } },
        twins: LASTING,
      },
    })
    live(simulation, 7, seed)
    recover(simulation)
    seen.rounds += simulation.settle({ maxRounds: 100 })
    simulation.check()
    const { events } = simulation.stats
    seen.dead += events['peer dead'] ?? 0
    seen.removed += events['peer removed'] ?? 0
    seen.conflicts += events['conflict'] ?? 0
    seen.errors += events['error'] ?? 0
  }
  // The faults were felt, or the promises were not tested.
  for (const [what, count] of Object.entries(seen)) assert.ok(count > 0, what)
})

everyFault.run()
