/**
 * The fuzzer itself: that it repeats itself, finds a bug that was put in, and finds none in what is there. The storms here are
 * short, since `npm run fuzz` begins with the very same attacks.
 */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { replay, runCampaign, shown } from './campaign.ts'
import { readCorpus, WIRES } from './corpus.ts'
import { makeCase } from './fuzz-case.ts'

const fuzz = suite('fuzz')
const SEED = 20_080_915

fuzz('a seed and a number make the same attack again, and other numbers others', () => {
  for (const wire of WIRES) {
    const corpus = readCorpus(wire)
    const made = Array.from({ length: 50 }, (_, index) => makeCase(SEED, index, wire, corpus))
    for (const attack of made) assert.equal(makeCase(SEED, attack.index, wire, corpus), attack)
    assert.ok(new Set(made.map(({ parts, payload }) => JSON.stringify([parts, payload]))).size > 35)
  }
})

for (const wire of WIRES) {
  fuzz(`a short storm over ${wire} does a node and its neighbour no harm`, async () => {
    const result = await runCampaign({ wire, seed: SEED, durationMs: 1_000, tell: console.log })
    console.log(`${wire}: ${result.frames} frames, ${result.framesPerSecond} a second; ${shown(result.codes)}`)
    assert.is(result.failure, undefined)
    assert.ok(result.frames > 50, `only ${result.frames} frames`)
    assert.ok((result.codes['GOSSIP_MESSAGE_MALFORMED'] ?? 0) > 0, shown(result.codes))
  })
}

fuzz('a frame that ends the process is found, shown, and does it again', async () => {
  process.env['GOSSIP_FUZZ_BUG'] = 'recorded b'
  try {
    const { failure } = await runCampaign({ wire: 'tcp', seed: SEED, durationMs: 20_000, tell: () => {} })
    assert.match(failure ?? 'nothing was found', /the bug that was asked for/)
    assert.match(failure ?? '', /the frame: .*recorded b/)
    const [, index] = /--replay (\d+)/.exec(failure ?? '') ?? []
    assert.ok(index !== undefined, failure)
    assert.match((await replay('tcp', SEED, Number(index))) ?? '', /the bug that was asked for/)
  } finally {
    delete process.env['GOSSIP_FUZZ_BUG']
  }
})

fuzz.run()
