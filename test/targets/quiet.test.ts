/** Nobody is dead, so nobody may be called dead: for an hour of virtual time, and for ten minutes at heavy loss. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Conditions, startHundred, verdicts } from '../harness/hundred-nodes.ts'

const SEED = 2_008

const quiet = suite('100 nodes, nobody dead')

quiet('there is no false death in 3,600 rounds', () => {
  assert.is(verdictsAfter(3_600, { fanout: 3, lossChance: 0 }), 0)
})

quiet('there is no false death in 600 rounds with 20 % loss, at fan-out 3', () => {
  assert.is(verdictsAfter(600, { fanout: 3, lossChance: 0.2 }), 0)
})

quiet('there is no false death in 600 rounds with 20 % loss, at fan-out 1', () => {
  assert.is(verdictsAfter(600, { fanout: 1, lossChance: 0.2 }), 0)
})

quiet.run()

function verdictsAfter(rounds: number, conditions: Conditions): number {
  const cluster = startHundred(SEED, conditions)
  cluster.run(rounds * 1_000)
  return verdicts(cluster)
}
