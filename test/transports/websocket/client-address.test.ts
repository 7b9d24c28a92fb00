import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ClientAddresses } from '../../../src/transports/websocket-server/client-address.ts'

const clientAddress = suite('websocket: client address')

function clientOf(trusted: readonly string[], remoteAddress: string, headers: Record<string, string> = {}): string {
  const socket = { remoteAddress } as Parameters<ClientAddresses['of']>[0]['socket']
  return new ClientAddresses(trusted).of({ socket, headers })
}

const PROXIES = ['10.0.0.0/8', '::1']

clientAddress('it is that of the socket', () => {
  assert.is(clientOf([], '192.0.2.7'), '192.0.2.7')
  assert.is(clientOf([], '::ffff:192.0.2.7'), '192.0.2.7')
})

clientAddress('S1.31 what a stranger says of himself is not believed', () => {
  for (const name of ['x-forwarded-for', 'x-real-ip']) {
    assert.is(clientOf([], '192.0.2.7', { [name]: '198.51.100.1' }), '192.0.2.7')
    assert.is(clientOf(PROXIES, '192.0.2.7', { [name]: '198.51.100.1' }), '192.0.2.7')
  }
})

clientAddress('S1.31 a trusted proxy names the client', () => {
  assert.is(clientOf(PROXIES, '10.1.2.3', { 'x-real-ip': '198.51.100.1' }), '198.51.100.1')
  assert.is(clientOf(PROXIES, '::1', { 'x-forwarded-for': '2001:db8::1' }), '2001:db8::1')
  assert.is(clientOf(PROXIES, '::ffff:10.1.2.3', { 'x-forwarded-for': '[2001:db8::1]' }), '2001:db8::1')
})

clientAddress('of several hops the last that is no trusted proxy counts, whatever the client wrote before it', () => {
  const forwarded = '203.0.113.9, 198.51.100.1, 10.9.9.9'
  assert.is(clientOf(PROXIES, '10.1.2.3', { 'x-forwarded-for': forwarded }), '198.51.100.1')
})

clientAddress('what is no address ends the search', () => {
  assert.is(clientOf(PROXIES, '10.1.2.3', { 'x-forwarded-for': 'unknown, 10.9.9.9' }), '10.9.9.9')
  assert.is(clientOf(PROXIES, '10.1.2.3', { 'x-forwarded-for': '' }), '10.1.2.3')
})

clientAddress.run()
