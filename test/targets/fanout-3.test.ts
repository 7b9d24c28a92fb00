import { suite } from 'uvu'
import { assertTargets } from '../harness/targets.ts'

const targets = suite('100 nodes, fan-out 3')

targets('keys spread and a crash is seen in the promised time, and nobody is called dead without cause', () => {
  assertTargets('fan-out 3', { fanout: 3, lossChance: 0 }, { joinRounds: 8, crashRounds: 22.5 })
})

targets.run()
