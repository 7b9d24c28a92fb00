import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { addressesValue, durationMsValue, integerValue, keyValue } from '../../../src/agent/cli/index.ts'
import { InvalidOptionError } from '../../../src/core/index.ts'

const optionValues = suite('option values')

function refuses(read: () => unknown): void {
  assert.throws(read, (error: unknown) => error instanceof InvalidOptionError && error.option === '--x')
}

optionValues('a time may have a unit', () => {
  const read = (text: string): number => durationMsValue('--x', text, 1, 10_000_000)
  assert.equal(['250', '250ms', '1.5s', '2m', '1h'].map(read), [250, 250, 1_500, 120_000, 3_600_000])
})

optionValues('a time without a number, with a foreign unit or out of range is refused', () => {
  for (const text of ['', 's', '-1', '1d', '1 s', '1e3', 'Infinity', '0', '11s']) {
    refuses(() => durationMsValue('--x', text, 1, 10_000))
  }
})

optionValues('a whole number is plain digits within its range', () => {
  assert.is(integerValue('--x', '0', 0, 9), 0)
  assert.is(integerValue('--x', '9', 0, 9), 9)
  for (const text of ['', '10', '-1', '1.0', '0x1', ' 1', '1e0']) refuses(() => integerValue('--x', text, 0, 9))
})

optionValues('addresses stand between commas', () => {
  assert.equal(addressesValue('--x', 'a:1, 10.0.0.7:2,[::1]:3'), ['a:1', '10.0.0.7:2', '[::1]:3'])
  for (const text of ['', 'a', 'a:1,', 'a:0', '::1:3']) refuses(() => addressesValue('--x', text))
})

optionValues('a value is JSON where it can be read as JSON, and text otherwise', () => {
  const read = (text: string): unknown => keyValue('--x', text)
  assert.equal(read('n=1'), { key: 'n', value: 1 })
  assert.equal(read('list=[1,"a=b"]'), { key: 'list', value: [1, 'a=b'] })
  assert.equal(read('color=red=blue'), { key: 'color', value: 'red=blue' })
  assert.equal(read('empty='), { key: 'empty', value: '' })
})

optionValues('a key needs a name and an equals sign', () => {
  for (const text of ['', 'alone', '=1', `${'k'.repeat(257)}=1`]) refuses(() => keyValue('--x', text))
})

optionValues.run()
