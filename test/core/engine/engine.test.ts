import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Engine, resolveEngineOptions } from '../../../src/core/index.ts'
import { EnginePool } from '../../harness/engine-pool.ts'

const engine = suite('engine')

/** Two processes that know each other. */
function pair(options: Parameters<typeof resolveEngineOptions>[0] = {}): EnginePool {
  const pool = new EnginePool(options)
  pool.start('a')
  pool.start('b')
  pool.exchange('a', 'b')
  return pool
}

function newEngine(options: Parameters<typeof resolveEngineOptions>[0] = {}): Engine {
  return new Engine({ id: 'a', generation: 5, options: resolveEngineOptions(options), random: () => 0.5 })
}

engine('S2.25 S3.29 an exchange brings both sides level', () => {
  const pool = pair()
  pool.set('a', 'x', [1])
  pool.set('b', 'y', { z: null })
  pool.exchange('a', 'b')
  assert.equal(pool.read('a', 'b'), { y: { z: null } })
  assert.equal(pool.read('b', 'a'), { x: [1] })
})

engine('before it is started it answers nobody, for its numbers are not final yet', () => {
  const pool = new EnginePool()
  pool.start('b')
  const waiting = newEngine()
  waiting.set('x', 1, {}, 0)
  pool.ask('b', 'a')
  const digest: unknown = JSON.parse(pool.letters[0]?.text ?? '')
  waiting.receiveDigest({ id: 'b', transport: 'b' }, digest, 0)
  assert.equal(waiting.takeMessages(), [])
  assert.equal(waiting.peers(), [])
})

engine('a value may be set before the start and travels after it', () => {
  const pool = new EnginePool()
  pool.start('b')
  const early = newEngine()
  early.set('x', 1, {}, 0)
  early.set('y', 1, {}, 0)
  early.delete('x', 0)
  early.start({ generation: 5, transport: 'a' }, 0)
  assert.equal([early.ownMap.generation, early.ownMap.gcVersion, early.ownMap.maxVersionSeen], [5, 1, 1])
})

engine('tick does nothing before the deadline and a round at it', () => {
  const pool = new EnginePool()
  const { engine: tested } = pool.start('a')
  assert.is(tested.deadline, 0)
  pool.input('a', () => tested.tick(0))
  const due = tested.deadline
  assert.ok(due > 0 && due < 1_000, 'the first wait is any part of an interval')
  pool.input('a', () => tested.tick(due - 1))
  assert.is(tested.heartbeat, 1)
  pool.input('a', () => tested.tick(due))
  assert.is(tested.heartbeat, 2)
})

engine('a stopped engine hears and says nothing and wants nothing', () => {
  const pool = pair()
  const { engine: stopped } = pool.process('b')
  stopped.stop()
  pool.set('a', 'x', 1)
  pool.exchange('a', 'b')
  assert.is(stopped.deadline, Number.POSITIVE_INFINITY)
  assert.equal(pool.read('b', 'a'), {})
  assert.is(pool.engine('a').stats.digestsReceived, 1, 'no answer but the one of the first exchange')
})

engine('malformed messages are counted, told, and change nothing', () => {
  const pool = pair()
  const sender = { id: 'a', transport: 'a' }
  for (const bad of [null, 'text', [1], {}, [{ id: 'a' }]]) {
    pool.input('b', (now) => pool.engine('b').receiveDigest(sender, bad, now))
    pool.input('b', (now) => pool.engine('b').receiveDeltas(sender, bad, now))
  }
  assert.is(pool.engine('b').stats.messagesRefused, 10)
  const codes = pool
    .process('b')
    .told('error')
    .map(({ error }) => (error as { code?: string }).code)
  assert.equal(new Set(codes), new Set(['GOSSIP_MESSAGE_MALFORMED']))
  assert.is(codes.length, 10)
})

engine('own writes are told as updates and deletes', () => {
  const pool = new EnginePool()
  pool.start('a')
  pool.set('a', 'x', 1)
  pool.set('a', 'x', 1)
  pool.delete('a', 'x')
  pool.delete('a', 'x')
  const told = pool.process('a').events.filter(({ type }) => type === 'update' || type === 'delete')
  assert.equal(told, [
    { type: 'update', peerId: 'a', key: 'x', value: 1 },
    { type: 'delete', peerId: 'a', key: 'x' },
  ])
})

engine('keys that are no names are refused', () => {
  const tested = newEngine()
  for (const key of ['', 'x'.repeat(257), '\ud800', 3, null, undefined, {}]) {
    const isRefusal = (error: { code?: string }): boolean => error.code === 'GOSSIP_VALUE_INVALID'
    assert.throws(() => tested.set(key as string, 1, {}, 0), isRefusal)
    assert.throws(() => tested.delete(key as string, 0), isRefusal)
  }
})

engine('a value over the limit of the cluster, or of any message, is refused', () => {
  const isTooLarge = (error: { code?: string }): boolean => error.code === 'GOSSIP_VALUE_TOO_LARGE'
  assert.throws(() => newEngine({ valueBytesMax: 10 }).set('x', 'x'.repeat(9), {}, 0), isTooLarge)
  assert.ok(newEngine({ valueBytesMax: 10 }).set('x', 'x'.repeat(8), {}, 0))
  assert.throws(() => newEngine({ deltaBytesMax: 1_000 }).set('x', 'x'.repeat(900), {}, 0), isTooLarge)
})

engine('a value that is accepted fits a message, however large its numbers and its address', () => {
  const pool = new EnginePool({ deltaBytesMax: 1_000 })
  pool.start('a', { generation: 2 ** 52 })
  pool.start('b')
  let length = 1_000
  for (; length > 0; length--) {
    try {
      pool.set('a', 'k"', 'x'.repeat(length), 2 ** 43)
      break
    } catch {}
  }
  assert.ok(length > 700, `${length}`)
  pool.exchange('b', 'a')
  assert.equal(Object.keys(pool.read('b', 'a')), ['k"'])
})

engine('the own map never exceeds its limit, keys and versions counted, so that every copy has room for it', () => {
  const pool = new EnginePool({ mapBytesMax: 2_000 })
  pool.start('a')
  pool.start('b')
  const isFull = (error: { code?: string }): boolean => error.code === 'GOSSIP_CAPACITY_REACHED'
  assert.throws(() => {
    for (let i = 0; i < 100; i++) pool.set('a', `${i}-${'k'.repeat(200)}`, 1)
  }, isFull)
  const { bytes } = pool.engine('a').ownMap
  assert.ok(bytes > 1_700 && bytes <= 2_000, `${bytes}`)
  pool.exchange('b', 'a')
  assert.equal(pool.read('b', 'a'), pool.read('a', 'a'))
})

engine('in a full map a value can still be replaced by one of its size', () => {
  const tested = newEngine({ mapBytesMax: 1_024 })
  tested.set('x', 'a'.repeat(900), {}, 0)
  assert.ok(tested.set('x', 'b'.repeat(900), {}, 0))
  assert.throws(() => tested.set('y', 'b'.repeat(900), {}, 0), /full/)
})

engine('an unknown peer has no keys and no explanation', () => {
  const tested = newEngine()
  assert.equal(tested.readAll('constructor', 0), [])
  assert.is(tested.read('__proto__', 'x', 0), undefined)
  assert.is(tested.explain('nobody', 0), undefined)
})

engine('a table of peers that is full takes nobody in, and says so once an interval', () => {
  const pool = new EnginePool()
  pool.start('a', { options: { peersMax: 2 } })
  for (const name of ['b', 'c', 'd', 'e', 'f', 'g']) {
    pool.start(name)
    pool.exchange('b', name)
  }
  pool.process('a').events.length = 0
  pool.exchange('b', 'a')
  assert.is(pool.engine('a').peers().length, 2)
  const errors = pool
    .process('a')
    .told('error')
    .map(({ error }) => (error as { code?: string }).code)
  assert.ok(errors.length === 1, `${errors.length} errors`)
  assert.equal(new Set(errors), new Set(['GOSSIP_CAPACITY_REACHED']))
})

engine("an embedder's order that throws does not stop the gossip", () => {
  const pool = new EnginePool()
  const order = (): number => {
    throw new Error('mine')
  }
  pool.start('a', { options: { order } })
  pool.start('b')
  pool.set('a', 'x', 1)
  pool.exchange('b', 'a')
  assert.equal(pool.read('b', 'a'), { x: 1 })
})

engine.run()
