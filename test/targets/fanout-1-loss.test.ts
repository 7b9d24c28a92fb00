import { targetSuite } from '../harness/target-suite.ts'

targetSuite('100 nodes, fan-out 1, 20 % loss', { fanout: 1, lossChance: 0.2 }, { crashRounds: 48 })
