import { randomBytes } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { COOKIE_MS, Cookies } from '../../../src/transports/udp/cookies.ts'
import { type Endpoint, endpointOf } from '../../../src/transports/udp/endpoint.ts'

const proofs = suite('udp: cookies')

proofs('S1.27 a cookie is good for one address and one token, for a while', () => {
  const cookies = new Cookies()
  const [here, there] = [endpointOf('10.0.0.1', 1), endpointOf('10.0.0.1', 2)] as [Endpoint, Endpoint]
  const token = randomBytes(8)
  const cookie = cookies.bake(here, token, 0)
  assert.ok(cookies.isGood(cookie, here, token, 2 * COOKIE_MS - 1))
  assert.not(cookies.isGood(cookie, here, token, 2 * COOKIE_MS))
  assert.not(cookies.isGood(cookie, there, token, 0))
  assert.not(cookies.isGood(cookie, here, randomBytes(8), 0))
  assert.not(new Cookies().isGood(cookie, here, token, 0))
})

proofs.run()
