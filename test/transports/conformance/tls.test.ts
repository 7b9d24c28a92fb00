/** Mutual TLS keeps the contract: every node with a certificate of its own, every id named by one. */

import { suite } from 'uvu'
import type { Transport } from '../../../src/core/index.ts'
import type { TransportRequest } from '../../../src/transports/conformance/index.ts'
import { withFaults } from '../../../src/transports/index.ts'
import { TestAuthority } from '../../harness/certificates.ts'
import { addConformanceTests } from '../../harness/conformance.ts'
import { tcpFixture } from './fixtures.ts'

const tls = suite('conformance: tls')

const authority = new TestAuthority()

const fixture = { ...tcpFixture((id) => ({ tls: authority.tls(id) })), name: 'tls' }
addConformanceTests(tls, fixture)

/** Of ten messages one is lost and one comes twice. */
const WEATHER = { lossChance: 0.1, duplicateChance: 0.1, heldBytesMax: 4_194_304 }
let seed = 0
// The soak is long, and of an oversized message that is lost nobody is told.
const isBrief = (name: string): boolean => !/^(?:soak|limits)/.test(name)

const inWeather = {
  ...fixture,
  name: 'tls in bad weather',
  capabilities: { ...fixture.capabilities, lossy: true, duplicates: true },
  createTransport: async (request: TransportRequest): Promise<Transport> =>
    withFaults(await fixture.createTransport(request), { ...WEATHER, seed: ++seed }),
}
addConformanceTests(tls, inWeather, isBrief)

tls.run()
