import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { checkProperty, parameters, replayCommand } from './property.ts'

const property = suite('property')

const smallIntegers = fc.property(fc.nat(1_000), (n) => n < 500)

property('a property that holds says nothing', () => {
  checkProperty(fc.property(fc.nat(), (n) => n >= 0))
})

property('a failure names the shrunk counterexample, the seed, the path and the replay command', () => {
  assert.throws(
    () => checkProperty(smallIntegers),
    (error: Error) =>
      error.message.includes('[500]') &&
      /seed: \d+/.test(error.message) &&
      /Replay: GOSSIP_SEED=\d+ GOSSIP_PATH=\d+\/[\d:]+ npm test -- harness\/property\n/.test(error.message),
  )
})

property('an asynchronous property fails through its promise', async () => {
  const eventuallySmall = fc.asyncProperty(fc.nat(1_000), async (n) => n < 500)
  const outcome = await checkProperty(eventuallySmall).then(
    () => 'held',
    (error: Error) => error.message,
  )
  assert.match(outcome, 'Replay:')
})

property('the seed is fixed unless the environment names another', () => {
  assert.type(parameters(1, {}, {}).seed, 'number')
  assert.is(parameters(1, {}, {}).seed, parameters(2, {}, {}).seed)
  assert.is(parameters(1, {}, { GOSSIP_SEED: '7' }).seed, 7)
})

property('a path concerns the property it numbers and no other', () => {
  const env = { GOSSIP_SEED: '7', GOSSIP_PATH: '2/31:0:4' }
  assert.equal(parameters(1, { numRuns: 9 }, env), { seed: 7, numRuns: 9 })
  assert.equal(parameters(2, { numRuns: 9 }, env), { seed: 7, numRuns: 9, path: '31:0:4' })
})

property('a replay starts at the counterexample', () => {
  const failed = fc.check(smallIntegers, { seed: 11 })
  const replay = parameters<[number]>(1, {}, { GOSSIP_SEED: '11', GOSSIP_PATH: `1/${failed.counterexamplePath}` })
  assert.equal(fc.check(smallIntegers, replay).counterexample, failed.counterexample)
})

property('the replay command filters by the test file', () => {
  assert.is(
    replayCommand(1, 2, '3:4', '/x/build/test/core/json/admit.test.js'),
    'GOSSIP_SEED=1 GOSSIP_PATH=2/3:4 npm test -- core/json/admit',
  )
})

property.run()
