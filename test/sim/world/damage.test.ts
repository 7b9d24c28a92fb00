import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue } from '../../../src/core/index.ts'
import { parseDeltas, parseDigest } from '../../../src/core/reconcile/index.ts'
import { Simulation } from '../../../src/sim/index.ts'
import { EngineProcess } from '../../../src/sim/process/index.ts'
import { damaged } from '../../../src/sim/world/damage.ts'
import { checkProperty } from '../../harness/property.ts'
import { seededRandom } from '../../harness/seeded-random.ts'

const damage = suite('damage')

interface Sent {
  readonly kind: 'digest' | 'deltas'
  readonly sender: string
  readonly payload: JsonValue
}

/** Messages of a small cluster in which everything happens that a message can speak of. */
function realMessages(): readonly Sent[] {
  const sent: Sent[] = []
  const receive = EngineProcess.prototype.receive
  EngineProcess.prototype.receive = function (arrival, now) {
    sent.push({ kind: arrival.kind, sender: arrival.sender.id, payload: arrival.payload })
    receive.call(this, arrival, now)
  }
  try {
    const engine = { deadPeerGracePeriodMs: 30_000, tombstoneGraceMs: 5_000, digestBytesMax: 1_000 }
    const simulation = new Simulation({ peers: 6, engine })
    simulation.runRounds(3)
    simulation.set('p1', 'leased', { deep: [1, 2] }, { ttlMs: 60_000 })
    simulation.set('p2', 'gone', 1)
    simulation.delete('p2', 'gone')
    simulation.runRounds(3)
    simulation.leave('p4')
    simulation.crash('p5')
    simulation.runRounds(70)
  } finally {
    EngineProcess.prototype.receive = receive
  }
  return sent
}

const messages = realMessages()

function parse({ kind, sender }: Sent, payload: JsonValue): void {
  if (kind === 'digest') parseDigest(payload, sender)
  else parseDeltas(payload, 0, 65_536)
}

damage('the messages it is tried on are of every kind', () => {
  const text = JSON.stringify(messages.map(({ payload }) => payload))
  for (const part of ['"step":1', '"step":2', 'claim', 'silentMs', 'ageMs', 'left', 'leased', '["gone",']) {
    assert.ok(text.includes(part), part)
  }
  for (const message of messages) parse(message, message.payload)
})

damage('what is damaged is refused by whoever reads it, always', () => {
  checkProperty(
    fc.property(fc.nat(messages.length - 1), fc.integer(), (index, seed) => {
      const message = messages[index] as Sent
      const before = JSON.stringify(message.payload)
      const after = damaged(message.payload, seededRandom(seed))
      assert.throws(
        () => parse(message, after),
        (error: { code?: string }) => error.code === 'GOSSIP_MESSAGE_MALFORMED',
      )
      assert.is(JSON.stringify(message.payload), before, 'the original is left alone')
    }),
    { numRuns: 1_500 },
  )
})

damage('what has no parts is replaced', () => {
  for (const payload of [[], {}, null, 'text'] as const) {
    for (let seed = 0; seed < 20; seed++) {
      const after = damaged(payload, seededRandom(seed))
      assert.throws(() => parseDigest(after, 'a'))
      assert.throws(() => parseDeltas(after, 0, 1_000))
    }
  }
})

damage.run()
