import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ReadingAccount } from '../../../src/transports/index.ts'

const account = suite('defence: reading account')
const RATES = { messagesPerSecondMax: 10, bytesPerSecondMax: 1_000, frameBytesMax: 2_000 }

account('a burst of five seconds is read at once, and what is beyond waits as long as it is worth', () => {
  const reading = new ReadingAccount(RATES, 0)
  reading.read({ messages: 50, bytes: 100 }, 0)
  assert.ok(reading.waitsUntilMs <= 0)
  reading.read({ messages: 10, bytes: 100 }, 0)
  assert.is(reading.waitsUntilMs, 1_000)
})

account('bytes count as well as messages, and the longest message is always within a burst', () => {
  const reading = new ReadingAccount({ ...RATES, frameBytesMax: 20_000 }, 0)
  reading.read({ messages: 1, bytes: 20_000 }, 0)
  assert.ok(reading.waitsUntilMs <= 0)
  reading.read({ messages: 1, bytes: 500 }, 0)
  assert.is(reading.waitsUntilMs, 500)
})

account('an excess lasts until half a burst has come back', () => {
  const reading = new ReadingAccount(RATES, 0)
  reading.read({ messages: 60, bytes: 0 }, 0)
  for (let nowMs = 1_000; nowMs <= 9_000; nowMs += 1_000) reading.read({ messages: 10, bytes: 0 }, nowMs)
  assert.is(reading.excessMs(9_000), 9_000)
  reading.read({ messages: 1, bytes: 0 }, 13_000)
  assert.is(reading.excessMs(13_000), 0)
})

account('one burst is no excess that lasts, and leaves nothing to remember', () => {
  const reading = new ReadingAccount(RATES, 0)
  reading.read({ messages: 50, bytes: 0 }, 0)
  assert.is(reading.excessMs(100_000), 0)
  assert.not(reading.isUnused(4_999))
  assert.ok(reading.isUnused(5_000))
})

account.run()
