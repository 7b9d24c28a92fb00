import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseUdpAddress } from '../../../src/transports/index.ts'
import { udpAddressOf } from '../../../src/transports/udp/address.ts'
import { endpointOf } from '../../../src/transports/udp/endpoint.ts'

const address = suite('udp: address')

address('an address is a udp url, alone, in an object, or among others', () => {
  const address = { host: 'db1', port: 9742 }
  for (const value of [
    'udp://db1:9742',
    { url: 'udp://db1:9742/' },
    { host: 'h', also: [7, { url: 'udp://db1:9742' }] },
  ]) {
    assert.equal(parseUdpAddress(value), address)
  }
  assert.equal(parseUdpAddress('udp://[::1]:1'), { host: '::1', port: 1 })
  assert.equal(parseUdpAddress(udpAddressOf({ host: '::1', port: 1 })), { host: '::1', port: 1 })
})

address('anything else is no address', () => {
  const hosts = ['', 'a b', 'a/b', '::1', '\u0000', 'x'.repeat(256)]
  const urls = ['udp://h:0', 'udp://h:65536', 'udp://h', 'ws://h:1', 'h:1', ...hosts.map((host) => `udp://${host}:1`)]
  for (const value of [null, undefined, 7, [], {}, { url: 7 }, { host: 'h', port: 1 }, ...urls]) {
    assert.is(parseUdpAddress(value), undefined)
  }
})

address('an endpoint has one spelling, and one receiver', () => {
  const keys = ['127.0.0.1', '::ffff:127.0.0.1', '0:0:0:0:0:0:0:1', '::1', '0.0.0.0', '::'].map(
    (ip) => endpointOf(ip, 7)?.key,
  )
  assert.equal(keys, ['127.0.0.1:7', '127.0.0.1:7', '[::1]:7', '[::1]:7', '127.0.0.1:7', '[::1]:7'])
  for (const many of ['224.0.0.1', '255.255.255.255', 'ff02::1', '::ffff:224.0.0.1', 'db1', '']) {
    assert.is(endpointOf(many, 7), undefined)
  }
})

address.run()
