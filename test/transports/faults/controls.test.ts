/** What can be changed while it runs, and what is refused. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type FaultOptions, type FaultSettings, withFaults } from '../../../src/transports/index.ts'
import { ann, ben, bench, counted, Recorder } from './recorder.ts'

const controls = suite('faults: controls')

controls('a partition cuts the partners named, both ways of writing them, until it is healed', () => {
  const { inner, faulty } = bench()
  const addresses = [{ host: '10.0.0.1', port: 9_742 }, '10.0.0.1:9742', { host: '::1', port: '9742' }, '[::1]:9742']
  const sendAll = (): number => {
    inner.recorded.length = 0
    for (const transport of [...addresses, 'memory:2', null]) faulty.digest({ transport }, ann, 1)
    return inner.recorded.length
  }
  assert.is(sendAll(), 6)
  faulty.faults.partition('10.0.0.1:9742', { port: 9_742, host: '::1', also: [] })
  assert.is(sendAll(), 2)
  faulty.faults.heal({ host: '10.0.0.1', port: 9_742 })
  assert.is(sendAll(), 4)
  faulty.faults.partition('memory:2')
  assert.is(sendAll(), 3)
  faulty.faults.heal()
  assert.is(sendAll(), 6)
})

controls('a partition of nobody cuts nobody', () => {
  const world = bench()
  world.faulty.faults.partition()
  world.send(1)
  assert.is(world.inner.recorded.length, 1)
})

controls('a partition also takes what is under way', async () => {
  const world = bench({ delayMs: 10 })
  world.send(3)
  world.faulty.faults.partition(ben.transport)
  await world.system.run(10)
  assert.equal(counted(world), { sent: 3, delayed: 3, cut: 3 })
  assert.is(world.inner.recorded.length, 0)
})

controls('a message that waits to be overtaken when its partner is cut off is cut too', async () => {
  const world = bench({ reorderChance: 1 })
  world.send(1)
  world.faulty.faults.partition(ben.transport)
  await world.system.run(1_000)
  world.faulty.faults.heal()
  world.send(2)
  assert.equal(world.inner.payloads, [2, 1])
  assert.equal(counted(world), { sent: 3, passed: 2, cut: 1, reordered: 2 })
})

controls('dropping what waits forgets who waited to be overtaken', () => {
  const world = bench({ reorderChance: 1 })
  world.send(1)
  world.faulty.faults.dropHeld()
  world.send(2)
  assert.equal(world.inner.payloads, [2, 1])
  assert.equal(counted(world), { sent: 3, passed: 2, dropped: 1, reordered: 2 })
})

controls('set changes what is named from the next message on, and nothing else', async () => {
  const world = bench({ lossChance: 1, delayMs: 10 })
  world.send(2)
  world.faulty.faults.set({ lossChance: 0 })
  world.send(2)
  world.faulty.faults.set({ delayMs: 0 })
  world.send(2)
  assert.is(world.inner.recorded.length, 2)
  await world.system.run(10)
  assert.equal(counted(world), { sent: 6, passed: 4, lost: 2, delayed: 2 })
  assert.is(world.faulty.faults.settings.delayMs, 0)
})

controls('a setting that is undefined stays as it was', () => {
  const { faulty } = bench({ lossChance: 0.5 })
  faulty.faults.set({ lossChance: undefined } as unknown as FaultSettings)
  assert.is(faulty.faults.settings.lossChance, 0.5)
})

controls('a refused setting leaves all as it was', () => {
  const { faulty } = bench({ lossChance: 0.5 })
  const before = faulty.faults.settings
  assert.throws(() => faulty.faults.set({ lossChance: 0.1, duplicateChance: 2 }), /duplicateChance/)
  assert.is(faulty.faults.settings, before)
})

controls('an isCut that throws is told, and cuts nothing', () => {
  const world = bench({
    isCut: () => {
      throw new Error('mine')
    },
  })
  world.send(1)
  assert.equal(world.errors, ['GOSSIP_LISTENER_THREW'])
  assert.is(world.inner.recorded.length, 1)
})

controls('bad options are refused, and named', () => {
  const refused: [unknown, string][] = [
    [{ lossChance: 1.1 }, 'lossChance'],
    [{ duplicateChance: -1 }, 'duplicateChance'],
    [{ reorderChance: '1' }, 'reorderChance'],
    [{ reorderMsMax: 0 }, 'reorderMsMax'],
    [{ corruptChance: Number.NaN }, 'corruptChance'],
    [{ corruption: 'some' }, 'corruption'],
    [{ isCut: true }, 'isCut'],
    [{ delayMs: -1 }, 'delayMs'],
    [{ delayMs: null }, 'delayMs'],
    [{ delayMs: { maxMs: 5 } }, 'delayMs'],
    [{ delayMs: { minMs: 6, maxMs: 5 } }, 'delayMs.minMs'],
    [{ delayMs: { meanMs: 6, maxMs: 5 } }, 'delayMs.meanMs'],
    [{ delayMs: { meanMs: 6, maxMs: 3_600_001 } }, 'delayMs.maxMs'],
    [{ delayMs: { mean: 6, maxMs: 10 } }, 'delayMs.meanMs'],
    [{ seed: 0.5 }, 'seed'],
    [{ seed: null }, 'seed'],
    [{ heldMessagesMax: 0 }, 'heldMessagesMax'],
    [{ heldBytesMax: 0 }, 'heldBytesMax'],
    [{ system: {} }, 'system'],
    [{ loss: 1 }, 'options.loss'],
    [1, 'options'],
  ]
  for (const [options, option] of refused) {
    assert.throws(
      () => withFaults(new Recorder(), options as FaultOptions),
      (error: Error) =>
        Reflect.get(error, 'code') === 'GOSSIP_OPTION_INVALID' && Reflect.get(error, 'option') === option,
      option,
    )
  }
})

controls('what is fixed for life cannot be set, and what is no transport cannot be wrapped', () => {
  const { faulty } = bench()
  assert.throws(() => faulty.faults.set({ seed: 1 } as FaultSettings), /options\.seed/)
  for (const none of [undefined, null, {}, { digest() {}, deltas() {} }]) {
    assert.throws(() => withFaults(none as never), /transport must be an object with a method/)
  }
})

controls.run()
