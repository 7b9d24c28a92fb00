import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type JsonValue, jsonBytes } from '../../../src/core/index.ts'
import { Stage } from '../harness/stage.ts'

const budgets = suite('budgets checker')

function ofBytes(bytes: number): JsonValue {
  const empty = jsonBytes([{ id: '' }])
  return [{ id: 'x'.repeat(bytes - empty) }]
}

function send(stage: Stage, kind: 'digest' | 'deltas', payload: JsonValue): readonly string[] {
  stage.act('a', (process) => process.messages.push({ kind, to: { id: 'b', transport: 'b' }, payload }))
  return stage.objections()
}

budgets('a message may be as large as its budget, and not a byte larger', () => {
  const stage = new Stage({ deltaBytesMax: 1_000, digestBytesMax: 5_000 })
  assert.equal(send(stage, 'deltas', ofBytes(1_000)), [])
  assert.equal(send(stage, 'deltas', ofBytes(1_001)), ['budgets: a sent deltas of 1001 bytes, the limit is 1000'])
  assert.equal(send(stage, 'digest', ofBytes(5_000)), [])
  assert.equal(send(stage, 'digest', ofBytes(5_001)), ['budgets: a sent digest of 5001 bytes, the limit is 5000'])
})

budgets('a digest has room for two entries, whatever its budget', () => {
  const stage = new Stage({ digestBytesMax: 512 })
  assert.equal(send(stage, 'digest', ofBytes(4_096)), [])
  assert.is(send(stage, 'digest', ofBytes(4_097)).length, 1)
})

budgets('what the transport told at the start is a budget too', () => {
  const stage = new Stage({}, { maxMessageBytes: 6_000 })
  stage.world.network.conditions.maxMessageBytes = 1_000_000
  assert.equal(send(stage, 'deltas', ofBytes(6_000)), [])
  assert.is(send(stage, 'deltas', ofBytes(6_001)).length, 1)
  assert.is(send(stage, 'digest', ofBytes(6_001)).length, 1)
})

budgets('a limit that nobody was told of binds nobody', () => {
  const stage = new Stage()
  stage.world.network.conditions.maxMessageBytes = 600
  assert.equal(send(stage, 'deltas', ofBytes(1_000)), [])
})

budgets('entries are counted over all groups of deltas', () => {
  const stage = new Stage({ deltasMax: 3 })
  const groups = (...counts: number[]): JsonValue =>
    counts.map((count) => ({ id: 'a', entries: Array.from({ length: count }, () => ['k', 1]) }))
  assert.equal(send(stage, 'deltas', groups(2, 1)), [])
  assert.equal(send(stage, 'deltas', groups(2, 2)), ['budgets: a sent deltas of 4 entries, the limit is 3'])
  assert.equal(send(stage, 'digest', groups(2, 2)), [])
})

budgets.run()
