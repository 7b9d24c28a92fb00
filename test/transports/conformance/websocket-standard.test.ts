/** Dialled with a standard WebSocket, as in browsers: the whole kit, against listening transports of Node. */

import { suite } from 'uvu'
import { WebSocket } from 'ws'
import { browserPlatform } from '../../../src/transports/websocket/index.ts'
import { addConformanceTests } from '../../harness/conformance.ts'
import { websocketFixture } from './websocket-fixture.ts'

const standard = suite('conformance: websocket, standard interface')

// Not every release of Node has one; this one has the same properties and handlers.
standard.before(() => void Object.assign(globalThis, { WebSocket }))

addConformanceTests(standard, websocketFixture(browserPlatform))

standard.run()
