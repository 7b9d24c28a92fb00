import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { skippedCases } from '../../../src/transports/conformance/index.ts'
import { addConformanceTests } from '../../harness/conformance.ts'
import { memoryFixture } from './fixtures.ts'

const memory = suite('conformance: memory')

memory('only cases about wires and diallers are left out', () => {
  const skipped = skippedCases(memoryFixture()).map(({ name }) => name)
  assert.equal(skipped, [
    'garbage: bytes that are no message harm nobody',
    'diallers: they are answered on the way they came',
    'diallers: several at once are told apart',
    'sessions: garbage on their wire harms nobody',
  ])
})

addConformanceTests(memory, memoryFixture())

memory.run()
