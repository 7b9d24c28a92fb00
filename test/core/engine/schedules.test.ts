/** The laws of whole engines under random schedules: loss, repeats, reordering, crashes, restarts, silence, small messages. */

import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { EngineOptions } from '../../../src/core/index.ts'
import { EngineWorld } from '../../harness/engine-world.ts'
import type { PoolBulk } from '../../harness/pool-bulks.ts'
import { checkProperty } from '../../harness/property.ts'

const schedules = suite('schedules')

type Step = (world: EngineWorld) => void

const NAMES = ['a', 'b', 'c', 'd'] as const
const name: fc.Arbitrary<string> = fc.constantFrom(...NAMES)
const key: fc.Arbitrary<string> = fc.constantFrom('k', 'l', 'm', '__proto__', 'constructor')

function step<T>(
  title: string,
  arbitrary: fc.Arbitrary<T>,
  run: (world: EngineWorld, value: T) => void,
): fc.Arbitrary<Step> {
  return arbitrary.map((value) => {
    const made: Step = (world) => run(world, value)
    return Object.assign(made, { [fc.toStringMethod]: () => `${title} ${JSON.stringify(value)}` })
  })
}

function isWriter(world: EngineWorld, who: string): boolean {
  const process = world.pool.process(who)
  return process.isUp && !process.engine.isFrozen
}

/** Delivers some of the letters on their way, from anywhere; those that are not delivered are lost or stay. */
function mail(world: EngineWorld, { count, at, isLossy }: { count: number; at: number; isLossy: boolean }): void {
  const { pool } = world
  for (let i = 0; i < count && pool.letters.length > 0; i++) {
    const [letter] = pool.letters.splice((at * (i + 1)) % pool.letters.length, 1)
    if (letter !== undefined && !(isLossy && i % 3 === 0)) pool.deliver(letter)
    if (letter !== undefined && at % 7 === 0) pool.deliver(letter)
  }
}

/** One of the transfers under way, if there are any. */
function bulkAt(world: EngineWorld, at: number): PoolBulk | undefined {
  const { all } = world.pool.bulks
  return all[at % Math.max(1, all.length)]
}

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: step(
      'set',
      fc.tuple(name, key, fc.nat(9), fc.constantFrom(undefined, 700, 3_000)),
      (world, [who, k, v, ttlMs]) => {
        if (isWriter(world, who)) world.pool.set(who, k, `${who}${v}`, ttlMs)
      },
    ),
  },
  {
    weight: 3,
    arbitrary: step('delete', fc.tuple(name, key), (world, [who, k]) => {
      if (isWriter(world, who)) world.pool.delete(who, k)
    }),
  },
  { weight: 6, arbitrary: step('pass', fc.constantFrom(200, 1_000, 4_000), (world, ms) => world.pool.pass(ms)) },
  { weight: 4, arbitrary: step('live', fc.constantFrom(1_000, 3_000), (world, ms) => world.pool.live(ms)) },
  { weight: 8, arbitrary: step('mail', fc.record({ count: fc.nat(12), at: fc.nat(30), isLossy: fc.boolean() }), mail) },
  { weight: 1, arbitrary: step('lose', fc.constant(0), (world) => void world.pool.letters.splice(0)) },
  { weight: 2, arbitrary: step('silence', name, (world, who) => world.pool.crash(who)) },
  {
    weight: 3,
    arbitrary: step('wake', name, (world, who) => {
      world.pool.process(who).isUp = true
    }),
  },
  {
    weight: 4,
    arbitrary: step('carry', fc.record({ at: fc.nat(9), groups: fc.nat(3) }), (world, { at, groups }) => {
      const transfer = bulkAt(world, at)
      if (transfer !== undefined) world.pool.bulks.carry(transfer, groups)
    }),
  },
  {
    weight: 2,
    arbitrary: step('cut', fc.nat(9), (world, at) => {
      const transfer = bulkAt(world, at)
      if (transfer !== undefined) world.pool.bulks.end(transfer, 'GOSSIP_CONNECTION_LOST')
    }),
  },
  { weight: 1, arbitrary: step('restart', name, (world, who) => void world.pool.start(who)) },
)

const schedule: fc.Arbitrary<Step[]> = fc.array(anyStep, { minLength: 10, maxLength: 60, size: 'max' })

const OPTIONS: EngineOptions = { seeds: ['a', 'b'], fanout: 2, tombstoneGraceMs: 3_000, deadPeerGracePeriodMs: 40_000 }

function run(options: EngineOptions, seed: number, steps: readonly Step[], hasBulk = false): EngineWorld {
  const world = new EngineWorld({ ...OPTIONS, ...options }, seed)
  world.pool.hasBulk = hasBulk
  for (const who of NAMES) world.pool.start(who)
  for (const each of steps) each(world)
  return world
}

/** Everybody awake, nothing lost any more, for longer than any grace. */
function heal(world: EngineWorld): void {
  const { pool } = world
  for (const who of NAMES) pool.process(who).isUp = true
  pool.letters = []
  pool.live(50_000, 250)
}

schedules('told and shown agree, nothing steps down and every message keeps its budget, at every step', () => {
  checkProperty(
    fc.property(schedule, fc.nat(), fc.constantFrom(600, 900, 524_288), (steps, seed, deltaBytesMax) => {
      run({ deltaBytesMax }, seed, steps)
    }),
    { numRuns: 100 },
  )
})

schedules('after any schedule all agree again', () => {
  checkProperty(
    fc.property(
      schedule,
      fc.nat(),
      fc.constantFrom(600, 524_288),
      fc.constantFrom(600, 524_288),
      (steps, seed, deltaBytesMax, digestBytesMax) => {
        const world = run({ deltaBytesMax, digestBytesMax }, seed, steps)
        heal(world)
        world.assertAgreement()
      },
    ),
    { numRuns: 40 },
  )
})

/** Everything that leaves anything over goes in bulk, in groups of an entry or two. */
const BULK: EngineOptions = { deltaBytesMax: 512, bulkBytesMin: 0, digestBytesMax: 900 }

schedules('with transfers in bulk, cut anywhere, copies are prefixes at every step, and all agree in the end', () => {
  let groups = 0
  checkProperty(
    fc.property(schedule, fc.nat(), (steps, seed) => {
      const long = (world: EngineWorld): void => {
        for (const who of NAMES) {
          if (isWriter(world, who))
            for (let i = 0; i < 12; i++) world.pool.set(who, `long ${i}`, `${who} `.repeat(20 + i))
        }
      }
      const world = run(
        BULK,
        seed,
        [long, ...steps.flatMap((each, i) => (i % 20 === 10 ? [long, each] : [each]))],
        true,
      )
      groups += world.pool.bulks.carried
      heal(world)
      world.assertAgreement()
    }),
    { numRuns: 60 },
  )
  assert.ok(groups > 1_000, `${groups} groups went in bulk`)
})

schedules('of two processes with one id at most one keeps writing, and all others read its map alone', () => {
  checkProperty(
    fc.property(schedule, fc.nat(), fc.boolean(), (steps, seed, isCopy) => {
      const world = run({}, seed, [])
      const { pool } = world
      // The copy of a whole machine begins with the very generation of its original.
      const twin = pool.start('twin', isCopy ? { id: 'a', generation: pool.engine('a').generation } : { id: 'a' })
      pool.set('a', 'of a', 1)
      pool.set('twin', 'of twin', 2)
      for (const each of steps) each(world)
      heal(world)
      const writers = [pool.process('a'), twin].filter((process) => !process.engine.isFrozen)
      assert.is(writers.length, 1, 'writers')
      world.assertAgreement()
    }),
    { numRuns: 30 },
  )
})

schedules.run()
