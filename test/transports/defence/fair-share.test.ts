import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { FairShare, type ShareUse } from '../../../src/transports/index.ts'

const share = suite('defence: fair share')

function use(): ShareUse {
  return { window: -1, spentMs: 0 }
}

share('who is alone never waits', () => {
  const fair = new FairShare()
  assert.is(fair.spend(use(), 99, 10), 0)
})

share('nobody waits while there is time left', () => {
  const fair = new FairShare()
  assert.equal([fair.spend(use(), 20, 10), fair.spend(use(), 29, 20)], [0, 0])
})

share('beyond half the time the greedy wait until they have paid, and the modest do not', () => {
  const fair = new FairShare()
  const [greedy, modest] = [use(), use()]
  assert.is(fair.spend(modest, 2, 10), 0)
  // Of 50 ms for two, 100 ms are four windows of 25 ms.
  assert.is(fair.spend(greedy, 100, 90), 310)
  assert.is(fair.spend(modest, 2, 95), 0)
})

share('a wait is bounded', () => {
  const fair = new FairShare()
  fair.spend(use(), 1, 0)
  assert.is(fair.spend(use(), 1_000_000, 1), 5_000)
})

share('many hogs together take half of the time in the long run, and a modest one is always read', () => {
  const fair = new FairShare()
  const hogs = Array.from({ length: 50 }, () => ({ use: use(), freeAtMs: 0 }))
  const modest = use()
  let [nowMs, hogMs, longestTurnMs] = [0, 0, 0]
  while (nowMs < 60_000) {
    const turnMs = nowMs
    for (const hog of hogs) {
      if (hog.freeAtMs > nowMs) continue
      nowMs += 5
      hogMs += 5
      hog.freeAtMs = nowMs + fair.spend(hog.use, 5, nowMs)
    }
    assert.is(fair.spend(modest, 0.1, nowMs), 0)
    longestTurnMs = Math.max(longestTurnMs, nowMs - turnMs)
    nowMs += 1
  }
  assert.ok(hogMs < 60_000 * 0.55, `hogs took ${hogMs} ms of 60,000`)
  assert.ok(hogMs > 60_000 * 0.4, `time that nobody needed was not used: ${hogMs} ms`)
  assert.ok(longestTurnMs <= 50 * 5, `a turn took ${longestTurnMs} ms`)
})

share.run()
