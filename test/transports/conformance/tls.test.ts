/** Mutual TLS keeps the contract: every node with a certificate of its own, every id named by one. */

import { suite } from 'uvu'
import { TestAuthority } from '../../harness/certificates.ts'
import { addConformanceTests } from '../../harness/conformance.ts'
import { tcpFixture } from './fixtures.ts'

const tls = suite('conformance: tls')

const authority = new TestAuthority()

addConformanceTests(tls, { ...tcpFixture((id) => ({ tls: authority.tls(id) })), name: 'tls' })

tls.run()
