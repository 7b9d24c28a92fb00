/** The kit over UDP with keys, and in weather: packets are lost, doubled and late above what the network does itself. */

import { suite } from 'uvu'
import type { ConformanceFixture } from '../../../src/transports/conformance/index.ts'
import { withFaults } from '../../../src/transports/index.ts'
import { addConformanceTests } from '../../harness/conformance.ts'
import { udpFixture } from './udp-fixture.ts'

const sealed = suite('conformance: udp with keys, and in weather')

const KEYS = [{ key: 'c5'.repeat(32) }]

const WEATHER = {
  lossChance: 0.1,
  duplicateChance: 0.1,
  reorderChance: 0.1,
  reorderMsMax: 5,
  delayMs: { minMs: 0, maxMs: 2 },
}

function inWeather(fixture: ConformanceFixture): ConformanceFixture {
  let seed = 0
  return {
    ...fixture,
    name: `${fixture.name} in bad weather`,
    capabilities: { ...fixture.capabilities, duplicates: true },
    queueBytesMax: 16_777_216,
    createTransport: async (request) =>
      withFaults(await fixture.createTransport(request), { ...WEATHER, heldBytesMax: 8_388_608, seed: ++seed }),
  }
}

/** The soak and the bound on memory take long, and say the same with keys as without. */
const isShort = (name: string): boolean => !name.startsWith('soak') && !name.includes('waits for a dead peer')

addConformanceTests(sealed, udpFixture('udp with keys', { keys: KEYS }), isShort)
addConformanceTests(sealed, inWeather(udpFixture('udp')), isShort)

sealed.run()
