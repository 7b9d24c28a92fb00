import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { skippedCases } from '../../../src/transports/conformance/index.ts'
import { addConformanceTests } from '../../harness/conformance.ts'
import { websocketFixture } from './websocket-fixture.ts'

const websocket = suite('conformance: websocket')

websocket('only cases about bursts, order, reopening and bulk are left out', () => {
  const names = skippedCases(websocketFixture()).map(({ name }) => name)
  const skipped = names.filter((name) => !name.startsWith('bulk:'))
  assert.equal(skipped, [
    'delivery: all of a burst arrives',
    'delivery: messages of one kind do not overtake each other',
    'lifecycle: it listens again after closing',
  ])
})

addConformanceTests(websocket, websocketFixture())

const { capabilities, ...plain } = websocketFixture()
const unnamed = {
  ...plain,
  name: 'websocket without hellos',
  capabilities: { ...capabilities, hello: false, sessions: false },
}
// Nobody says hello, so that whoever sent last on a connection is who is answered there. The long cases are about other things.
addConformanceTests(websocket, unnamed, (name) => !/^(soak|cluster):/.test(name))

websocket.run()
