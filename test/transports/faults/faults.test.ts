/** Each fault alone, with exact counts, and all of them together. */

import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue } from '../../../src/core/index.ts'
import { type FaultOptions, withFaults } from '../../../src/transports/index.ts'
import { checkProperty } from '../../harness/property.ts'
import { VirtualSystem } from '../../harness/virtual-system.ts'
import { ann, ben, bench, counted, Recorder } from './recorder.ts'

const faults = suite('faults')

const ONE_TO_20 = Array.from({ length: 20 }, (_, i) => i + 1)

faults('without options everything passes at once, the very same objects', () => {
  const { inner, faulty, system } = bench()
  const payload = [{ id: 'ann' }]
  faulty.digest(ben, ann, payload)
  faulty.deltas({ transport: 'memory:3' }, ann, payload)
  faulty.rpc(ben, 'ping')
  assert.equal(
    inner.recorded.map(({ kind, to, from }) => [kind, to, from]),
    [
      ['digest', ben, ann],
      ['deltas', { transport: 'memory:3' }, ann],
      ['rpc', ben, undefined],
    ],
  )
  assert.is(inner.payloads[0], payload)
  assert.is(inner.payloads[1], payload)
  assert.equal(counted({ faulty }), { sent: 3, passed: 3 })
  assert.is(system.pending, 0)
})

faults('loss loses, and does nothing else', () => {
  const world = bench({ lossChance: 0.25 })
  world.send(1_000)
  assert.equal(counted(world), { sent: 1_000, passed: 747, lost: 253 })
  assert.is(world.inner.recorded.length, 747)
  const payloads = world.inner.payloads as number[]
  assert.equal(
    payloads,
    [...payloads].sort((a, b) => a - b),
  )
})

faults('duplication sends twice, and does nothing else', () => {
  const world = bench({ duplicateChance: 0.25 })
  world.send(1_000)
  assert.equal(counted(world), { sent: 1_000, passed: 1_245, duplicated: 245 })
  assert.is(new Set(world.inner.payloads).size, 1_000)
})

faults('each of two copies has its own delay', async () => {
  const world = bench({ duplicateChance: 1, delayMs: { minMs: 1, maxMs: 50 } })
  world.send(10)
  await world.system.run(50)
  assert.is(new Set(world.inner.recorded.map(({ at }) => at)).size, 20)
})

faults('a fixed delay makes everything late by that time, in order', async () => {
  const world = bench({ delayMs: 30 })
  world.send(20)
  assert.equal(counted(world), { sent: 20, delayed: 20, held: 20 })
  await world.system.run(29)
  assert.is(world.inner.recorded.length, 0)
  await world.system.run(1)
  assert.equal(world.inner.payloads, ONE_TO_20)
  assert.equal(counted(world), { sent: 20, passed: 20, delayed: 20 })
})

faults('a delay from a range is within it, and lets messages overtake each other', async () => {
  const world = bench({ delayMs: { minMs: 10, maxMs: 50 } })
  world.send(20)
  await world.system.run(50)
  const times = world.inner.recorded.map(({ at }) => at)
  assert.ok(times.every((at) => at >= 10 && at <= 50))
  assert.is(new Set(times).size, 20)
  assert.not.equal(world.inner.payloads, ONE_TO_20)
  assert.equal(
    [...(world.inner.payloads as number[])].sort((a, b) => a - b),
    ONE_TO_20,
  )
})

faults('reordering swaps a message with the next one to the same partner, and does nothing else', () => {
  const world = bench({ reorderChance: 1 })
  world.send(6)
  assert.equal(world.inner.payloads, [2, 1, 4, 3, 6, 5])
  assert.equal(counted(world), { sent: 6, passed: 6, reordered: 3 })
  assert.is(world.system.pending, 0)
})

faults('a message to another partner does not overtake, and nobody overtaking costs reorderMsMax', async () => {
  const world = bench({ reorderChance: 1, reorderMsMax: 40 })
  world.send(1)
  world.faulty.digest({ transport: 'memory:3' }, ann, 'other')
  await world.system.run(39)
  assert.is(world.inner.recorded.length, 0)
  await world.system.run(1)
  assert.equal(world.inner.payloads, [1, 'other'])
  assert.equal(counted(world), { sent: 2, passed: 2, reordered: 2 })
})

faults('reordering by chance holds back as many as the dice say', async () => {
  const world = bench({ reorderChance: 0.1 })
  world.send(1_000)
  await world.system.run(1_000)
  assert.equal(counted(world), { sent: 1_000, passed: 1_000, reordered: 97 })
})

faults('corruption damages a copy, and does nothing else', () => {
  const world = bench({ corruptChance: 0.25 })
  const payload = [{ id: 'ann', heartbeat: 1 }]
  const before = JSON.stringify(payload)
  for (let i = 0; i < 1_000; i++) world.faulty.digest(ben, ann, payload)
  assert.equal(counted(world), { sent: 1_000, passed: 1_000, corrupted: 256 })
  assert.is(world.inner.payloads.filter((passed) => JSON.stringify(passed) !== before).length, 256)
  assert.is(JSON.stringify(payload), before)
})

faults('a cut is asked for with both addresses, and cuts what it says', () => {
  const asked: JsonValue[] = []
  const world = bench({
    isCut: (from, to) => {
      asked.push([from, to])
      return to === 'memory:3'
    },
  })
  world.send(1)
  world.faulty.deltas({ transport: 'memory:3' }, ann, [])
  world.faulty.rpc({ transport: 'memory:3' }, {})
  assert.equal(asked, [
    ['memory:1', 'memory:2'],
    ['memory:1', 'memory:3'],
    [null, 'memory:3'],
  ])
  assert.equal(counted(world), { sent: 3, passed: 1, cut: 2 })
})

faults('what waits is a copy: the sender may change what it handed over', async () => {
  const world = bench({ delayMs: 10 })
  const payload = [{ key: 'before' }]
  const to = { id: 'ben', transport: { host: 'here', port: 1 } }
  world.faulty.deltas(to, ann, payload)
  ;(payload[0] as { key: string }).key = 'after'
  to.transport.host = 'there'
  await world.system.run(10)
  const [recorded] = world.inner.recorded
  assert.equal(recorded?.payload, [{ key: 'before' }])
  assert.equal(recorded?.to, { id: 'ben', transport: { host: 'here', port: 1 } })
})

const EVERYTHING: FaultOptions = {
  lossChance: 0.1,
  duplicateChance: 0.2,
  delayMs: { meanMs: 20, maxMs: 100 },
  reorderChance: 0.2,
  corruptChance: 0.1,
}

async function fatesOf(options: FaultOptions): Promise<JsonValue> {
  const world = bench(options)
  for (let i = 0; i < 10; i++) {
    world.send(20)
    await world.system.run(5)
  }
  await world.system.run(5_000)
  return [world.inner.recorded as unknown as JsonValue, world.faulty.faults.stats as unknown as JsonValue]
}

faults('the same seed gives the same fate, another seed another', async () => {
  const first = await fatesOf({ ...EVERYTHING, seed: 1 })
  assert.equal(await fatesOf({ ...EVERYTHING, seed: 1 }), first)
  assert.not.equal(await fatesOf({ ...EVERYTHING, seed: 2 }), first)
})

faults('switching one fault on changes nothing about which messages the others hit', () => {
  const lost = (options: FaultOptions): JsonValue[] => {
    const world = bench({ lossChance: 0.3, ...options })
    world.send(100)
    return [...new Set(world.inner.payloads)]
  }
  assert.equal(lost({ duplicateChance: 0.5 }), lost({}))
})

faults('a seed that was not given is drawn, and can be read and given again', () => {
  const system = new VirtualSystem()
  const inner = new Recorder()
  const [drawn, other] = [withFaults(inner, { system, lossChance: 0.5 }), withFaults(inner, { system })]
  for (let i = 1; i <= 50; i++) drawn.digest(ben, ann, i)
  const again = bench({ lossChance: 0.5, seed: drawn.faults.seed })
  again.send(50)
  assert.equal(again.inner.payloads, inner.payloads)
  assert.is.not(drawn.faults.seed, other.faults.seed)
})

faults('every copy ends in exactly one way', async () => {
  const chance = fc.double({ min: 0, max: 1, noNaN: true })
  await checkProperty(
    fc.asyncProperty(
      fc.record({
        seed: fc.nat(),
        lossChance: chance,
        duplicateChance: chance,
        reorderChance: chance,
        corruptChance: chance,
        delayMs: fc.constantFrom(0, 5, { minMs: 0, maxMs: 9 }, { meanMs: 4, maxMs: 50 }),
        heldMessagesMax: fc.integer({ min: 1, max: 20 }),
      }),
      async (options) => {
        const world = bench(options)
        const check = (): void => {
          const { sent, duplicated, passed, lost, cut, dropped, held } = world.faulty.faults.stats
          assert.is(sent + duplicated, passed + lost + cut + dropped + held)
          assert.is(passed, world.inner.recorded.length)
        }
        world.send(15)
        check()
        await world.system.run(4)
        world.faulty.faults.partition(ben.transport)
        world.send(5)
        await world.system.run(4)
        world.faulty.faults.heal()
        world.send(15)
        world.faulty.faults.dropHeld()
        check()
        assert.is(world.faulty.faults.stats.held + world.system.pending, 0)
      },
    ),
    { numRuns: 60 },
  )
})

faults.run()
