import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { DELIVERY_MS_MAX, hasArrived, RecentAsks } from '../../../src/core/old-dialect/recent-asks.ts'
import { checkProperty } from '../../harness/property.ts'

const recentAsks = suite('recent asks')

recentAsks('something has arrived after its time and two rounds, whichever is later', () => {
  const sentAt = { now: 1_000, rounds: 7 }
  assert.not(hasArrived(sentAt, { now: 1_000 + DELIVERY_MS_MAX - 1, rounds: 70 }))
  assert.not(hasArrived(sentAt, { now: 900_000, rounds: 8 }), 'a node that did not run has read nothing')
  assert.ok(hasArrived(sentAt, { now: 1_000 + DELIVERY_MS_MAX, rounds: 9 }))
})

recentAsks('without an ask nothing can be under way', () => {
  assert.is(new RecentAsks().highest({ now: 0, rounds: 0 }), undefined)
})

recentAsks('the highest version of those under way counts, until it has arrived', () => {
  const asks = new RecentAsks()
  asks.note(9, { now: 0, rounds: 0 })
  asks.note(1, { now: 1_000, rounds: 1 })
  assert.is(asks.highest({ now: 4_999, rounds: 9 }), 9)
  assert.is(asks.highest({ now: 5_000, rounds: 9 }), 1)
  assert.is(asks.highest({ now: 6_000, rounds: 9 }), undefined)
})

recentAsks('what it forgets for want of room it remembers as more, never as less', () => {
  const asks = new RecentAsks()
  for (let i = 0; i < 1_000; i++) asks.note(1_000 - i, { now: i, rounds: i })
  assert.is(asks.highest({ now: 1_000, rounds: 1_000 }), 1_000)
  assert.is(asks.highest({ now: 5_900, rounds: 2_000 }), 1_000)
  assert.is(asks.highest({ now: 5_950, rounds: 2_000 }), 49, 'once only recent ones are left it is exact again')
})

recentAsks('it is the maximum over a sliding window', () => {
  const steps = fc.array(fc.record({ version: fc.nat(9), waitMs: fc.nat(2_000) }), { maxLength: 40 })
  checkProperty(
    fc.property(steps, (asked) => {
      const asks = new RecentAsks()
      const all: { version: number; now: number }[] = []
      let now = 0
      for (const { version, waitMs } of asked) {
        now += waitMs
        asks.note(version, { now, rounds: now })
        all.push({ version, now })
        const open = all.filter((ask) => now - ask.now < DELIVERY_MS_MAX).map((ask) => ask.version)
        assert.is(asks.highest({ now, rounds: now }), Math.max(...open))
      }
    }),
  )
})

recentAsks.run()
