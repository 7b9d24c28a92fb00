import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Reputation } from '../../../src/transports/index.ts'

const reputation = suite('defence: reputation')
const LIMITS = { offencePointsMax: 100, banMs: 1_000, banMsMax: 600_000, offendersMax: 100 }

function banMsOf(table: Reputation, key: string, nowMs: number): number | undefined {
  return table.charge(key, 100, nowMs)?.banMs
}

reputation('S1.32 points of one address add up to a ban, and those of another do not', () => {
  const table = new Reputation(LIMITS)
  for (let i = 0; i < 9; i++) assert.is(table.charge('a', 10, 0), undefined)
  assert.is(table.charge('b', 10, 0), undefined)
  assert.equal(table.charge('a', 10, 0), { banMs: 1_000, untilMs: 1_000 })
  assert.equal([table.isBanned('a', 999), table.isBanned('a', 1_000), table.isBanned('b', 0)], [true, false, false])
})

reputation('points fade by one a second', () => {
  const table = new Reputation(LIMITS)
  for (let nowMs = 0; nowMs < 1_000_000; nowMs += 10_000) assert.is(table.charge('a', 10, nowMs), undefined)
})

reputation('each further ban is twice as long, up to the longest', () => {
  const table = new Reputation(LIMITS)
  const lengths: unknown[] = []
  for (let [i, nowMs] = [0, 0]; i < 12; i++) {
    const ban = table.charge('a', 100, nowMs)
    lengths.push(ban?.banMs)
    nowMs = ban?.untilMs ?? nowMs
  }
  assert.equal(
    lengths,
    [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600].map((seconds) => seconds * 1_000),
  )
})

reputation('what happens during a ban makes it neither longer nor told again', () => {
  const table = new Reputation(LIMITS)
  assert.is(banMsOf(table, 'a', 0), 1_000)
  for (let nowMs = 0; nowMs < 1_000; nowMs += 10) assert.is(banMsOf(table, 'a', nowMs), undefined)
  assert.not(table.isBanned('a', 1_000))
})

reputation('a ban is forgiven after four times its length, one step at a time', () => {
  const table = new Reputation(LIMITS)
  for (const [nowMs, banMs] of [
    [0, 1_000],
    [1_000, 2_000],
    [3_000, 4_000],
  ]) {
    assert.is(banMsOf(table, 'a', nowMs as number), banMs)
  }
  // The third ban ended at 7,000, is forgiven at 23,000, the second of them 8,000 ms later.
  assert.is(banMsOf(table, 'a', 23_000), 4_000)
  assert.is(banMsOf(table, 'a', 27_000 + 16_000 + 8_000 + 4_000), 1_000)
})

reputation('the table is bounded, and an address that is kept out is not forgotten for newcomers', () => {
  const table = new Reputation(LIMITS)
  banMsOf(table, 'bad', 0)
  for (let i = 0; i < 10_000; i++) table.charge(`x${i}`, 1, 0)
  assert.is(table.size, 100)
  assert.ok(table.isBanned('bad', 0))
})

reputation.run()
