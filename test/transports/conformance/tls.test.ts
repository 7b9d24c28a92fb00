/** Mutual TLS keeps the contract: every node with a certificate of its own, every id named by one. */

import { suite } from 'uvu'
import { withFaults } from '../../../src/transports/index.ts'
import { TestAuthority } from '../../harness/certificates.ts'
import { addConformanceTests } from '../../harness/conformance.ts'
import { tcpFixture } from './fixtures.ts'

const tls = suite('conformance: tls')

const authority = new TestAuthority()

const fixture = { ...tcpFixture((id) => ({ tls: authority.tls(id) })), name: 'tls' }
addConformanceTests(tls, fixture)

/** Of ten messages one is lost and one comes twice. */
const WEATHER = { seed: 7, lossChance: 0.1, duplicateChance: 0.1, heldBytesMax: 4_194_304 }

addConformanceTests(tls, {
  ...fixture,
  name: 'tls in bad weather',
  capabilities: { ...fixture.capabilities, lossy: true, duplicates: true },
  queueBytesMax: 2 * (fixture.queueBytesMax ?? 0),
  createTransport: async (request) => withFaults(await fixture.createTransport(request), WEATHER),
})

tls.run()
