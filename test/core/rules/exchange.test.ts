/** Rules R8 to R13 of the design: the exchange. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { EnginePool, type Letter } from '../../harness/engine-pool.ts'
import { beat, entry, group, ownEntry, tellDeltas, tellDigest } from '../../harness/forge.ts'

const rules = suite('rules of exchange')

function started(options: ConstructorParameters<typeof EnginePool>[0], ...names: string[]): EnginePool {
  const pool = new EnginePool(options)
  for (const name of names) pool.start(name)
  return pool
}

/** Letters of one exchange. */
function record(pool: EnginePool, use: () => void): Letter[] {
  const letters: Letter[] = []
  pool.onSend = (letter) => letters.push(letter)
  use()
  pool.onSend = () => {}
  return letters
}

function payload(letter: Letter | undefined): Record<string, unknown>[] {
  return JSON.parse(letter?.text ?? '[]') as Record<string, unknown>[]
}

function groupsIn(letters: readonly Letter[]): string[] {
  return letters
    .filter(({ kind }) => kind === 'deltas')
    .flatMap((letter) => payload(letter).map((each) => each['id'] as string))
}

function codes(pool: EnginePool, name: string): (string | undefined)[] {
  return pool
    .process(name)
    .told('error')
    .map(({ error }) => (error as { code?: string }).code)
}

rules('R8: the state of a dead peer, and the news of its death, still spread', () => {
  const pool = started({ fanout: 1 }, 'a', 'b')
  pool.set('b', 'x', 1)
  for (let i = 0; i < 3; i++) {
    pool.pass(1_000)
    pool.exchange('a', 'b')
    pool.letters = []
  }
  pool.crash('b')
  pool.live(30_000)
  assert.is(pool.engine('a').peer('b')?.status, 'dead')
  pool.start('c')
  pool.exchange('c', 'a')
  assert.equal(pool.read('c', 'b'), { x: 1 })
  assert.is(pool.engine('c').peer('b')?.status, 'dead')
  assert.ok(groupsIn(record(pool, () => pool.exchange('c', 'a'))).length === 0)
})

rules('R9: without a claim absence means nothing', () => {
  const pool = started({}, 'a', 'b', 'c')
  pool.set('b', 'x', 1)
  pool.exchange('a', 'b')
  const letters = record(pool, () => tellDigest(pool, 'a', 'z', ownEntry('z', { step: 1 })))
  assert.equal(groupsIn(letters), [])
  const claimed = record(pool, () =>
    tellDigest(pool, 'a', 'z', ownEntry('z', { step: 1, claim: { from: null, to: null } })),
  )
  assert.equal(groupsIn(claimed).sort(), ['a', 'b'])
})

rules('R9: absence outside the claimed range means nothing', () => {
  const pool = started({}, 'a', 'b', 'm', 'x')
  for (const name of ['b', 'm', 'x']) pool.exchange('a', name)
  const claim = { from: 'b', to: 'x' }
  const letters = record(pool, () => tellDigest(pool, 'a', 'z', ownEntry('z', { step: 1, claim })))
  assert.equal(groupsIn(letters).sort(), ['b', 'm'])
})

rules('R9: in a paged cluster that agrees nobody is sent anything', () => {
  const names = Array.from({ length: 20 }, (_, index) => `node-${index}`)
  const pool = started({ digestBytesMax: 900, seeds: ['node-0'] }, ...names)
  for (const name of names) pool.set(name, 'x', name)
  pool.live(15_000)
  for (const name of names) for (const id of names) assert.equal(pool.read(name, id), { x: id })
  assert.equal(groupsIn(record(pool, () => pool.live(8_000))), [])
})

rules('R9: what is taken for a regular gap grows with the pages, for a peer is mentioned once a cycle only', () => {
  const pool = started({ digestBytesMax: 900 }, 'a')
  for (let i = 0; i < 30; i++) beat(pool, 'a', 'z', i + 1, entry(`peer-${i}`))
  assert.ok((pool.engine('a').explain('peer-1', pool.now)?.timeoutMs ?? 0) < 18_500)
  pool.input('a', (now) => pool.engine('a').gossip(now))
  const { length } = payload(pool.letters.at(-1)).slice(1)
  assert.ok(length >= 3 && length <= 8, `${length} entries a page`)
  const pages = Math.ceil(31 / length)
  const timeoutMs = pool.engine('a').explain('peer-1', pool.now)?.timeoutMs ?? 0
  assert.ok(Math.abs(timeoutMs - pages * 18_420) < 100, `${timeoutMs} ms for ${pages} pages`)
})

rules('S3.29 R10: one exchange of three legs and at most four messages brings both sides level', () => {
  const pool = started({}, 'a', 'b', 'c', 'd')
  pool.set('c', 'x', 1)
  pool.set('d', 'x', 1)
  pool.exchange('a', 'c')
  pool.exchange('b', 'd')
  pool.set('a', 'y', 1)
  pool.set('b', 'y', 1)
  const letters = record(pool, () => pool.exchange('a', 'b'))
  assert.equal(
    letters.map(({ from, kind }) => `${from} ${kind}`),
    ['a digest', 'b digest', 'b deltas', 'a deltas'],
  )
  for (const name of ['a', 'b']) {
    for (const id of ['c', 'd']) assert.equal(pool.read(name, id), { x: 1 }, `${id} at ${name}`)
  }
  assert.equal([pool.read('a', 'b'), pool.read('b', 'a')], [{ y: 1 }, { y: 1 }])
})

rules('R10: the second digest claims nothing, names what it answers, and is answered by deltas only', () => {
  const pool = started({}, 'a', 'b')
  pool.pass(2_000)
  const [first, second, ...rest] = record(pool, () => pool.exchange('a', 'b')).filter(({ kind }) => kind === 'digest')
  assert.equal(rest, [])
  const own = payload(second)[0]
  assert.is(own?.['step'], 2)
  assert.is(own?.['claim'], undefined)
  assert.is(own?.['answers'], payload(first)[0]?.['heartbeat'])
  assert.is(own?.['asker'], payload(first)[0]?.['generation'])
})

rules('R10: a digest is answered by one even when there is nothing to tell but that one lives', () => {
  const pool = started({}, 'a', 'b')
  pool.exchange('a', 'b')
  pool.exchange('b', 'a')
  const letters = record(pool, () => pool.exchange('a', 'b'))
  assert.equal(
    letters.map(({ from, kind }) => `${from} ${kind}`),
    ['a digest', 'b digest'],
  )
})

rules('R10: heartbeats travel both ways, as pairs where nothing else differs', () => {
  const pool = started({}, 'a', 'b', 'c')
  for (const [from, to] of [
    ['a', 'b'],
    ['b', 'c'],
    ['a', 'b'],
  ] as const)
    pool.exchange(from, to)
  pool.pass(5_000)
  pool.letters = []
  pool.exchange('c', 'b')
  const { heartbeat } = pool.engine('c')
  const letters = record(pool, () => pool.exchange('a', 'b'))
  assert.is(pool.engine('a').peer('c')?.heartbeat, heartbeat)
  assert.equal(payload(letters[1]).slice(1), [['c', heartbeat]])
})

rules('R10: a pair counts only for the generation that the answered digest named', () => {
  const pool = started({}, 'a')
  beat(pool, 'a', 'z', 1, entry('c', { generation: 1, heartbeat: 5 }))
  pool.input('a', (now) => pool.engine('a').gossip(now))
  const asked = pool.engine('a').heartbeat
  beat(pool, 'a', 'z', 2, entry('c', { generation: 2, heartbeat: 3 }))
  const own = ownEntry('z', { heartbeat: 3, answers: asked })
  tellDigest(pool, 'a', 'z', own, ['c', 900])
  assert.is(pool.engine('a').peer('c')?.heartbeat, 3)
  pool.input('a', (now) => pool.engine('a').gossip(now))
  tellDigest(pool, 'a', 'z', ownEntry('z', { heartbeat: 4, answers: asked + 1 }), ['c', 4])
  assert.is(pool.engine('a').peer('c')?.heartbeat, 4)
})

rules('R10: a late answer to the process that ran here before says nothing to this one', () => {
  const pool = started({}, 'a')
  beat(pool, 'a', 'z', 1, entry('c', { generation: 2, heartbeat: 3 }))
  pool.input('a', (now) => pool.engine('a').gossip(now))
  const { heartbeat: answers, generation } = pool.engine('a')
  tellDigest(pool, 'a', 'z', ownEntry('z', { heartbeat: 2, answers, asker: generation - 1 }), ['c', 900])
  assert.is(pool.engine('a').peer('c')?.heartbeat, 3)
  tellDigest(pool, 'a', 'z', ownEntry('z', { heartbeat: 3, answers, asker: generation }), ['c', 4])
  assert.is(pool.engine('a').peer('c')?.heartbeat, 4)
})

rules('R10: the second digest stays within the budget, what is lacking first', () => {
  const names = Array.from({ length: 30 }, (_, index) => `node-${index}`).sort()
  const last = names.at(-1) as string
  const pool = started({}, 'a', ...names)
  pool.start('b', { options: { digestBytesMax: 600 } })
  for (const name of names) pool.exchange('a', name)
  for (let i = 0; i < 10; i++) pool.exchange('a', 'b')
  pool.set(last, 'x', 1)
  pool.pass(3_000)
  pool.letters = []
  pool.exchange('a', last)
  for (const name of names.slice(0, -1)) pool.exchange('b', name)
  const [, second] = record(pool, () => pool.exchange('a', 'b'))
  assert.ok(Buffer.byteLength(second?.text ?? '') <= 600)
  assert.is(payload(second)[1]?.['id'], last)
  assert.ok(payload(second).length > 10, 'the rest of the budget is used')
  assert.equal(pool.read('b', last), { x: 1 })
})

rules('R11: no message exceeds the budget or the limit of the transport', () => {
  const pool = new EnginePool({ deltaBytesMax: 2_000 })
  const longest = { digest: 0, deltas: 0 }
  pool.onSend = ({ kind, text }) => {
    longest[kind] = Math.max(longest[kind], Buffer.byteLength(text))
  }
  const names = Array.from({ length: 20 }, (_, index) => `node-${index}`)
  for (const name of names) pool.start(name, { messageBytesMax: 1_000, options: { seeds: ['node-0'] } })
  for (const name of names) for (let i = 0; i < 5; i++) pool.set(name, `k${i}`, 'x'.repeat(i * 90))
  pool.live(40_000)
  for (const name of names) for (const id of names) assert.is(Object.keys(pool.read(name, id)).length, 5)
  assert.ok(longest.deltas <= 1_000 && longest.digest <= 1_000, JSON.stringify(longest))
})

rules('R12: a group of a retired life creates nobody', () => {
  const pool = started({}, 'a')
  beat(pool, 'a', 'z', 1, { id: 'gone', generation: 5, heartbeat: 9, ageMs: 0 })
  tellDeltas(pool, 'a', 'z', group('gone', [['x', 1, 1]], { generation: 5 }))
  assert.is(pool.engine('a').peer('gone'), undefined)
  tellDeltas(pool, 'a', 'z', group('gone', [['x', 1, 1]], { generation: 6 }))
  assert.equal(pool.read('a', 'gone'), { x: 1 })
  assert.is(pool.engine('a').peer('gone')?.status, 'unproven')
})

rules('R12: a group that would leave a hole is refused', () => {
  const pool = started({}, 'a')
  beat(pool, 'a', 'z', 1)
  tellDeltas(pool, 'a', 'z', group('p', [['x', 1, 1]]))
  tellDeltas(pool, 'a', 'z', group('p', [['y', 1, 4]], { from: 3, maxVersion: 4, top: 4 }))
  assert.equal(pool.read('a', 'p'), { x: 1 })
  assert.is(pool.engine('a').stats.groupsRefused, 1)
})

rules('R12: a group whose collection I have not reached is refused unless it is a snapshot', () => {
  const pool = started({}, 'a')
  beat(pool, 'a', 'z', 1)
  tellDeltas(
    pool,
    'a',
    'z',
    group('p', [
      ['x', 1, 1],
      ['ghost', 1, 2],
    ]),
  )
  tellDeltas(pool, 'a', 'z', group('p', [['y', 1, 6]], { from: 2, gcVersion: 5, maxVersion: 6, top: 6 }))
  assert.equal(pool.read('a', 'p'), { x: 1, ghost: 1 })
  tellDeltas(
    pool,
    'a',
    'z',
    group(
      'p',
      [
        ['x', 1, 1],
        ['y', 1, 6],
      ],
      { gcVersion: 5, maxVersion: 6, top: 6 },
    ),
  )
  assert.equal(pool.read('a', 'p'), { x: 1, y: 1 })
})

rules('R12: half-way through a snapshot an older one that ends before it cannot bring a deleted key back', () => {
  const pool = started({}, 'a')
  beat(pool, 'a', 'z', 1)
  tellDeltas(pool, 'a', 'z', group('p', [['x', 1, 1]], { gcVersion: 9, maxVersion: 2, top: 9 }))
  tellDeltas(pool, 'a', 'z', group('p', [['ghost', 1, 4]], { from: 2, gcVersion: 1, maxVersion: 6, top: 6 }))
  tellDeltas(pool, 'a', 'z', group('p', [['y', 1, 9]], { from: 2, gcVersion: 9, maxVersion: 9, top: 9 }))
  assert.equal(pool.read('a', 'p'), { x: 1, y: 1 })
})

rules('R12: half-way through a snapshot an older one that reaches its end deletes by its tombstones', () => {
  const pool = started({}, 'a')
  beat(pool, 'a', 'z', 1)
  tellDeltas(pool, 'a', 'z', group('p', [['x', 1, 1]], { gcVersion: 9, maxVersion: 2, top: 9 }))
  tellDeltas(
    pool,
    'a',
    'z',
    group(
      'p',
      [
        ['y', 1, 4],
        ['x', 7],
        ['z', 1, 9],
      ],
      { from: 2, gcVersion: 1, maxVersion: 9, top: 9 },
    ),
  )
  assert.equal(pool.read('a', 'p'), { y: 1, z: 1 })
  assert.is(pool.engine('a').peer('p')?.map.size, 2, 'no tombstone at or below gcVersion is kept')
})

rules(
  'R13: a value too large for a message is refused, or goes by itself and stops neither neighbours nor message',
  () => {
    const pool = new EnginePool()
    pool.start('big')
    pool.start('small')
    pool.start('relay', { messageBytesMax: 1_000 })
    pool.start('c')
    pool.set('big', 'x', 'x'.repeat(5_000))
    pool.set('big', 'more, so that it goes first', 1)
    pool.set('small', 'y', 1)
    for (const name of ['big', 'small']) pool.exchange('relay', name)
    assert.throws(() => pool.set('relay', 'x', 'x'.repeat(1_000)), /limit/)
    pool.exchange('c', 'relay')
    assert.equal(pool.read('c', 'small'), { y: 1 })
    assert.equal(pool.read('c', 'big'), {})
    assert.equal(codes(pool, 'relay'), ['GOSSIP_VALUE_TOO_LARGE'])
    pool.exchange('c', 'relay')
    assert.is(codes(pool, 'relay').length, 1, 'told once')
  },
)

rules('R13: where there is bulk such a value goes that way, and meanwhile neither neighbours nor messages wait', () => {
  const pool = new EnginePool({ deltaBytesMax: 4_000, valueBytesMax: 60_000 })
  pool.hasBulk = true
  for (const name of ['big', 'small', 'c']) pool.start(name)
  pool.set('big', 'x', 'x'.repeat(50_000))
  pool.set('big', 'more', 1)
  pool.set('small', 'y', 1)
  pool.exchange('big', 'small')
  pool.ask('c', 'big')
  for (let letter = pool.letters.shift(); letter !== undefined; letter = pool.letters.shift()) pool.deliver(letter)
  assert.equal(pool.read('c', 'small'), { y: 1 })
  assert.equal(pool.read('c', 'big'), {}, 'it is under way')
  pool.deliverAll()
  assert.equal(pool.read('c', 'big'), { x: 'x'.repeat(50_000), more: 1 })
  assert.equal([...codes(pool, 'big'), ...codes(pool, 'c')], [])
})

rules.run()
