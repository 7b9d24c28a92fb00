import { targetSuite } from '../harness/target-suite.ts'

targetSuite('100 nodes, fan-out 1', { fanout: 1, lossChance: 0 }, { joinRounds: 8, crashRounds: 36 })
