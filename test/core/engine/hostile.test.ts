/** A stranger who knows the protocol and means no good: well-formed messages of any content, in any order. */

import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { GENERATION_MAX, VERSION_MAX } from '../../../src/core/reconcile/index.ts'
import { EnginePool } from '../../harness/engine-pool.ts'
import { entry, group, ownEntry, tellDeltas, tellDigest } from '../../harness/forge.ts'
import { checkProperty } from '../../harness/property.ts'

const hostile = suite('hostile messages')

const BIG = Number.MAX_SAFE_INTEGER

const id: fc.Arbitrary<string> = fc.constantFrom('me', 'friend', 'p', 'q', '__proto__', 'constructor')
const version: fc.Arbitrary<number> = fc.constantFrom(0, 1, 2, 3, 4, 7, 1_000, VERSION_MAX - 1, VERSION_MAX)
const heartbeat: fc.Arbitrary<number> = fc.constantFrom(0, 1, 2, 9, 1_000, BIG - 1, BIG)
const generation: fc.Arbitrary<number> = fc.constantFrom(
  0,
  1,
  2,
  1_048_576,
  1_048_577,
  2_097_152,
  GENERATION_MAX - 1,
  GENERATION_MAX,
)
const age: fc.Arbitrary<number> = fc.constantFrom(0, 1, 5_000, 3_600_000, BIG)

const peerItem = fc
  .record(
    {
      id,
      generation,
      heartbeat,
      maxVersionSeen: version,
      gcVersion: version,
      transport: fc.constantFrom('p', 'me', 'elsewhere'),
      silentMs: age,
      left: fc.constant(true as const),
      old: fc.constant(true as const),
    },
    { requiredKeys: ['id', 'generation', 'heartbeat', 'maxVersionSeen', 'gcVersion'] },
  )
  .map((fields) => fields as object)
const item: fc.Arbitrary<unknown> = fc.oneof(
  peerItem,
  fc.record({ id, generation, heartbeat, ageMs: age }),
  fc.tuple(id, heartbeat),
)
const claim = fc.record({ from: fc.option(id), to: fc.option(id) })
const own = fc.record(
  {
    generation,
    heartbeat,
    maxVersionSeen: version,
    gcVersion: version,
    answers: heartbeat,
    claim,
    left: fc.constant(true as const),
  },
  { requiredKeys: ['generation', 'heartbeat'] },
)

const wireEntry: fc.Arbitrary<(number: number) => unknown[]> = fc
  .tuple(fc.constantFrom('k', 'l', '__proto__'), fc.constantFrom('set', 'delete', 'lease'), fc.nat(5_000))
  .map(([key, kind, rest]) => (number: number) => {
    if (kind === 'delete') return [key, number]
    return kind === 'set' ? [key, rest, number] : [key, rest, number, rest]
  })

/** Figures that contradict each other are refused by the parser; here they are put in order, so that all go further. */
const anyGroup = fc
  .record({
    id,
    generation,
    from: version,
    steps: fc.array(wireEntry, { maxLength: 4 }),
    beyond: version,
    gcVersion: version,
    higher: version,
  })
  .map(({ id: about, generation: life, from, steps, beyond, gcVersion, higher }) => {
    const start = Math.min(from, VERSION_MAX - 10)
    const entries = steps.map((make, index) => make(start + 1 + index))
    const maxVersion = Math.max(start + steps.length, Math.min(beyond, VERSION_MAX))
    const top = Math.max(maxVersion, gcVersion, higher)
    return group(about, entries, { generation: life, from: start, gcVersion, maxVersion, top })
  })

type Message = (pool: EnginePool) => void

const sender: fc.Arbitrary<string> = fc.constantFrom('stranger', 'p', 'me')
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.tuple(sender, own, fc.constantFrom<1 | 2>(1, 2), fc.array(item, { maxLength: 6 })).map(
    ([from, facts, step, items]): Message =>
      (pool) =>
        tellDigest(
          pool,
          'me',
          from,
          ownEntry(from, { ...facts, step }),
          ...items.filter((each) => !isAbout(each, from)),
        ),
  ),
  fc.tuple(sender, fc.array(anyGroup, { maxLength: 3 })).map(
    ([from, groups]): Message =>
      (pool) =>
        tellDeltas(pool, 'me', from, ...groups),
  ),
  fc.constantFrom(1, 900, 20_000, 3_700_000).map(
    (ms): Message =>
      (pool) =>
        wait(pool, ms),
  ),
)

/** Time passes as in a process that sleeps: one input at its end. */
function wait(pool: EnginePool, ms: number): void {
  pool.letters = []
  pool.now += ms
  for (const name of ['me', 'friend']) pool.input(name, (now) => pool.engine(name).tick(now))
}

function isAbout(each: unknown, who: string): boolean {
  return typeof each === 'object' && each !== null && 'id' in each && each.id === who
}

hostile('whatever a stranger says, nothing is thrown, and friends go on as before', () => {
  checkProperty(
    fc.property(fc.array(message, { maxLength: 30, size: 'max' }), (messages) => {
      const pool = new EnginePool({ fanout: 1, peersMax: 5, removalsMax: 3, mapBytesMax: 1_024, seeds: ['friend'] })
      pool.start('me')
      pool.start('friend')
      pool.exchange('me', 'friend')
      pool.set('friend', 'x', 1)
      for (const each of messages) each(pool)
      for (const error of pool.process('me').told('error')) assert.match(codeOf(error.error), /^GOSSIP_/)
      assert.ok(pool.engine('me').peers().length <= 5)
      assert.equal(Object.keys(pool.read('me', 'me')), [])
      if (pool.engine('me').isFrozen) return
      pool.set('me', 'y', 2)
      assert.equal(pool.read('me', 'me'), { y: 2 })
      for (let i = 0; i < 3; i++) pool.exchange('me', 'friend')
    }),
    { numRuns: 700 },
  )
})

hostile('a friend who was slandered takes itself back, with all its keys', () => {
  checkProperty(
    fc.property(fc.array(fc.oneof(item, item, anyGroup), { minLength: 1, maxLength: 8 }), (slander) => {
      const pool = new EnginePool({ fanout: 1, seeds: ['friend'] })
      pool.start('me')
      pool.start('friend')
      pool.set('friend', 'x', 1)
      pool.live(3_000, 500)
      const isGroup = (each: unknown): boolean => typeof each === 'object' && each !== null && 'entries' in each
      const items = slander.filter((each) => !isGroup(each) && !isAbout(each, 'me'))
      tellDigest(pool, 'me', 'stranger', ownEntry('stranger'), ...items)
      tellDeltas(pool, 'me', 'stranger', ...slander.filter((each) => isGroup(each) && !isAbout(each, 'me')))
      pool.live(25_000, 500)
      if (pool.engine('friend').isFrozen) return
      assert.is(pool.engine('me').peer('friend')?.status, 'live')
      assert.equal(pool.read('me', 'friend'), { x: 1 })
    }),
    { numRuns: 100 },
  )
})

hostile('an entry with a generation that leaves no room stops the node it is about, with a code', () => {
  const pool = new EnginePool()
  pool.start('me')
  tellDigest(pool, 'me', 'stranger', ownEntry('stranger'), entry('me', { generation: GENERATION_MAX }))
  assert.ok(pool.engine('me').isFrozen)
  assert.is(pool.process('me').told('conflict').length, 1)
})

function codeOf(error: Error): string {
  return (error as { code?: string }).code ?? error.message
}

hostile.run()
