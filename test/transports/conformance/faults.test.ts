/** What is wrapped in faults keeps the contract: every word of it without any, and as a lossy transport with them. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { withFaults } from '../../../src/transports/index.ts'
import { addConformanceTests } from '../../harness/conformance.ts'
import { inWeather, withoutFaults } from './faulty-fixtures.ts'
import { memoryFixture, tcpFixture } from './fixtures.ts'

const faults = suite('conformance: faults')

addConformanceTests(faults, withoutFaults(memoryFixture()))
addConformanceTests(faults, inWeather(memoryFixture()))
addConformanceTests(faults, withoutFaults(tcpFixture()))
addConformanceTests(faults, inWeather(tcpFixture()))

faults('the weather is felt', async () => {
  const fixture = inWeather(memoryFixture())
  const transport = (await fixture.createTransport({ id: 'a', role: 'listener' })) as ReturnType<typeof withFaults>
  for (let i = 0; i < 100; i++) transport.digest({ transport: 'nowhere' }, { id: 'a', transport: 'a' }, [i])
  const { lost, duplicated } = transport.faults.stats
  assert.ok(lost > 0 && duplicated > 0)
  transport.faults.dropHeld()
})

faults.run()
