import { targetSuite } from '../harness/target-suite.ts'

targetSuite('100 nodes, fan-out 3, 20 % loss', { fanout: 3, lossChance: 0.2 }, { crashRounds: 25 })
