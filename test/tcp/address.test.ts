import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAddress } from '../../src/tcp/address.ts'
import { checkProperty } from '../harness/property.ts'

const address = suite('tcp: address')

address('reads objects and text, IPv6 in brackets, a port in digits', () => {
  const cases: [unknown, string, number][] = [
    ['localhost:9742', 'localhost', 9_742],
    ['10.0.0.1:1', '10.0.0.1', 1],
    ['[::1]:65535', '::1', 65_535],
    [{ host: '::1', port: 5 }, '::1', 5],
    [{ host: '[::1]', port: '5' }, '::1', 5],
    [{ host: 'h', port: 5, also: ['ws://h'], weight: 1 }, 'h', 5],
  ]
  for (const [value, host, port] of cases) assert.equal(parseAddress(value), { host, port }, JSON.stringify(value))
})

address('is undefined for everything else, whatever it is', () => {
  const bad = [
    '',
    ':',
    'h',
    'h:',
    ':1',
    'h:0',
    'h:-1',
    'h:65536',
    'h:1.5',
    'h: 1',
    'h:0x1',
    '::1:1',
    '[]:1',
    'a b:1',
    'h\n:1',
  ]
  for (const value of [...bad, null, 1, true, [], ['h', 1], { host: 'h' }, { host: 'h', port: null }]) {
    assert.is(parseAddress(value), undefined, JSON.stringify(value))
  }
  assert.is(parseAddress({ host: 'x'.repeat(256), port: 1 }), undefined)
  checkProperty(
    fc.property(fc.anything(), (value) => {
      const read = parseAddress(value)
      assert.ok(read === undefined || (read.host.length > 0 && read.port >= 1 && read.port <= 65_535))
    }),
  )
})

address.run()
