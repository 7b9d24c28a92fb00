/** The laws of one map and its copies, under every order of writes, losses, repeats, restarts and collections. */

import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MapWorld } from '../../harness/map-world.ts'
import { checkProperty } from '../../harness/property.ts'

const replication = suite('replication')

type Step = (world: MapWorld) => void

const key: fc.Arbitrary<string> = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', '__proto__', 'constructor')
const COPIES = 3
const node: fc.Arbitrary<number> = fc.nat(COPIES)
const copy: fc.Arbitrary<number> = fc.integer({ min: 1, max: COPIES })

/** Steps are named, so that a counterexample can be read. */
function step<T>(
  name: string,
  arbitrary: fc.Arbitrary<T>,
  run: (world: MapWorld, value: T) => void,
): fc.Arbitrary<Step> {
  return arbitrary.map((value) => {
    const made: Step = (world) => run(world, value)
    return Object.assign(made, { [fc.toStringMethod]: () => `${name} ${JSON.stringify(value)}` })
  })
}

function take(world: MapWorld, at: number): MapWorld['parcels'] {
  return world.parcels.length === 0 ? [] : world.parcels.splice(at % world.parcels.length, 1)
}

const deliver = step('deliver', fc.nat(20), (world, at) => {
  for (const parcel of take(world, at)) world.deliver(parcel)
})
const ask = step('ask', fc.tuple(copy, node), (world, [from, to]) => {
  if (from !== to) world.ask(from, to)
})

/** Asked and answered at once; the group stays on its way. */
function pullAmong(copies: number): fc.Arbitrary<Step> {
  return step('pull', fc.tuple(fc.integer({ min: 1, max: copies }), fc.nat(copies)), (world, [from, to]) => {
    if (from === to) return
    world.ask(from, to)
    for (const parcel of world.parcels.splice(-1)) world.deliver(parcel)
  })
}

/** A whole exchange. */
function syncAmong(copies: number): fc.Arbitrary<Step> {
  return step('sync', fc.tuple(fc.integer({ min: 1, max: copies }), fc.nat(copies)), (world, [from, to]) => {
    const before = world.parcels.length
    if (from !== to) world.ask(from, to)
    while (world.parcels.length > before) for (const parcel of world.parcels.splice(-1)) world.deliver(parcel)
  })
}

const set = step('set', fc.tuple(key, fc.nat(3)), (world, [name, value]) => world.set(name, `v${value}`))
const remove = step('delete', key, (world, name) => world.delete(name))
const replace = step('replace', copy, (world, index) => world.replace(index))

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: set },
  { weight: 4, arbitrary: remove },
  { weight: 2, arbitrary: ask },
  { weight: 4, arbitrary: pullAmong(COPIES) },
  { weight: 8, arbitrary: syncAmong(COPIES) },
  { weight: 8, arbitrary: deliver },
  {
    weight: 2,
    arbitrary: step('repeat', fc.nat(20), (world, at) => {
      const parcel = world.parcels[at % Math.max(1, world.parcels.length)]
      if (parcel !== undefined) world.deliver(parcel)
    }),
  },
  { weight: 2, arbitrary: step('lose', fc.nat(20), (world, at) => void take(world, at)) },
  { weight: 4, arbitrary: step('pass', fc.constantFrom(5, 20, 60), (world, ms) => world.pass(ms)) },
  { weight: 1, arbitrary: step('restart', fc.constant(0), (world) => world.restart()) },
  { weight: 2, arbitrary: replace },
)

/** Letters written before deletions were forgotten arrive when copies are half-way through what replaced them. */
const lateLetters: fc.Arbitrary<Step[]> = fc
  .tuple(
    fc.array(set, { minLength: 8, maxLength: 16 }),
    fc.array(fc.oneof(syncAmong(2), pullAmong(2)), { minLength: 4, maxLength: 12 }),
    fc.array(remove, { minLength: 1, maxLength: 4 }),
    fc.tuple(step('pass', fc.constant(60), (world, ms) => world.pass(ms))),
    fc.array(fc.oneof(syncAmong(2), deliver), { minLength: 3, maxLength: 12 }),
  )
  .map((phases) => phases.flat())

const budget = fc.integer({ min: 150, max: 260 })
const schedule: fc.Arbitrary<Step[]> = fc.array(anyStep, { minLength: 40, maxLength: 250, size: 'max' })

function makeWorld(bytesMax: number, tombstoneGraceMs: number): MapWorld {
  return new MapWorld({ copies: COPIES, bytesMax, tombstoneGraceMs })
}

replication('no hole, no key that comes back, no flicker, no step down, under any schedule', () => {
  checkProperty(
    fc.property(schedule, budget, fc.constantFrom(20, 60), (steps, bytesMax, graceMs) => {
      const world = makeWorld(bytesMax, graceMs)
      for (const each of steps) each(world)
    }),
    { numRuns: 700 },
  )
})

replication('letters that outlived a collection leave no hole and bring no key back', () => {
  checkProperty(
    fc.property(lateLetters, fc.integer({ min: 145, max: 185 }), (steps, bytesMax) => {
      const world = makeWorld(bytesMax, 20)
      for (const each of steps) each(world)
    }),
    { numRuns: 2_500 },
  )
})

replication('after any schedule every copy that asks reaches the map of the owner, with the same hash', () => {
  checkProperty(
    fc.property(schedule, budget, fc.constantFrom(20, 60), (steps, bytesMax, graceMs) => {
      const world = makeWorld(bytesMax, graceMs)
      for (const each of steps) each(world)
      assert.ok(world.settle(60) < 60, 'copies do not settle')
      for (const { map } of world.copies) {
        assert.is(map.hash, world.own.map.hash)
        assert.not(map.isStale)
        assert.equal([...map.readAll(world.now)].length, [...world.own.map.readAll(world.now)].length)
      }
    }),
    { numRuns: 400 },
  )
})

replication.run()
