import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { VirtualCluster } from '../../harness/virtual-cluster.ts'

const SEEDS = { a: [], b: ['a'], x: ['y', 'a'], y: ['x', 'a'], z: ['x', 'a'] }
const RUNS = 60
const ROUNDS = 120

const seeds = suite('seeds')

seeds('parts of a cluster that meet only at a seed of one of them find each other (R24)', () => {
  for (let run = 1; run <= RUNS; run++) {
    const cluster = new VirtualCluster(run, {}, { lossChance: 0.3 })
    for (const [id, known] of Object.entries(SEEDS)) cluster.add(id, known)
    cluster.run(ROUNDS * 1_000)
    for (const { id, engine } of cluster.nodes.values()) {
      const live = engine.peers().filter(({ status }) => status === 'live')
      assert.is(
        live.length,
        Object.keys(SEEDS).length - 1,
        `run ${run}: ${id} knows ${live.map((peer) => peer.id).join()}`,
      )
    }
  }
})

seeds.run()
