import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { skippedCases } from '../../../src/transports/conformance/index.ts'
import { addConformanceTests } from '../../harness/conformance.ts'
import { tcpFixture } from './fixtures.ts'

const tcp = suite('conformance: tcp')

tcp('only cases about bursts, order, reopening and diallers are left out', () => {
  const skipped = skippedCases(tcpFixture()).map(({ name }) => name)
  assert.equal(skipped, [
    'delivery: all of a burst arrives',
    'delivery: messages of one kind do not overtake each other',
    'lifecycle: it listens again after closing',
    'diallers: they are answered on the way they came',
    'diallers: several at once are told apart',
  ])
})

addConformanceTests(tcp, tcpFixture())

tcp.run()
