/** Nodes that only dial, as browsers do, keep the contract behind a relay that they reach by WebSocket. */

import { suite } from 'uvu'
import { WebSocketTransport } from '../../../src/transports/index.ts'
import { addConformanceTests } from '../../harness/conformance.ts'
import { relayFixture } from './relay-fixture.ts'

const relay = suite('conformance: relay over websocket')

addConformanceTests(
  relay,
  relayFixture({
    name: 'websocket',
    make: (isRelay) => new WebSocketTransport(isRelay ? { host: '127.0.0.1', port: 0 } : {}),
  }),
)

relay.run()
