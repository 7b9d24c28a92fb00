/** Rules R1 to R7 of the design: state and identity. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue } from '../../../src/core/index.ts'
import { EnginePool } from '../../harness/engine-pool.ts'
import { beat, entry, group, ownEntry, tellDeltas, tellDigest } from '../../harness/forge.ts'

const rules = suite('rules of state')

function started(options: ConstructorParameters<typeof EnginePool>[0], ...names: string[]): EnginePool {
  const pool = new EnginePool(options)
  for (const name of names) pool.start(name)
  return pool
}

/** Makes a process believe that its id was seen with a higher generation, so that it takes over. */
function takeOver(pool: EnginePool, name: string): void {
  const generation = pool.engine(name).generation + 1
  tellDigest(pool, name, 'stranger', ownEntry('stranger'), entry(name, { generation }))
}

function standing(pool: EnginePool, at: string, id: string): readonly (number | undefined)[] {
  const facts = pool.engine(at).explain(id, pool.now)
  return [facts?.generation, facts?.gcVersion, facts?.maxVersionSeen]
}

rules('R1: a new life numbers its live entries from 1, drops tombstones and has collected up to its beginning', () => {
  const pool = started({}, 'a')
  for (const key of ['x', 'y', 'z']) pool.set('a', key, key)
  pool.set('a', 'x', 'again')
  pool.delete('a', 'z')
  takeOver(pool, 'a')
  const { ownMap } = pool.engine('a')
  assert.equal(
    [...ownMap.entriesAfter(0)].map(({ key, version }) => [key, version]),
    [
      ['y', 1],
      ['x', 2],
    ],
  )
  assert.equal([ownMap.gcVersion, ownMap.maxVersionSeen], [2, 2])
})

rules('R1: an empty life has a first group, so that others learn that the keys of the former one are gone', () => {
  const pool = started({}, 'a', 'b')
  pool.set('a', 'x', 1)
  pool.exchange('b', 'a')
  pool.start('a')
  pool.exchange('a', 'b')
  assert.equal(standing(pool, 'b', 'a').slice(1), [1, 1])
  assert.equal(pool.read('b', 'a'), {})
})

rules('R1: the old map stays readable, marked stale, until the new one is complete', () => {
  const pool = started({ deltaBytesMax: 512 }, 'a', 'b')
  for (let i = 0; i < 20; i++) pool.set('a', `k${i}`, 'x'.repeat(60))
  for (let i = 0; i < 20; i++) pool.exchange('b', 'a')
  const before = pool.read('b', 'a')
  assert.is(Object.keys(before).length, 20)
  takeOver(pool, 'a')
  pool.set('a', 'new', 1)
  let partial = 0
  for (let i = 0; pool.read('b', 'a')['new'] === undefined && i < 40; i++) {
    assert.equal(pool.read('b', 'a'), before)
    if (pool.engine('b').explain('a', pool.now)?.isStale === true) partial++
    pool.exchange('b', 'a')
  }
  assert.ok(partial >= 2, 'the new life came in several messages')
  assert.equal(pool.read('b', 'a'), { ...before, new: 1 })
})

rules('S2.23 R2: setting a deep-equal value takes no version and sends nothing', () => {
  const pool = started({}, 'a', 'b')
  pool.set('a', 'x', { list: [1, { y: null }] })
  pool.exchange('b', 'a')
  pool.exchange('b', 'a')
  const { maxVersionSeen } = pool.engine('a').ownMap
  const { deltasSent } = pool.engine('a').stats
  assert.not(pool.set('a', 'x', { list: [1, { y: null }] }))
  pool.exchange('b', 'a')
  assert.is(pool.engine('a').ownMap.maxVersionSeen, maxVersionSeen)
  assert.is(pool.engine('a').stats.deltasSent, deltasSent)
})

rules('R2: a reset does not renew a lease that readers have seen lapse', () => {
  const pool = started({}, 'a')
  const lease = (rest: number): unknown => ['k', 1, 3, rest]
  beat(pool, 'a', 'c', 1)
  tellDeltas(pool, 'a', 'c', group('c', [lease(2_000)], { maxVersion: 3, top: 3 }))
  assert.equal(pool.read('a', 'c'), { k: 1 })
  pool.pass(3_000)
  assert.equal(pool.read('a', 'c'), {})
  const told = pool.process('a').events.length
  tellDeltas(pool, 'a', 'c', group('c', [lease(60_000), ['m', 2, 9]], { gcVersion: 8, maxVersion: 9, top: 9 }))
  assert.equal(pool.read('a', 'c'), { m: 2 })
  assert.not(
    pool
      .process('a')
      .events.slice(told)
      .some((event) => event.type === 'update' && event.key === 'k'),
  )
})

rules('R2: a lease travels as its rest, so that no join by way of others renews it', () => {
  const pool = started({}, 'a', 'b')
  pool.set('a', 'x', 1, 10_000)
  pool.exchange('b', 'a')
  pool.crash('a')
  for (const [from, to] of [
    ['c', 'b'],
    ['d', 'c'],
    ['e', 'd'],
  ] as const) {
    pool.pass(2_000)
    pool.start(from)
    pool.exchange(from, to)
    assert.equal(pool.read(from, 'a'), { x: 1 })
  }
  pool.pass(4_000)
  for (const name of ['b', 'c', 'd', 'e']) assert.equal(pool.read(name, 'a'), {}, name)
})

rules('R3: maxVersionSeen rises only as far as a cut message vouches for', () => {
  const pool = started({ deltaBytesMax: 512 }, 'a', 'b')
  for (let i = 0; i < 20; i++) pool.set('a', `k${i}`, 'x'.repeat(40))
  for (let round = 0; round < 20; round++) {
    pool.exchange('b', 'a')
    const copy = pool.engine('b').peer('a')?.map
    const owned = [...pool.engine('a').ownMap.entriesAfter(0)].map((each) => each.version)
    const held = [...(copy?.entriesAfter(0) ?? [])].map((each) => each.version)
    assert.equal(
      held,
      owned.filter((version) => version <= (copy?.maxVersionSeen ?? 0)),
    )
  }
  assert.is(pool.engine('b').peer('a')?.map.size, 20)
})

rules('R4: (generation, gcVersion, maxVersionSeen) never steps down, whatever old letters come', () => {
  const pool = started({ deltaBytesMax: 600, tombstoneGraceMs: 100 }, 'a', 'b', 'c')
  const archive: typeof pool.letters = []
  pool.onSend = (letter) => archive.push(letter)
  for (let i = 0; i < 60; i++) {
    pool.set('a', `k${i % 9}`, `${i}${'x'.repeat(30)}`)
    if (i % 4 === 0) pool.delete('a', `k${(i * 5) % 9}`)
    if (i % 25 === 24) takeOver(pool, 'a')
    pool.pass(300)
    pool.exchange(i % 2 === 0 ? 'b' : 'c', i % 3 === 0 ? 'a' : i % 2 === 0 ? 'c' : 'b')
  }
  let last = standing(pool, 'b', 'a')
  for (const letter of archive.reverse()) {
    if (letter.to === 'b') pool.deliver(letter)
    const next = standing(pool, 'b', 'a')
    const change = next.map((value, index) => (value ?? 0) - (last[index] ?? 0)).find((value) => value !== 0) ?? 0
    assert.ok(change >= 0, `${last} went down to ${next}`)
    last = next
  }
})

rules('R4: a snapshot that comes again is no reason to start over', () => {
  const pool = started({}, 'a', 'b')
  pool.set('a', 'x', 1)
  const archive: typeof pool.letters = []
  pool.onSend = (letter) => archive.push(letter)
  pool.exchange('b', 'a')
  pool.set('a', 'y', 1)
  pool.exchange('b', 'a')
  const last = standing(pool, 'b', 'a')
  for (const letter of archive) {
    if (letter.to === 'b') pool.deliver(letter)
    assert.equal(standing(pool, 'b', 'a'), last)
  }
  assert.equal(pool.read('b', 'a'), { x: 1, y: 1 })
})

for (const limit of [{ deltaBytesMax: 1_000 }, { deltasMax: 12 }]) {
  rules(`R5: a joiner catches up while deletions go on, though messages are small (${JSON.stringify(limit)})`, () => {
    const pool = started({ ...limit, tombstoneGraceMs: 500, fanout: 1 }, 'a')
    for (let i = 0; i < 150; i++) pool.set('a', `k${i}`, 'x'.repeat(50))
    pool.start('b', { options: { seeds: ['a'] } })
    let rounds = 0
    for (; rounds < 90 && pool.read('b', 'a')['k149'] === undefined; rounds++) {
      pool.set('a', `busy${rounds}`, 1)
      pool.delete('a', `busy${rounds}`)
      pool.live(1_000)
    }
    assert.ok(rounds < 60, `${rounds} rounds`)
  })
}

rules('R5: a replica adopts gcVersion only when its own copy has reached it', () => {
  const pool = started({ tombstoneGraceMs: 100 }, 'a', 'b', 'c')
  pool.set('a', 'x', 1)
  pool.set('a', 'y', 1)
  pool.exchange('b', 'a')
  pool.delete('a', 'x')
  pool.pass(3_500)
  assert.is(pool.engine('a').ownMap.gcVersion, pool.engine('a').ownMap.maxVersionSeen)
  pool.letters = []
  pool.exchange('c', 'b')
  assert.equal(standing(pool, 'c', 'a'), standing(pool, 'b', 'a'))
  pool.exchange('c', 'a')
  assert.equal(standing(pool, 'c', 'a'), standing(pool, 'a', 'a'))
  assert.equal(pool.read('c', 'a'), { y: 1 })
})

rules('R6: a reset is not seen by readers: no key that was never deleted is ever missing', () => {
  const pool = started({ deltaBytesMax: 512, tombstoneGraceMs: 100 }, 'a', 'b')
  for (let i = 0; i < 12; i++) pool.set('a', `k${i}`, 'x'.repeat(60))
  for (let i = 0; i < 9; i++) pool.exchange('b', 'a')
  assert.is(Object.keys(pool.read('b', 'a')).length, 12)
  pool.crash('b')
  for (let i = 0; i < 6; i++) pool.set('a', `k${i}`, 'y'.repeat(60))
  pool.delete('a', 'k11')
  pool.pass(8_000)
  for (let i = 4; i < 11; i++) pool.set('a', `k${i}`, 'z'.repeat(60))
  pool.process('b').isUp = true
  assert.ok(pool.engine('a').ownMap.gcVersion > (standing(pool, 'b', 'a')[2] ?? 0), 'b must start over')
  let partial = 0
  for (let i = 0; i < 12; i++) {
    pool.exchange('b', 'a')
    const seen = Object.keys(pool.read('b', 'a')).filter((key) => key !== 'k11')
    assert.is(seen.length, 11, `after ${i + 1} messages`)
    if (pool.engine('b').explain('a', pool.now)?.isStale === true) partial++
  }
  assert.ok(partial >= 2, 'it was a reset in several messages')
  assert.equal(pool.read('b', 'a'), pool.read('a', 'a'))
})

rules('R6: what is told of a reset is one batch: sets and deletes that differ', () => {
  const pool = started({ tombstoneGraceMs: 100 }, 'a', 'b')
  for (const key of ['same', 'other', 'lost']) pool.set('a', key, 1)
  pool.exchange('b', 'a')
  pool.crash('b')
  pool.delete('a', 'lost')
  pool.set('a', 'other', 2)
  pool.set('a', 'doomed', 2)
  pool.delete('a', 'doomed')
  pool.pass(3_000)
  pool.process('b').isUp = true
  pool.process('b').events.length = 0
  pool.letters = []
  pool.exchange('b', 'a')
  const told = pool.process('b').events.filter(({ type }) => type === 'update' || type === 'delete')
  assert.equal(told, [
    { type: 'delete', peerId: 'a', key: 'lost' },
    { type: 'update', peerId: 'a', key: 'other', value: 2 },
  ])
})

rules('R7: what JSON cannot say is refused with a coded error, and nothing is written', () => {
  const pool = started({}, 'a')
  const cycle: unknown[] = []
  cycle.push(cycle)
  const bad = [
    undefined,
    1n,
    () => 1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    cycle,
    new Date(0),
    new Map(),
    '\ud800',
    { '\udc00': 1 },
  ]
  for (const value of bad) {
    const write = (): boolean => pool.set('a', 'x', value as JsonValue)
    assert.throws(write, (error: { code?: string }) => error.code === 'GOSSIP_VALUE_INVALID', String(typeof value))
  }
  assert.is(pool.engine('a').ownMap.size, 0)
})

rules('R7: values are deep-frozen copies on both sides', () => {
  const pool = started({}, 'a', 'b')
  const value = { list: [{ x: 1 }] }
  pool.set('a', 'x', value)
  value.list[0] = { x: 2 }
  pool.exchange('b', 'a')
  for (const name of ['a', 'b']) {
    const read = pool.read(name, 'a')['x'] as { list: { x: number }[] }
    assert.equal(read, { list: [{ x: 1 }] })
    assert.ok(Object.isFrozen(read) && Object.isFrozen(read.list) && Object.isFrozen(read.list[0]))
  }
})

rules('R7: ids, keys and fields named like parts of every object are ordinary', () => {
  const names = ['__proto__', 'constructor', 'toString']
  const pool = started({}, ...names)
  const value = JSON.parse('{"__proto__":{"polluted":1},"constructor":[],"toString":2}') as JsonValue
  for (const name of names) for (const key of names) pool.set(name, key, value)
  pool.exchange('__proto__', 'constructor')
  pool.exchange('constructor', 'toString')
  for (const key of names) {
    assert.is(JSON.stringify(pool.engine('toString').read('__proto__', key, 0)?.value), JSON.stringify(value))
  }
  assert.is(({} as { polluted?: number }).polluted, undefined)
})

rules.run()
