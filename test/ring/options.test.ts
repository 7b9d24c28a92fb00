import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidOptionError } from '../../src/core/index.ts'
import { type RingOptions, resolveRingOptions } from '../../src/ring/options.ts'

const options = suite('ring: options')

function refusalOf(loose: object): string {
  try {
    resolveRingOptions(loose as RingOptions)
  } catch (error) {
    assert.instance(error, InvalidOptionError)
    return (error as Error).message
  }
  return 'accepted'
}

options('S4.10 the service interval is a number of ms, or a text with a unit', () => {
  const ms = (serviceIntervalMs: string | number): number => resolveRingOptions({ serviceIntervalMs }).serviceIntervalMs
  assert.equal(
    ['10s', '250ms', '1.5s', '2m', '24h', 250, '0.07s'].map(ms),
    [10_000, 250, 1_500, 120_000, 86_400_000, 250, 70],
  )
})

options('S4.10 anything else is no service interval', () => {
  for (const serviceIntervalMs of [
    '10',
    's',
    '10 s',
    '-1s',
    '1d',
    '1e3s',
    '',
    '9ms',
    '25h',
    0,
    86_400_001,
    Number.NaN,
    null,
    {},
  ]) {
    assert.match(refusalOf({ serviceIntervalMs }), 'serviceIntervalMs must be a number of ms in [10, 86400000]')
  }
})

options('the defaults are one owner, 128 places, everybody, ten seconds', () => {
  const { replicas, virtualNodes, serviceIntervalMs, isMember } = resolveRingOptions(undefined)
  assert.equal(
    { replicas, virtualNodes, serviceIntervalMs },
    { replicas: 1, virtualNodes: 128, serviceIntervalMs: 10_000 },
  )
  assert.ok(isMember({ id: 'a', generation: 1, transport: null, metadata: undefined, isOld: true }))
})

options('an unknown name is refused, and a value out of range, by name', () => {
  assert.match(refusalOf({ virtualNode: 3 }), 'options.virtualNode must be one of')
  for (const virtualNodes of [0, 1_025, 1.5, '128']) {
    assert.match(refusalOf({ virtualNodes }), 'virtualNodes must be an integer in [1, 1024]')
  }
  for (const replicas of [0, 65_537, null])
    assert.match(refusalOf({ replicas }), 'replicas must be an integer in [1, 65536]')
  assert.match(refusalOf({ isMember: true }), 'isMember must be a function')
  assert.match(refusalOf({ system: { now: () => 0 } }), 'system must be an object with a method startTimer')
})

options.run()
