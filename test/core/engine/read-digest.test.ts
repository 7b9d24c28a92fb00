import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { EngineEvent } from '../../../src/core/index.ts'
import { EnginePool } from '../../harness/engine-pool.ts'
import { beat, entry, group, ownEntry, tellDeltas, tellDigest } from '../../harness/forge.ts'
import { checkProperty } from '../../harness/property.ts'

const reading = suite('read-digest')

/** Ids that are told of, one of them the reader itself, and who tells. */
const IDS = ['a', 'b', 'c', 'd', 'me', 'x']
const SENDERS = ['b', 's']

interface Tale {
  readonly from: string
  readonly step: 1 | 2
  readonly beat: number
  readonly answers: number | undefined
  readonly isComplete: boolean
  readonly items: readonly object[]
}

const small = fc.nat({ max: 9 })
const id = fc.constantFrom(...IDS)
/** An entry that is nothing but numbers, as nearly all are. */
const plain: fc.Arbitrary<object> = fc.record({
  id,
  heartbeat: small,
  generation: fc.oneof({ weight: 30, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.constant(2) }),
  maxVersionSeen: fc.constantFrom(1, 1, 1, 1, 0, 2),
  gcVersion: fc.constantFrom(0, 0, 0, 0, 1),
})
const rare = fc.oneof(
  fc.tuple(id, fc.record({ heartbeat: small, silentMs: small })).map(([who, facts]) => entry(who, facts)),
  fc.tuple(id, fc.record({ maxVersionSeen: small, gcVersion: small })).map(([who, facts]) => entry(who, facts)),
  id.map((who) => entry(who, { left: true })),
  fc.tuple(id, small).map(([who, heartbeat]): object => ({ id: who, generation: 1, heartbeat, ageMs: 5 })),
  fc.tuple(id, small).map(([who, heartbeat]): object => ({ ...entry(who, { heartbeat }), old: true })),
  fc.tuple(id, fc.constantFrom(1, 2)).map(([who, gcVersion]): object => {
    const { transport: _transport, ...numbers } = { transport: '', ...entry(who, { gcVersion: gcVersion - 1 }) }
    return { ...numbers, ...(gcVersion === 1 ? { heartbeat: Number.MAX_SAFE_INTEGER } : {}) }
  }),
)
const item = fc.oneof({ weight: 20, arbitrary: plain }, { weight: 1, arbitrary: rare })
const idOf = (each: object): string => (each as { id: string }).id
const tale: fc.Arbitrary<Tale> = fc.record({
  from: fc.constantFrom(...SENDERS),
  step: fc.constantFrom<1 | 2>(1, 2),
  beat: small,
  answers: fc.constantFrom(undefined, 0, 1, 2),
  isComplete: fc.boolean(),
  items: fc.uniqueArray(item, { selector: idOf, minLength: 2, maxLength: 6 }),
})

/** Hears a tale with its items in the order of ids, which is read along columns, or against it, which is read item by item. */
function hear(
  pool: EnginePool,
  { from, step, beat: heartbeat, answers, isComplete, items }: Tale,
  isAlong: boolean,
): void {
  const sorted = items.filter((each) => idOf(each) !== from).sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
  const facts = {
    heartbeat,
    step,
    ...(answers === undefined ? {} : { answers }),
    ...(isComplete ? { claim: { from: null, to: null } } : {}),
  }
  tellDigest(pool, 'me', from, ownEntry(from, facts), ...(isAlong ? sorted : sorted.reverse()))
}

/** All there is to be seen of one process: what it knows, says and tells. */
function factsOf(pool: EnginePool): unknown {
  const engine = pool.engine('me')
  const inOrder = (list: unknown[]): string[] => list.map((each) => JSON.stringify(each)).sort()
  return {
    known: IDS.map((id) => engine.explain(id, pool.now)),
    said: pool.letters.splice(0).map(({ to, kind, text }) => [to, kind, inOrder(JSON.parse(text) as unknown[])]),
    told: inOrder(pool.process('me').events.splice(0) as EngineEvent[]),
  }
}

function newReader(): EnginePool {
  const pool = new EnginePool({ fanout: 1, deadPeerGracePeriodMs: 60_000 })
  pool.start('me', { generation: 1 })
  pool.pass(1_000)
  beat(pool, 'me', 's', 1)
  for (const who of ['a', 'b', 'c', 'd', 'x']) tellDeltas(pool, 'me', 's', group(who, [['key', 1, 1]]))
  pool.letters = []
  return pool
}

reading('a digest read along columns does what the same items do one by one', () => {
  checkProperty(
    fc.property(fc.array(tale, { maxLength: 25, size: 'max' }), (tales) => {
      const along = newReader()
      const against = newReader()
      for (const [index, each] of tales.entries()) {
        hear(along, each, true)
        hear(against, each, false)
        assert.equal(factsOf(along), factsOf(against))
        for (const pool of [along, against]) if (index % 5 === 4) pool.pass(7_000)
      }
    }),
    { numRuns: 250 },
  )
})

reading('a digest that names an id twice is answered with what is known once all of it is read', () => {
  const pool = newReader()
  beat(pool, 'me', 'b', 1)
  tellDeltas(pool, 'me', 'b', group('x', [['key', 1, 1]]))
  pool.letters = []
  const removal = { id: 'x', generation: 1, heartbeat: 9, ageMs: 0 }
  tellDigest(
    pool,
    'me',
    'b',
    ownEntry('b', { heartbeat: 2, step: 1 }),
    entry('x', { maxVersionSeen: 0, gcVersion: 0 }),
    removal,
  )
  assert.is(pool.engine('me').peer('x'), undefined)
  assert.is(
    pool.letters.filter(({ kind }) => kind === 'deltas').some(({ text }) => text.includes('"x"')),
    false,
  )
})

reading('the first heartbeat of a new life is no sample, along columns too', () => {
  const pool = newReader()
  const tell = (heartbeat: number, generation: number): void => {
    pool.pass(1_000)
    beat(pool, 'me', 'b', pool.now, entry('x', { generation, heartbeat }))
  }
  for (const heartbeat of [1, 2, 3]) tell(heartbeat, 1)
  const { samples } = pool.engine('me').explain('x', pool.now) ?? {}
  assert.is(samples, 1)
  tellDeltas(pool, 'me', 'b', group('x', [], { generation: 2, gcVersion: 1, maxVersion: 1, top: 1 }))
  tell(1, 2)
  assert.is(pool.engine('me').explain('x', pool.now)?.samples, 0)
  tell(2, 2)
  assert.is(pool.engine('me').explain('x', pool.now)?.samples, 1)
})

reading.run()
