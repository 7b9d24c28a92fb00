import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RepeatedErrors } from '../../../src/agent/node/index.ts'
import { TransportError } from '../../../src/core/index.ts'

const repeatedErrors = suite('repeated errors')

const refused = (port: number): TransportError =>
  new TransportError('GOSSIP_CONNECT_FAILED', `connect ECONNREFUSED 127.0.0.1:${port}`, { direction: 'outbound' })

repeatedErrors('an error that comes back is told again after a while, with how often it came', () => {
  const errors = new RepeatedErrors()
  const told = [0, 1_000, 9_999, 10_000, 10_001, 20_000].map((atMs) => errors.note(refused(1), atMs)?.times)
  assert.equal(told, [1, undefined, undefined, 3, undefined, 2])
})

repeatedErrors('errors that differ do not hide each other', () => {
  const errors = new RepeatedErrors()
  assert.equal(
    [1, 2, 1].map((port) => errors.note(refused(port), 0)?.code),
    ['GOSSIP_CONNECT_FAILED', 'GOSSIP_CONNECT_FAILED', undefined],
  )
})

repeatedErrors('it remembers a bounded number of errors, the latest', () => {
  const errors = new RepeatedErrors()
  for (let port = 0; port < 1_000; port++) errors.note(refused(port), 0)
  assert.is(errors.note(refused(999), 1), undefined)
  assert.is(errors.note(refused(0), 1)?.times, 1)
})

repeatedErrors.run()
