/** Whole clusters of the model against whole clusters of the real package: the same trace, to the last byte. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue } from '../../../src/core/index.ts'
import { FirstGenerationPeer } from '../../../src/sim/first-generation/index.ts'
import { seededRandom } from '../../harness/seeded-random.ts'
import { OldCluster } from './old-cluster.ts'
import { RealPeer } from './real-peer.ts'

const clusters = suite('old-cluster')

const FIRST_SEED = Number(process.env['GOSSIP_SEED'] ?? 1)
const RUNS = Number(process.env['GOSSIP_RUNS'] ?? 4)
const VALUES: readonly JsonValue[] = [0, '0', 1, [1], [1, 2], {}, { a: 1 }, { a: 1, b: 2 }, null, 'x']

/** Runs a schedule of writes, crashes, restarts, loss and a partition; `news` of the ids are nodes of ours. */
function trace(seed: number, news: number, makeOld: ConstructorParameters<typeof OldCluster>[1]): readonly string[] {
  const cluster = new OldCluster(seed, makeOld)
  const chance = seededRandom(seed + 1_000_000)
  const below = (count: number): number => Math.floor(chance() * count)
  const ids = ['n0', '5', 'n2', '3', 'n4'].slice(0, 3 + below(3))
  const all = [...Array.from({ length: news }, (_, i) => `ours${i}`), ...ids]
  const begin = (id: string): void => {
    const seeds = [all[below(all.length)] as string, all[0] as string]
    if (id.startsWith('ours')) cluster.addNew(id, seeds)
    else cluster.addOld(id, seeds, 1 + below(5))
  }
  for (const id of all) begin(id)
  for (let step = 0; step < 40; step++) {
    const id = all[below(all.length)] as string
    const action = below(12)
    if (action < 6) cluster.set(id, `k${below(8)}`, VALUES[below(VALUES.length)] as JsonValue)
    else if (action === 6) cluster.crash(id)
    else if (action === 7) begin(id)
    else if (action === 8) cluster.lossChance = chance() / 2
    else if (action === 9) cluster.passes = (from, to) => (from === id) === (to === id)
    else if (action === 10) cluster.passes = () => true
    cluster.run(1 + below(6))
  }
  // Long enough for those who spoke regularly to be called dead, and to be heard again.
  cluster.passes = (from, to) => from === to
  cluster.run(90)
  cluster.passes = () => true
  cluster.run(30)
  return cluster.trace
}

function compare(news: number): void {
  let deaths = 0
  for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
    const real = trace(seed, news, (setup) => new RealPeer(setup))
    const model = trace(seed, news, (setup) => new FirstGenerationPeer(setup))
    const at = real.findIndex((line, i) => line !== model[i])
    assert.is(model[at], real[at], `line ${at}; GOSSIP_SEED=${seed} GOSSIP_RUNS=1`)
    assert.is(model.length, real.length)
    deaths += real.filter((line) => line.includes('"isLive":false')).length
  }
  assert.ok(deaths > RUNS, 'too few verdicts to compare')
}

clusters('of three to five old nodes leave the same trace', () => compare(0))

clusters('of old nodes with one of ours leave the same trace', () => compare(1))

clusters('of old nodes with two of ours leave the same trace', () => compare(2))

clusters.run()
