import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { skippedCases } from '../../../src/transports/conformance/index.ts'
import { addConformanceTests } from '../../harness/conformance.ts'
import { udpFixture } from './udp-fixture.ts'

const udp = suite('conformance: udp')

udp('only cases about bursts, order, reopening, rpc, diallers, sessions and bulk are left out', () => {
  const skipped = skippedCases(udpFixture())
    .map(({ name }) => name)
    .filter((name) => !/^(sessions|channels|bulk): /.test(name))
  assert.equal(skipped, [
    'delivery: all of a burst arrives',
    'delivery: messages of one kind do not overtake each other',
    'lifecycle: it listens again after closing',
    'rpc: payloads arrive unaltered, apart from the gossip',
    'rpc: an odd address breaks nothing',
    'diallers: they are answered on the way they came',
    'diallers: several at once are told apart',
  ])
})

addConformanceTests(udp, udpFixture())

udp.run()
