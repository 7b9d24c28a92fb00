import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue, OutMessage } from '../../../src/core/index.ts'
import { Simulation } from '../../../src/sim/index.ts'
import { Network, type NetworkConditions } from '../../../src/sim/world/index.ts'
import { seededRandom } from '../../harness/seeded-random.ts'

const networks = suite('network')

const CALM: NetworkConditions = {
  latencyMs: { min: 10, max: 30 },
  lossChance: 0,
  duplicateChance: 0,
  reorderChance: 0,
  reorderMs: 1_000,
  corruptChance: 0,
  maxMessageBytes: 1_000,
}
const MESSAGES = 10_000

function messageOf(payload: JsonValue): OutMessage {
  return { kind: 'deltas', to: { transport: 'b' }, payload }
}

/** How often each thing happened to 10,000 messages. */
function statsWith(conditions: Partial<NetworkConditions>): { network: Network; delays: readonly number[] } {
  const network = new Network({ ...CALM, ...conditions }, 'json', seededRandom(1))
  const delays: number[] = []
  for (let i = 0; i < MESSAGES; i++) {
    if (network.judge('digest', 'a', 'b', 10) !== 'sent') continue
    for (const { delayMs } of network.deliveries(messageOf([{ id: 'a' }]))) delays.push(delayMs)
  }
  return { network, delays }
}

/** Five standard deviations of so many draws. */
function isNear(count: number, chance: number, draws: number = MESSAGES): boolean {
  return Math.abs(count - chance * draws) < 5 * Math.sqrt(draws * chance * (1 - chance))
}

networks('a calm network delivers everything once, as late as its latency says', () => {
  const { network, delays } = statsWith({})
  const { sent, digests, deltas, sentBytes, digestBytes, lost, duplicated, reordered, corrupted } = network.stats
  assert.equal([sent, digests, deltas, sentBytes, digestBytes], [MESSAGES, MESSAGES, 0, 100_000, 100_000])
  assert.equal([lost, duplicated, reordered, corrupted], [0, 0, 0, 0])
  assert.is(delays.length, MESSAGES)
  assert.ok(Math.min(...delays) >= 10 && Math.min(...delays) < 10.1)
  assert.ok(Math.max(...delays) <= 30 && Math.max(...delays) > 29.9)
})

networks('chances are kept: loss, duplication, reordering, damage', () => {
  const { network, delays } = statsWith({
    lossChance: 0.1,
    duplicateChance: 0.2,
    reorderChance: 0.3,
    corruptChance: 0.05,
  })
  const { lost, duplicated, reordered, corrupted } = network.stats
  assert.ok(isNear(lost, 0.1), `${lost} lost`)
  const arrived = MESSAGES - lost
  assert.ok(isNear(duplicated, 0.2, arrived), `${duplicated} duplicated`)
  assert.is(delays.length, arrived + duplicated)
  assert.ok(isNear(reordered, 0.3, delays.length), `${reordered} reordered`)
  assert.is(delays.filter((ms) => ms >= 1_000).length, reordered)
  assert.ok(isNear(corrupted, 0.05, delays.length), `${corrupted} corrupted`)
})

networks('a chance of 1 hits everything', () => {
  assert.is(statsWith({ lossChance: 1 }).network.stats.lost, MESSAGES)
  const { stats } = statsWith({ duplicateChance: 1, reorderChance: 1, corruptChance: 1 }).network
  assert.equal([stats.duplicated, stats.reordered, stats.corrupted], [MESSAGES, 2 * MESSAGES, 2 * MESSAGES])
})

networks('where there is nothing to decide, nothing is drawn', () => {
  const network = new Network({ ...CALM, latencyMs: 5 }, 'json', () => assert.unreachable() as never)
  assert.is(network.judge('digest', 'a', 'b', 10), 'sent')
  assert.equal(network.deliveries(messageOf([])), [{ delayMs: 5, content: { payload: [] }, isDamaged: false }])
})

networks('of two chances, one that is 0 leaves the draws of the other as they are', () => {
  const lost = (conditions: Partial<NetworkConditions>): readonly string[] => {
    const network = new Network({ ...CALM, ...conditions }, 'json', seededRandom(1))
    return Array.from({ length: 100 }, () => network.judge('deltas', 'a', 'b', 1))
  }
  assert.equal(lost({ lossChance: 0.5 }), lost({ lossChance: 0.5, duplicateChance: 0, corruptChance: 0 }))
})

networks('a message that is too large or finds its way closed takes no chance', () => {
  const network = new Network({ ...CALM, lossChance: 1 }, 'json', () => assert.unreachable() as never)
  assert.is(network.judge('deltas', 'a', 'b', 1_001), 'too large')
  network.links.cut('a', 'b')
  assert.is(network.judge('deltas', 'a', 'b', 1_000), 'cut')
  const { tooLarge, cut, deltas, deltasBytes } = network.stats
  assert.equal([tooLarge, cut, deltas, deltasBytes], [1, 1, 2, 2_001])
})

networks('encoded payloads are copied and measured, others are handed over', () => {
  const payload = [{ id: 'ä' }]
  const encoded = new Network(CALM, 'json', seededRandom(1))
  const [copy] = encoded.deliveries(messageOf(payload))
  assert.equal(copy?.content.payload, payload)
  assert.is.not(copy?.content.payload, payload)
  assert.is(encoded.measure(messageOf(payload)), 13)
  const plain = new Network(CALM, 'none', seededRandom(1))
  assert.is(plain.deliveries(messageOf(payload))[0]?.content.payload, payload)
  assert.is(plain.measure(messageOf(payload)), 0)
})

networks('what is measured is handed over, digests by their columns', () => {
  const sizes = (encoding: 'json' | 'measured'): readonly number[] => {
    const seen: number[] = []
    const trace = (line: string): void => {
      const { bytes } = JSON.parse(line) as { bytes?: number }
      if (bytes !== undefined) seen.push(bytes)
    }
    const simulation = new Simulation({ peers: 3, network: { encoding }, trace })
    simulation.set('p0', 'ключ', ['ü', 1])
    simulation.runRounds(30)
    return seen
  }
  assert.ok(sizes('measured').length > 100)
  assert.equal(sizes('measured'), sizes('json'))
})

networks('two copies of one message do not share their damage', () => {
  const network = new Network({ ...CALM, duplicateChance: 1, corruptChance: 0.5 }, 'json', seededRandom(1))
  const payload = [{ id: 'a', heartbeat: 1 }]
  for (let i = 0; i < 100; i++) {
    for (const delivery of network.deliveries(messageOf(payload))) {
      assert.is(JSON.stringify(delivery.content.payload) === JSON.stringify(payload), !delivery.isDamaged)
    }
  }
})

networks('conditions are its own, and the first limit stays what nodes are told', () => {
  const conditions = { ...CALM }
  const network = new Network(conditions, 'json', seededRandom(1))
  network.conditions.maxMessageBytes = 600
  assert.is(conditions.maxMessageBytes, 1_000)
  assert.is(network.declaredBytesMax, 1_000)
})

networks.run()
