/** Nodes behind a relay keep the contract. */

import { suite } from 'uvu'
import { withFaults } from '../../../src/transports/index.ts'
import { addConformanceTests } from '../../harness/conformance.ts'
import { memoryCarriers, relayFixture } from './relay-fixture.ts'

const relay = suite('conformance: relay')

addConformanceTests(relay, relayFixture(memoryCarriers()))

relay.run()

const faults = suite('conformance: relay behind no faults')
const inner = relayFixture(memoryCarriers())

addConformanceTests(faults, {
  ...inner,
  name: 'relay behind no faults',
  createTransport: async (request) => withFaults(await inner.createTransport(request)),
})

faults.run()
