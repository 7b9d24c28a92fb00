/** Schedules that broke a promise once, made small: each is what a search printed. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runServiceScenario, type ServiceScenario } from '../../../src/sim/index.ts'

const kept = suite('services: kept')

const calm = { latencyMs: { min: 1, max: 20 }, lossChance: 0, duplicateChance: 0, reorderChance: 0 }

const KEPT: Readonly<Record<string, ServiceScenario>> = {
  'a request does not overtake a send that was said before it': {
    seed: 0,
    peers: 2,
    network: calm,
    steps: [{ do: 'send', from: 7, to: 7, count: 2 }],
  },
  'a session whose connection closes as it begins is none, and holds up nobody who closes': {
    seed: 0,
    peers: 3,
    network: calm,
    steps: [
      { do: 'pair', from: 4, to: 0 },
      { do: 'cut', from: 0, to: 1, oneWay: true },
      { do: 'wait', ms: 4 },
      { do: 'crash', peer: 0, silent: false },
      { do: 'wait', ms: 19 },
    ],
  },
  'a stream that has arrived in full may be read to its end after its session': {
    seed: 5,
    peers: 2,
    network: calm,
    steps: [
      { do: 'stream', from: 0, to: 0, bytes: 21_641, back: 1 },
      { do: 'wait', ms: 0 },
      { do: 'crash', peer: 0, silent: false },
    ],
  },
}

for (const [name, scenario] of Object.entries(KEPT)) {
  kept(name, async () => {
    const { traceHash } = await runServiceScenario(scenario)
    assert.is(traceHash.length, 16)
  })
}

kept.run()
