/** Nodes behind a relay that they reach by TCP keep the contract. */

import { suite } from 'uvu'
import { TcpTransport } from '../../../src/tcp/index.ts'
import { addConformanceTests } from '../../harness/conformance.ts'
import { relayFixture } from './relay-fixture.ts'

const relay = suite('conformance: relay over tcp')

addConformanceTests(relay, relayFixture({ name: 'tcp', make: () => new TcpTransport({ host: '127.0.0.1', port: 0 }) }))

relay.run()
