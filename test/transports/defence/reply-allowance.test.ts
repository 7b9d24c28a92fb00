import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ReplyAllowance } from '../../../src/transports/index.ts'
import { checkProperty } from '../../harness/property.ts'

const allowance = suite('defence: reply allowance')
const LIMITS = { replyFactorMax: 3, unprovenPeersMax: 10 }

allowance('what is sent to a peer that a message named stays under three times what came', () => {
  const replies = new ReplyAllowance(LIMITS)
  replies.received('a', 100)
  assert.equal([replies.affords('a', 300), replies.affords('a', 301)], [true, false])
  replies.spend('a', 200)
  assert.equal([replies.affords('a', 100), replies.affords('a', 101)], [true, false])
  replies.received('a', 100)
  assert.ok(replies.affords('a', 400))
})

allowance('a peer that this node turned to first, or that answered, is sent anything', () => {
  const replies = new ReplyAllowance(LIMITS)
  assert.ok(replies.affords('seed', 1e9))
  replies.spend('seed', 1_000)
  replies.received('seed', 1)
  assert.ok(replies.affords('seed', 1e9))
  replies.received('a', 1)
  assert.not(replies.affords('a', 4))
  replies.prove('a')
  replies.received('a', 1)
  assert.ok(replies.affords('a', 1e9))
})

allowance('both tables are bounded', () => {
  const replies = new ReplyAllowance(LIMITS)
  for (let i = 0; i < 1_000; i++) {
    replies.received(`a${i}`, 1)
    replies.prove(`b${i}`)
  }
  assert.is(replies.unproven, 10)
  replies.received('b0', 1)
  assert.not(replies.affords('b0', 4))
})

allowance('no order of messages gets more than three times as much sent to an unproven peer', () => {
  const steps = fc.array(fc.record({ isReply: fc.boolean(), bytes: fc.nat(10_000) }), { maxLength: 200 })
  checkProperty(
    fc.property(steps, (given) => {
      const replies = new ReplyAllowance(LIMITS)
      let [came, sent] = [1, 0]
      replies.received('a', 1)
      for (const { isReply, bytes } of given) {
        if (!isReply) {
          replies.received('a', bytes)
          came += bytes
        } else if (replies.affords('a', bytes)) {
          replies.spend('a', bytes)
          sent += bytes
        }
      }
      assert.ok(sent <= 3 * came)
    }),
  )
})

allowance.run()
