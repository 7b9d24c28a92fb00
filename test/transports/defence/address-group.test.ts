import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { addressGroup, isThisMachine } from '../../../src/transports/index.ts'

const groups = suite('defence: address groups')

groups('an IPv4 address stands for itself, however it is written', () => {
  for (const address of ['10.0.0.1', '::ffff:10.0.0.1', '::FFFF:10.0.0.1']) assert.is(addressGroup(address), '10.0.0.1')
})

groups('the addresses of one /64 are one sender, and those of another are another', () => {
  const same = ['2001:db8:0:7::1', '2001:0db8:0000:0007:ffff:1:2:3', '2001:DB8::7:0:0:0:9', '2001:db8:0:7::%eth0']
  assert.equal(new Set(same.map(addressGroup)), new Set(['2001:db8:0:7::/64']))
  assert.is.not(addressGroup('2001:db8:0:8::1'), addressGroup('2001:db8:0:7::1'))
  assert.is(addressGroup('fe80::1%eth0'), 'fe80:0:0:0::/64')
})

groups('this machine is 127.0.0.1 and ::1, and no other', () => {
  assert.ok(['127.0.0.1', '::1', '::ffff:127.0.0.1'].every((address) => isThisMachine(addressGroup(address))))
  assert.not(['127.0.0.2', '::2', '10.0.0.1', ''].some((address) => isThisMachine(addressGroup(address))))
})

groups.run()
