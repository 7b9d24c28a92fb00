/** Fixtures whose transports are wrapped in faults. */

import type { ConformanceFixture } from '../../../src/transports/conformance/index.ts'
import { type FaultOptions, withFaults } from '../../../src/transports/index.ts'

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

/** The fixture's transports in weather that loses, doubles, delays and reorders. */
export function inWeather(fixture: ConformanceFixture): ConformanceFixture {
  const { capabilities } = fixture
  const weak = { ...capabilities, lossy: true, duplicates: true, ordered: false }
  return { ...wrapped(fixture, `${fixture.name} in bad weather`, WEATHER), capabilities: weak }
}

/** The fixture's transports behind a decorator that has nothing to do. */
export function withoutFaults(fixture: ConformanceFixture): ConformanceFixture {
  return wrapped(fixture, `${fixture.name} behind no faults`, {})
}
