import { targetSuite } from '../harness/target-suite.ts'

targetSuite('100 nodes, fan-out 3', { fanout: 3, lossChance: 0 }, { joinRounds: 8, crashRounds: 22.5 })
