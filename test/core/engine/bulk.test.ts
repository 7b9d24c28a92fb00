/** What goes in bulk, to whom, when, and what does not meanwhile. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Engine, type EngineOptions, resolveEngineOptions } from '../../../src/core/index.ts'
import { EnginePool, type Letter } from '../../harness/engine-pool.ts'
import { group } from '../../harness/forge.ts'
import type { PoolBulk } from '../../harness/pool-bulks.ts'

const bulk = suite('bulk')

const SMALL: EngineOptions = { deltaBytesMax: 600, bulkBytesMin: 100, fanout: 1 }
const KEYS = 100

/** A pool where `a` has more than fits messages. */
function pool(options: EngineOptions = {}, names: readonly string[] = ['a', 'b']): EnginePool {
  const made = new EnginePool({ ...SMALL, ...options })
  made.hasBulk = true
  for (const name of names) made.start(name)
  for (let i = 0; i < KEYS; i++) made.set('a', `key ${i}`, i)
  return made
}

/** Letters of the one who asks and the one who answers, with no transfer carried. */
function ask(made: EnginePool, who: string, whom: string): Letter[] {
  const sent: Letter[] = []
  made.onSend = (letter) => sent.push(letter)
  made.ask(who, whom)
  for (let letter = made.letters.shift(); letter !== undefined; letter = made.letters.shift()) made.deliver(letter)
  made.onSend = () => {}
  return sent
}

function only(made: EnginePool): PoolBulk {
  assert.is(made.bulks.all.length, 1)
  return made.bulks.all[0] as PoolBulk
}

function codes(made: EnginePool, name: string): (string | undefined)[] {
  return made
    .process(name)
    .told('error')
    .map(({ error }) => (error as { code?: string }).code)
}

bulk('what exceeds messages goes in bulk, group by group, and is level in one exchange', () => {
  const made = pool()
  const sent = ask(made, 'b', 'a')
  assert.equal(
    sent.filter(({ kind }) => kind === 'deltas' && sent.length > 0).filter(({ from }) => from === 'a'),
    [],
  )
  made.bulks.carryAll()
  assert.is(Object.keys(made.read('b', 'a')).length, KEYS)
  assert.is(made.engine('b').stats.entriesReceived, KEYS, 'nothing came twice')
  assert.equal([made.engine('a').stats.bulksOffered, made.engine('b').stats.bulksAdmitted], [1, 1])
})

bulk('what fits a message goes by message, beside the rest', () => {
  const made = pool({}, ['a', 'b', 'c'])
  made.set('c', 'small', 1)
  made.exchange('a', 'c')
  const sent = ask(made, 'b', 'a').filter(({ kind, from }) => kind === 'deltas' && from === 'a')
  assert.is(sent.length, 1)
  assert.match(sent[0]?.text ?? '', /"small"/)
  assert.equal(made.read('b', 'c'), { small: 1 })
  assert.equal(only(made).bulk.about, ['a'])
})

bulk('a little beyond one message is not worth it', () => {
  const made = pool({ bulkBytesMin: 100_000 })
  ask(made, 'b', 'a')
  assert.is(made.bulks.all.length, 0)
  assert.ok(made.engine('b').stats.entriesReceived > 0)
})

bulk('while it runs, messages leave its maps out and small news of others flow', () => {
  const made = pool({}, ['a', 'b', 'c'])
  ask(made, 'b', 'a')
  made.bulks.carry(only(made), 3)
  made.set('a', 'news of a', 1)
  made.set('c', 'news of c', 1)
  ask(made, 'a', 'c')
  const deltas = ask(made, 'b', 'a').filter(({ kind, from }) => kind === 'deltas' && from === 'a')
  assert.is(deltas.length, 1)
  assert.not.match(deltas[0]?.text ?? '', /"id":"a"/)
  assert.equal(made.read('b', 'c'), { 'news of c': 1 })
  made.bulks.carryAll()
  assert.is(made.read('b', 'a')['news of a'], 1)
})

bulk('one runs to each peer at most', () => {
  const made = pool()
  for (let i = 0; i < 3; i++) ask(made, 'b', 'a')
  assert.is(made.bulks.all.length, 1)
  made.bulks.carryAll()
  assert.is(made.engine('b').stats.entriesReceived, KEYS)
})

bulk('so many run at once as they may, and the others get messages', () => {
  const names = ['a', 'b', 'c', 'd']
  const made = pool({ outboundBulksMax: 2 }, names)
  for (const name of ['b', 'c', 'd']) ask(made, name, 'a')
  assert.equal(
    made.bulks.all.map(({ to }) => to),
    ['b', 'c'],
  )
  assert.ok(made.engine('d').stats.entriesReceived > 0)
})

bulk('a digest that was written before the end was read draws nothing twice', () => {
  const made = pool()
  ask(made, 'b', 'a')
  made.bulks.carry(only(made), 5)
  made.ask('b', 'a')
  made.bulks.carryAll()
  made.deliverAll()
  assert.is(made.engine('b').stats.entriesReceived, KEYS)
  made.set('a', 'later', 1)
  made.exchange('b', 'a')
  assert.is(made.read('b', 'a')['later'], 1, 'what is new is not held back')
})

bulk('it reads the state of the moment: what is written meanwhile goes along, what is overwritten does not', () => {
  const made = pool()
  ask(made, 'b', 'a')
  made.bulks.carry(only(made), 2)
  made.set('a', 'key 99', 'overwritten')
  made.set('a', 'new', 1)
  made.delete('a', 'key 98')
  made.bulks.carryAll()
  const read = made.read('b', 'a')
  assert.is(read['key 99'], 'overwritten')
  assert.is(read['new'], 1)
  assert.not('key 98' in read)
  assert.is(Object.keys(read).length, KEYS)
})

bulk('what has arrived of one that broke stands, messages go on, and another is tried later', () => {
  const made = pool()
  ask(made, 'b', 'a')
  const broken = only(made)
  made.bulks.carry(broken, 10)
  made.bulks.end(broken, 'GOSSIP_CONNECTION_LOST')
  const reached = made.engine('b').peer('a')?.maxVersionSeen ?? 0
  assert.ok(reached > 1)
  assert.equal(codes(made, 'a'), ['GOSSIP_CONNECTION_LOST'])
  ask(made, 'b', 'a')
  assert.is(made.bulks.all.length, 0, 'not at once')
  assert.ok((made.engine('b').peer('a')?.maxVersionSeen ?? 0) > reached, 'messages go on')
  made.pass(2_000)
  made.letters = []
  ask(made, 'b', 'a')
  assert.is(made.bulks.all.length, 1, 'another is tried')
  made.bulks.carryAll()
  assert.is(Object.keys(made.read('b', 'a')).length, KEYS)
})

bulk('a peer that is busy is told nothing twice for a while, then it gets messages', () => {
  const made = pool()
  for (let i = 0; i < 3; i++) {
    ask(made, 'b', 'a')
    made.bulks.end(only(made), 'GOSSIP_BULK_BUSY')
    ask(made, 'b', 'a')
    assert.is(made.engine('b').stats.entriesReceived, 0, 'it has that from elsewhere')
    made.now += 1_000
  }
  ask(made, 'b', 'a')
  made.bulks.end(only(made), 'GOSSIP_BULK_BUSY')
  ask(made, 'b', 'a')
  assert.ok(made.engine('b').stats.entriesReceived > 0)
  assert.equal(codes(made, 'a'), [], 'that is no error')
})

bulk('two are taken at once, one of each peer, one about each map', () => {
  const made = new EnginePool(SMALL)
  made.hasBulk = true
  made.start('b')
  const engine = made.engine('b')
  for (const id of ['p', 'q', 'r']) engine.admitSender(id)
  const from = (id: string): { id: string; transport: string } => ({ id, transport: id })
  const first = engine.admitBulk(from('p'), ['x', 'y'])
  assert.type(first, 'object')
  assert.is(engine.admitBulk(from('p'), ['z']), 'GOSSIP_BULK_BUSY', 'of one peer')
  assert.is(engine.admitBulk(from('q'), ['y']), 'GOSSIP_BULK_BUSY', 'about one map')
  assert.is(engine.admitBulk(from('q'), undefined), 'GOSSIP_BULK_BUSY', 'about any map')
  assert.type(engine.admitBulk(from('q'), ['z']), 'object')
  assert.is(engine.admitBulk(from('r'), ['w']), 'GOSSIP_BULK_BUSY', 'a third')
  assert.is(engine.admitBulk(from('nobody'), []), 'GOSSIP_SENDER_UNKNOWN')
  engine.leaveBulk(first as Exclude<typeof first, string>)
  assert.type(engine.admitBulk(from('r'), ['x']), 'object')
})

bulk('a group that is refused, or no group, ends it', () => {
  const made = pool()
  ask(made, 'b', 'a')
  const transfer = only(made)
  made.bulks.carry(transfer, 1)
  const { incoming } = transfer
  assert.ok(incoming)
  const receive = (group: unknown): boolean =>
    made.input('b', (now) => made.engine('b').receiveBulk(incoming, group, now))
  assert.is(receive({ id: 'a', generation: 1 }), false)
  assert.equal(codes(made, 'b'), ['GOSSIP_MESSAGE_MALFORMED'])
  const { generation } = made.engine('a')
  const hole = { id: 'a', generation, from: 90, gcVersion: 0, maxVersion: 91, top: 91, entries: [['k', 1, 91]] }
  assert.is(receive(hole), false)
  assert.is(made.engine('b').stats.groupsRefused, 1)
})

bulk('a peer whose life has changed is left out, and asked for anew', () => {
  const made = pool({}, ['a', 'b', 'c'])
  made.exchange('a', 'c')
  ask(made, 'b', 'c')
  const transfer = only(made)
  made.bulks.carry(transfer, 4)
  made.start('a')
  made.set('a', 'new life', 1)
  made.exchange('c', 'a')
  assert.is(made.bulks.all.length, 0)
  assert.equal(made.read('b', 'a'), {}, 'half of a map is shown to nobody')
  made.exchange('b', 'c')
  assert.equal(made.read('b', 'a'), { 'new life': 1 })
})

bulk(
  'a value that fits no message goes where there is bulk, is told of once where there is none, and stops nobody',
  () => {
    const made = new EnginePool({ ...SMALL, valueBytesMax: 20_000 })
    made.hasBulk = true
    for (const name of ['a', 'b']) made.start(name)
    made.start('plain', { hasBulk: false, options: { valueBytesMax: 400, deltaBytesMax: 4_000 } })
    made.set('a', 'x', 'x'.repeat(10_000))
    made.set('b', 'y', 1)
    made.exchange('a', 'b')
    assert.is(made.read('b', 'a')['x'], 'x'.repeat(10_000))
    for (let i = 0; i < 2; i++) made.exchange('plain', 'b')
    assert.equal(made.read('plain', 'b'), { y: 1 })
    assert.equal(made.read('plain', 'a'), {})
    assert.equal(codes(made, 'b'), ['GOSSIP_VALUE_TOO_LARGE'])
    assert.throws(() => made.set('plain', 'x', 'x'.repeat(5_000)), /limit/)
  },
)

bulk('what a first copy tells is what it held when it was complete, however late it is taken', () => {
  const engine = new Engine({ id: 'b', generation: 1, options: resolveEngineOptions({}), random: () => 0.5 })
  engine.start({ generation: 1, transport: 'b' }, 0)
  engine.admitSender('a')
  engine.takeEvents()
  const tell = (...groups: object[]): void => engine.receiveDeltas({ id: 'a', transport: 'a' }, groups, 0)
  tell(
    group('a', [
      ['x', 1, 1],
      ['y', 1, 2],
      ['z', 1, 3],
    ]),
  )
  assert.equal(
    engine.takeEvents(2).map(({ type }) => type),
    ['new peer', 'update'],
  )
  // A listener may make messages come in before it has heard of all the others.
  tell(
    group(
      'a',
      [
        ['y', 2, 4],
        ['z', 5],
      ],
      { from: 3, maxVersion: 5 },
    ),
    group('a', [], { generation: 2, maxVersion: 1 }),
  )
  const told = engine.takeEvents().map((event) => ('key' in event ? [event.type, event.key] : [event.type]))
  assert.equal(told, [
    ['update', 'y'],
    ['update', 'z'],
    ['update', 'y'],
    ['delete', 'z'],
    ['delete', 'x'],
    ['delete', 'y'],
  ])
})

bulk.run()
