/** Rules R17 to R21 of the design: heartbeats, detection, stalls, retirement. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { EnginePool } from '../../harness/engine-pool.ts'
import { beat, entry, ownEntry, tellDigest } from '../../harness/forge.ts'
import { VirtualCluster } from '../../harness/virtual-cluster.ts'

const rules = suite('rules of life')

function started(options: ConstructorParameters<typeof EnginePool>[0], ...names: string[]): EnginePool {
  const pool = new EnginePool(options)
  for (const name of names) pool.start(name)
  return pool
}

function status(pool: EnginePool, at: string, id: string): string | undefined {
  return pool.engine(at).explain(id, pool.now)?.status
}

function life(pool: EnginePool, at: string, id: string): string[] {
  return pool
    .process(at)
    .events.flatMap((event) =>
      'peerId' in event && event.peerId === id && event.type.startsWith('peer') ? [event.type] : [],
    )
}

/** A third party tells, once a second, that a peer's heartbeat rises. */
function keepAlive(pool: EnginePool, at: string, id: string, from: number, seconds: number): number {
  let heartbeat = from
  for (let i = 0; i < seconds; i++) {
    pool.pass(1_000)
    heartbeat++
    beat(pool, at, 'teller', pool.now, entry(id, { heartbeat }))
  }
  return heartbeat
}

rules('R17: a heartbeat rises once per own round and never by what is received', () => {
  const pool = started({}, 'a', 'b')
  pool.pass(10_000)
  const { heartbeat } = pool.engine('a')
  assert.ok(heartbeat >= 9 && heartbeat <= 13, `${heartbeat}`)
  for (let i = 0; i < 50; i++) pool.exchange('b', 'a')
  assert.is(pool.engine('a').heartbeat, heartbeat)
})

rules('R17: a rise is a sample whoever brought it; hearing from the peer itself is none', () => {
  const pool = started({}, 'a')
  const heartbeat = keepAlive(pool, 'a', 'c', 5, 40)
  assert.is(status(pool, 'a', 'c'), 'live')
  const samples = pool.engine('a').explain('c', pool.now)?.samples
  assert.is(samples, 38)
  for (let i = 0; i < 20; i++) beat(pool, 'a', 'c', heartbeat)
  assert.is(pool.engine('a').explain('c', pool.now)?.samples, samples)
  pool.pass(30_000)
  assert.is(status(pool, 'a', 'c'), 'dead')
})

rules('R18: a link that fails for long again and again is not called dead again and again', () => {
  const pool = started({ deadPeerGracePeriodMs: 86_400_000 }, 'a')
  let heartbeat = keepAlive(pool, 'a', 'c', 5, 20)
  for (let outage = 0; outage < 60; outage++) {
    pool.pass(25_000)
    beat(pool, 'a', 'teller', pool.now, entry('c', { heartbeat: ++heartbeat }))
  }
  const deaths = life(pool, 'a', 'c').filter((type) => type === 'peer dead').length
  assert.ok(deaths > 0 && deaths < 10, `${deaths} deaths in 60 outages`)
})

rules('R18: one outage of a day does not blind the detector', () => {
  const pool = started({ deadPeerGracePeriodMs: 864_000_000 }, 'a')
  const heartbeat = keepAlive(pool, 'a', 'c', 5, 20)
  pool.pass(86_400_000)
  beat(pool, 'a', 'teller', pool.now, entry('c', { heartbeat: heartbeat + 1 }))
  assert.is(status(pool, 'a', 'c'), 'live')
  assert.ok((pool.engine('a').explain('c', pool.now)?.timeoutMs ?? 0) < 30_000)
})

rules('R19: a first sighting is not life, one strict rise is', () => {
  const pool = started({}, 'a')
  beat(pool, 'a', 'teller', 1, entry('c', { heartbeat: 500 }))
  beat(pool, 'a', 'teller', 2, entry('c', { heartbeat: 500 }))
  beat(pool, 'a', 'teller', 3, entry('c', { heartbeat: 499 }))
  assert.is(status(pool, 'a', 'c'), 'unproven')
  beat(pool, 'a', 'teller', 4, entry('c', { heartbeat: 501 }))
  assert.is(status(pool, 'a', 'c'), 'live')
  assert.equal(life(pool, 'a', 'c'), ['peer live'])
})

rules('R19: a peer learned of by its group alone is not alive at the first heartbeat heard', () => {
  const pool = started({}, 'a')
  beat(pool, 'a', 'z', 1)
  const group = { id: 'c', generation: 1, from: 0, gcVersion: 0, maxVersion: 1, top: 1, transport: 'c', entries: [] }
  pool.input('a', (now) => pool.engine('a').receiveDeltas({ id: 'z', transport: 'z' }, [group], now))
  beat(pool, 'a', 'z', 2, entry('c', { heartbeat: 500 }))
  assert.is(status(pool, 'a', 'c'), 'unproven')
})

rules("R19: an unproven peer's silence counts from discovery", () => {
  const pool = started({}, 'a')
  beat(pool, 'a', 'teller', 1, entry('c', { heartbeat: 500 }))
  pool.pass(17_000)
  assert.is(status(pool, 'a', 'c'), 'unproven')
  pool.pass(4_000)
  assert.is(status(pool, 'a', 'c'), 'dead')
})

rules('R19: an entry of somebody who holds the peer dead creates it dead, and its rise revives nobody', () => {
  const pool = started({}, 'a')
  beat(pool, 'a', 'teller', 1, entry('c', { heartbeat: 500, silentMs: 60_000 }))
  assert.is(status(pool, 'a', 'c'), 'dead')
  beat(pool, 'a', 'teller', 2, entry('c', { heartbeat: 501, silentMs: 60_000 }))
  assert.is(status(pool, 'a', 'c'), 'dead')
  assert.is(pool.engine('a').peer('c')?.heartbeat, 501)
  beat(pool, 'a', 'teller', 3, entry('c', { heartbeat: 502 }))
  assert.is(status(pool, 'a', 'c'), 'live')
})

rules('R20: time in which this process did not run convicts nobody, even before the mail is read', () => {
  const cluster = new VirtualCluster(1)
  for (let i = 0; i < 10; i++) cluster.add(`p${i}`, ['p0'])
  cluster.run(60_000)
  cluster.stall('p3', 60_000)
  cluster.run(90_000)
  const convicted = cluster.node('p3').events.filter(({ event }) => event.type === 'peer dead')
  assert.equal(convicted, [])
  assert.ok(cluster.node('p0').events.some(({ event }) => event.type === 'peer dead' && event.peerId === 'p3'))
  for (const node of cluster.nodes.values()) {
    if (node.id !== 'p3') assert.is(node.engine.peer('p3')?.status, 'live', node.id)
  }
})

rules('R20: a stall that is cut into pieces convicts nobody either', () => {
  const pool = started({}, 'a')
  const heartbeat = keepAlive(pool, 'a', 'c', 5, 30)
  for (let i = 0; i < 20; i++) {
    pool.now += 5_000
    pool.input('a', (now) => pool.engine('a').tick(now))
  }
  assert.is(status(pool, 'a', 'c'), 'live')
  beat(pool, 'a', 'teller', 1e6, entry('c', { heartbeat: heartbeat + 1 }))
  assert.is(status(pool, 'a', 'c'), 'live')
})

rules('R20: after a long stall the mail that waited is read before anybody is judged', () => {
  const pool = started({}, 'a')
  keepAlive(pool, 'a', 'c', 5, 30)
  pool.pass(18_000)
  pool.now += 60_000
  pool.input('a', (now) => pool.engine('a').tick(now))
  assert.is(status(pool, 'a', 'c'), 'live', 'not judged in the round of waking')
  beat(pool, 'a', 'teller', 1e6, entry('c', { heartbeat: 99 }))
  pool.pass(3_000)
  assert.is(status(pool, 'a', 'c'), 'live')
})

rules('R21: after a long stall the mail that waited is read before anybody is removed', () => {
  const pool = started({ deadPeerGracePeriodMs: 60_000 }, 'a')
  beat(pool, 'a', 'teller', 1, entry('c', { heartbeat: 5, silentMs: 1_000 }))
  pool.now += 90_000
  pool.input('a', (now) => pool.engine('a').tick(now))
  assert.is(status(pool, 'a', 'c'), 'dead')
  beat(pool, 'a', 'teller', 2, entry('c', { heartbeat: 6 }))
  pool.pass(3_000)
  assert.is(status(pool, 'a', 'c'), 'live')
})

rules(
  'R21: whoever creates a peer dead, or holds it so, takes the larger silence, so that it is retired everywhere at once',
  () => {
    const pool = started({ deadPeerGracePeriodMs: 100_000 }, 'a')
    beat(pool, 'a', 'teller', 1, entry('c', { heartbeat: 5, silentMs: 30_000 }))
    assert.is(pool.engine('a').explain('c', pool.now)?.silentMs, 30_000)
    beat(pool, 'a', 'teller', 2, entry('c', { heartbeat: 5, silentMs: 90_000 }))
    beat(pool, 'a', 'teller', 3, entry('c', { heartbeat: 5, silentMs: 20_000 }))
    beat(pool, 'a', 'teller', 4, entry('c', { heartbeat: 4, silentMs: 99_999 }))
    pool.pass(8_500)
    assert.is(status(pool, 'a', 'c'), 'dead')
    pool.pass(3_000)
    assert.is(status(pool, 'a', 'c'), 'removed')
  },
)

rules('R21: newcomers do not start the grace of a dead peer again, and all retire it at once', () => {
  const pool = started({ deadPeerGracePeriodMs: 60_000, seeds: ['a'] }, 'a', 'b', 'c')
  pool.live(5_000)
  pool.crash('b')
  const crashedAt = pool.now
  for (let i = 0; i < 5; i++) {
    pool.live(10_000)
    pool.start(`new-${i}`)
  }
  pool.live(8_500)
  const others = [...pool.processes.keys()].filter((name) => name !== 'b')
  for (const name of others) assert.is(status(pool, name, 'b'), 'dead', name)
  pool.live(4_500)
  assert.ok(pool.now - crashedAt < 60_000 + 4_000)
  for (const name of others) assert.is(status(pool, name, 'b'), 'removed', name)
})

rules('R21: only a newer (generation, heartbeat) brings a retired peer back', () => {
  const pool = started({ deadPeerGracePeriodMs: 60_000 }, 'a')
  beat(pool, 'a', 'teller', 1, { id: 'c', generation: 3, heartbeat: 9, ageMs: 0 })
  beat(pool, 'a', 'teller', 2, entry('c', { generation: 3, heartbeat: 9 }))
  beat(pool, 'a', 'teller', 3, entry('c', { generation: 2, heartbeat: 99 }))
  assert.is(status(pool, 'a', 'c'), 'removed')
  beat(pool, 'a', 'teller', 4, entry('c', { generation: 3, heartbeat: 10 }))
  assert.is(status(pool, 'a', 'c'), 'unproven')
})

rules(
  'R21: a record is adopted by whoever knows nothing newer, told once with its keys, and expires a grace later',
  () => {
    const pool = started({ deadPeerGracePeriodMs: 60_000 }, 'a')
    beat(pool, 'a', 'teller', 1, entry('c', { heartbeat: 9 }))
    const group = { id: 'c', generation: 1, from: 0, gcVersion: 0, maxVersion: 1, top: 1, entries: [['x', 1, 1]] }
    pool.input('a', (now) => pool.engine('a').receiveDeltas({ id: 'teller', transport: 'z' }, [group], now))
    beat(pool, 'a', 'teller', 2, { id: 'c', generation: 1, heartbeat: 8, ageMs: 10_000 })
    assert.is(status(pool, 'a', 'c'), 'unproven', 'the record is older than what is known')
    beat(pool, 'a', 'teller', 3, { id: 'c', generation: 1, heartbeat: 9, ageMs: 10_000 })
    beat(pool, 'a', 'teller', 4, { id: 'c', generation: 1, heartbeat: 9, ageMs: 10_000 })
    assert.equal(pool.process('a').told('peer removed'), [{ type: 'peer removed', peerId: 'c', keys: ['x'] }])
    pool.pass(48_000)
    assert.is(status(pool, 'a', 'c'), 'removed')
    pool.pass(4_000)
    assert.is(status(pool, 'a', 'c'), undefined)
    beat(pool, 'a', 'teller', 5, { id: 'c', generation: 1, heartbeat: 9, ageMs: 60_000 })
    assert.is(status(pool, 'a', 'c'), undefined, 'a record at its end is not adopted again')
  },
)

rules('R21: whoever still lists a retired peer is told of its removal', () => {
  const pool = started({ deadPeerGracePeriodMs: 60_000 }, 'a')
  beat(pool, 'a', 'teller', 1, { id: 'c', generation: 3, heartbeat: 9, ageMs: 1_000 })
  pool.letters = []
  tellDigest(pool, 'a', 'late', ownEntry('late', { step: 1 }), entry('c', { generation: 3, heartbeat: 9 }))
  const items = pool.letters.flatMap(({ text }) => JSON.parse(text) as { id?: string }[])
  assert.equal(
    items.find(({ id }) => id === 'c'),
    { id: 'c', generation: 3, heartbeat: 9, ageMs: 1_000 },
  )
})

rules.run()
