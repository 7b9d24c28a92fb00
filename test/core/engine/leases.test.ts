import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { EngineEvent } from '../../../src/core/index.ts'
import { EnginePool } from '../../harness/engine-pool.ts'

const leases = suite('engine leases')

function started(...names: string[]): EnginePool {
  const pool = new EnginePool({ fanout: 1 })
  for (const name of names) pool.start(name)
  return pool
}

/** What a process told of one id's keys, without the rest. */
function keyEvents(pool: EnginePool, name: string, id: string): string[] {
  return pool
    .process(name)
    .events.flatMap((event: EngineEvent) =>
      (event.type === 'update' || event.type === 'delete') && event.peerId === id ? [`${event.type} ${event.key}`] : [],
    )
}

leases('an owner writes a tombstone when a lease lapses, and tells it once', () => {
  const pool = started('a')
  pool.set('a', 'x', 1, 500)
  pool.pass(499)
  assert.equal(pool.read('a', 'a'), { x: 1 })
  pool.pass(1)
  assert.equal(pool.read('a', 'a'), {})
  assert.is([...pool.engine('a').ownMap.entriesAfter(0)][0]?.isTombstone, true)
  assert.equal(keyEvents(pool, 'a', 'a'), ['update x', 'delete x'])
})

leases('a copy lapses by itself, at the time of the owner, though the owner is dead', () => {
  const pool = started('a', 'b')
  pool.set('a', 'x', 1, 5_000)
  pool.pass(1_000)
  pool.exchange('b', 'a')
  pool.crash('a')
  pool.pass(3_999)
  assert.equal(pool.read('b', 'a'), { x: 1 })
  pool.pass(1)
  assert.equal(pool.read('b', 'a'), {})
  assert.equal(keyEvents(pool, 'b', 'a'), ['update x', 'delete x'])
})

leases('joining late, by way of somebody else, renews nothing', () => {
  const pool = started('a', 'b')
  pool.set('a', 'x', 1, 5_000)
  pool.exchange('b', 'a')
  pool.crash('a')
  pool.pass(4_000)
  pool.start('c')
  pool.exchange('c', 'b')
  assert.equal(pool.read('c', 'a'), { x: 1 })
  pool.pass(999)
  assert.equal(pool.read('c', 'a'), { x: 1 })
  pool.pass(1)
  assert.equal(pool.read('c', 'a'), {})
})

leases('a lapsed entry of a dead owner is passed on and never read or told', () => {
  const pool = started('a', 'b')
  pool.set('a', 'x', 1, 5_000)
  pool.exchange('b', 'a')
  pool.crash('a')
  pool.pass(6_000)
  pool.start('c')
  pool.exchange('c', 'b')
  pool.pass(1_000)
  assert.equal(pool.read('c', 'a'), {})
  assert.equal(keyEvents(pool, 'c', 'a'), [])
  assert.is(pool.engine('c').explain('a', pool.now)?.entries, 1)
})

leases('a renewal that arrives is a renewal; one that does not, is none', () => {
  const pool = started('a', 'b')
  pool.set('a', 'x', 1, 3_000)
  pool.exchange('b', 'a')
  pool.pass(2_000)
  pool.set('a', 'x', 1, 3_000)
  pool.exchange('b', 'a')
  pool.pass(2_999)
  assert.equal(pool.read('b', 'a'), { x: 1 })
  pool.set('a', 'x', 1, 3_000)
  pool.letters.length = 0
  pool.crash('a')
  pool.pass(1)
  assert.equal(pool.read('b', 'a'), {})
})

leases('a deletion that arrives after the lapse and before the next tick is told, once', () => {
  const pool = started('a', 'b')
  pool.set('a', 'x', 1, 5_000)
  pool.exchange('b', 'a')
  pool.now += 5_000
  pool.delete('a', 'x')
  pool.exchange('b', 'a')
  pool.pass(10)
  assert.equal(keyEvents(pool, 'b', 'a'), ['update x', 'delete x'])
})

leases('an entry that comes lapsed in the place of one that was read is told as deleted once', () => {
  const pool = started('a', 'b', 'c')
  pool.set('a', 'x', 1)
  pool.exchange('b', 'a')
  pool.exchange('c', 'a')
  pool.set('a', 'x', 1, 1_000)
  pool.exchange('c', 'a')
  pool.crash('a')
  pool.pass(1_500)
  pool.exchange('b', 'c')
  pool.pass(100)
  assert.equal(keyEvents(pool, 'b', 'a'), ['update x', 'delete x'])
})

leases('a takeover keeps the end of a lease', () => {
  const pool = started('a', 'b')
  pool.set('a', 'x', 1, 5_000)
  pool.pass(2_000)
  const former = pool.engine('a').generation
  const news = { id: 'a', maxVersionSeen: 1, generation: former + 9, heartbeat: 1, gcVersion: 1 }
  const own = { id: 'b', maxVersionSeen: 1, transport: 'b', generation: 1, heartbeat: 1, gcVersion: 1 }
  const digest = [{ ...own, clusterId: 'gossipmonger', step: 2 }, news]
  pool.input('a', (now) => pool.engine('a').receiveDigest({ id: 'b', transport: 'b' }, digest, now))
  assert.ok(pool.engine('a').generation > former + 9)
  pool.exchange('b', 'a')
  pool.pass(2_999)
  assert.equal(pool.read('b', 'a'), { x: 1 })
  pool.pass(1)
  assert.equal([pool.read('a', 'a'), pool.read('b', 'a')], [{}, {}])
})

leases('while a newer map is on its way the leases of the old one lapse all the same', () => {
  const pool = started('a', 'b')
  pool.set('a', 'x', 1, 2_000)
  pool.exchange('b', 'a')
  const sender = { id: 'a', transport: 'a' }
  const generation = pool.engine('a').generation + 1
  const group = { id: 'a', generation, from: 0, gcVersion: 3, maxVersion: 1, top: 3, entries: [['y', 1, 1]] }
  pool.input('b', (now) => pool.engine('b').receiveDeltas(sender, [group], now))
  assert.equal(pool.read('b', 'a'), { x: 1 })
  pool.pass(2_000)
  assert.equal(pool.read('b', 'a'), {})
  assert.equal(keyEvents(pool, 'b', 'a'), ['update x', 'delete x'])
})

leases('a retired peer is forgotten with its leases, however long they would have lasted', () => {
  const pool = new EnginePool({ fanout: 1, deadPeerGracePeriodMs: 30_000 })
  pool.start('a')
  pool.start('b')
  pool.set('a', 'x', 1, 2 ** 43)
  pool.exchange('b', 'a')
  const map = pool.engine('b').peer('a')?.map
  pool.crash('a')
  pool.pass(60_000)
  assert.is(pool.engine('b').peer('a'), undefined)
  assert.is(map?.size, 0)
})

leases('a stall lengthens no lease', () => {
  const pool = started('a', 'b')
  pool.set('a', 'x', 1, 5_000)
  pool.exchange('b', 'a')
  pool.now += 60_000
  pool.input('b', (now) => pool.engine('b').tick(now))
  assert.equal(pool.read('b', 'a'), {})
})

leases.run()
