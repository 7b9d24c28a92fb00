/** What is wrapped in faults keeps the contract: every word of it without any, and as a lossy transport with them. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ConformanceFixture } from '../../../src/transports/conformance/index.ts'
import { type FaultOptions, withFaults } from '../../../src/transports/index.ts'
import { addConformanceTests } from '../../harness/conformance.ts'
import { memoryFixture, tcpFixture } from './fixtures.ts'

const faults = suite('conformance: faults')

const QUEUE_BYTES_MAX = 8_388_608

/** The fixture's transports, each with dice of its own. */
function wrapped(fixture: ConformanceFixture, name: string, options: FaultOptions): ConformanceFixture {
  let seed = 0
  return {
    ...fixture,
    name,
    // What it holds comes on top of what the inner transport does.
    queueBytesMax: 2 * QUEUE_BYTES_MAX,
    createTransport: async (request) =>
      withFaults(await fixture.createTransport(request), { ...options, heldBytesMax: QUEUE_BYTES_MAX, seed: ++seed }),
  }
}

/** Of ten messages one is lost, one comes twice, one is overtaken, and all are late. */
const WEATHER = {
  lossChance: 0.1,
  duplicateChance: 0.1,
  reorderChance: 0.1,
  reorderMsMax: 5,
  delayMs: { minMs: 0, maxMs: 2 },
}

function inWeather(fixture: ConformanceFixture): ConformanceFixture {
  const { capabilities } = fixture
  const weak = { ...capabilities, lossy: true, duplicates: true, ordered: false }
  return { ...wrapped(fixture, `${fixture.name} in bad weather`, WEATHER), capabilities: weak }
}

addConformanceTests(faults, wrapped(memoryFixture(), 'memory behind no faults', {}))
addConformanceTests(faults, inWeather(memoryFixture()))
addConformanceTests(faults, wrapped(tcpFixture(), 'tcp behind no faults', {}))
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
