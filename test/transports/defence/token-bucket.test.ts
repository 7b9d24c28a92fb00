import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TokenBucket } from '../../../src/transports/index.ts'

const bucket = suite('defence: token bucket')

bucket('gives a burst at once, and then the rate', () => {
  const tokens = new TokenBucket(10, 50, 0)
  tokens.take(50, 0)
  assert.is(tokens.debtMs(0), 0)
  tokens.take(20, 0)
  assert.is(tokens.debtMs(0), 2_000)
  assert.is(tokens.debtMs(1_500), 500)
  assert.is(tokens.debtMs(2_000), 0)
})

bucket('never holds more than a burst, however long nobody takes', () => {
  const tokens = new TokenBucket(10, 50, 0)
  assert.is(tokens.tokens(1e9), 50)
})

bucket('a clock that goes back gives nothing', () => {
  const tokens = new TokenBucket(10, 50, 1_000)
  tokens.take(50, 1_000)
  tokens.take(0, 0)
  assert.is(tokens.tokens(1_000), 0)
})

bucket.run()
