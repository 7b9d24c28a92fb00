import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Quota } from '../../../src/transports/relay/quota.ts'
import { isSecret } from '../../../src/transports/relay/secret.ts'
import { checkProperty } from '../../harness/property.ts'

const quota = suite('relay quota')

quota('a second of it may be used at once, and then no more than it brings', () => {
  const limits = { messagesPerSecondMax: 10, bytesPerSecondMax: 1_000_000 }
  const bucket = new Quota(limits, 0)
  for (let i = 0; i < 10; i++) assert.is(bucket.take(1, 1, 0), 0)
  assert.is(bucket.take(1, 1, 0), 100)
  assert.is(bucket.take(0, 0, 100), 0)
})

quota('bytes count beside messages', () => {
  const bucket = new Quota({ messagesPerSecondMax: 1_000, bytesPerSecondMax: 100 }, 0)
  assert.is(bucket.take(1, 150, 0), 500)
})

quota('whoever waits as long as he is told never has more than the quota in the long run', () => {
  checkProperty(
    fc.property(fc.array(fc.nat(500), { minLength: 1, maxLength: 50 }), (sizes) => {
      const bucket = new Quota({ messagesPerSecondMax: 1_000, bytesPerSecondMax: 1_000 }, 0)
      let [now, sent] = [0, 0]
      for (const bytes of sizes) {
        sent += bytes
        now += bucket.take(1, bytes, now)
        assert.ok(sent <= 1_000 + now + 1e-6, `${sent} bytes after ${now} ms`)
      }
    }),
  )
})

quota('only the secret itself is the secret', () => {
  assert.ok(isSecret('s3cret', 's3cret'))
  for (const guess of ['', 's3cre', 's3cret ', 'S3cret', 's3crets3cret']) assert.not(isSecret(guess, 's3cret'), guess)
})

quota.run()
