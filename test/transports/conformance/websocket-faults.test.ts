/** WebSocket transports wrapped in faults: every word of the contract without any, and as lossy ones with them. */

import { suite } from 'uvu'
import { addConformanceTests } from '../../harness/conformance.ts'
import { inWeather, withoutFaults } from './faulty-fixtures.ts'
import { websocketFixture } from './websocket-fixture.ts'

const faults = suite('conformance: websocket in faults')

addConformanceTests(faults, withoutFaults(websocketFixture()))
addConformanceTests(faults, inWeather(websocketFixture()))

faults.run()
