import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stringBytes } from '../../../src/core/json/index.ts'
import {
  AddressedPeers,
  ArrivalWindows,
  DEAD,
  LIVE,
  NO_ROW,
  Peer,
  PeerTable,
  REMOVED,
  UNPROVEN,
  VACANT,
} from '../../../src/core/membership/index.ts'
import { checkProperty } from '../../harness/property.ts'

const tables = suite('peer-table')

const NOTHING = { generation: 0, heartbeat: 0 }

function newTable(ids: readonly string[] = []): PeerTable {
  const table = new PeerTable(new ArrivalWindows(5, false))
  table.reserve(ids)
  return table
}

/** A peer whose every number tells which one it is. */
function fill(table: PeerTable, id: string, number: number, via?: string): void {
  table.create(table.rowOf(id), {
    generation: number,
    heartbeat: number + 1,
    transport: `at-${id}`,
    adoptedAtBeat: number,
    viaRow: via === undefined ? NO_ROW : table.rowOf(via),
    now: number,
    active: number,
  })
  const peer = new Peer(table, id)
  peer.maxVersionSeen = number + 2
  peer.gcVersion = number + 3
  peer.topBeyond = number + 4
  table.windows.add(peer.row, number)
}

function factsOf(table: PeerTable, id: string): unknown {
  const { generation, heartbeat, maxVersionSeen, gcVersion, topBeyond, heardAt, transport, samples, heardVia } =
    new Peer(table, id)
  return { generation, heartbeat, maxVersionSeen, gcVersion, topBeyond, heardAt, transport, samples, heardVia }
}

function expected(id: string, number: number, via?: string): unknown {
  return {
    generation: number,
    heartbeat: number + 1,
    maxVersionSeen: number + 2,
    gcVersion: number + 3,
    topBeyond: number + 4,
    heardAt: number,
    transport: `at-${id}`,
    samples: 1,
    heardVia: via,
  }
}

tables('whatever comes and goes, ids ascend, and everybody keeps all that is known of it', () => {
  const id = fc.constantFrom(...Array.from('qwertyuiopasdfgh'), '__proto__', 'a\u{1F600}', 'a\uffff')
  const step = fc.record({ ids: fc.array(id, { maxLength: 8 }), gone: fc.array(id, { maxLength: 3 }) })
  checkProperty(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const table = newTable()
      const known = new Map<string, number>()
      let number = 0
      for (const { ids, gone } of steps) {
        table.reserve(ids)
        for (const one of new Set(ids)) {
          if (known.has(one)) continue
          fill(table, one, ++number)
          known.set(one, number)
        }
        for (const one of gone) {
          if (known.delete(one)) table.clear(table.rowOf(one), VACANT, NOTHING)
        }
        table.dropVacant()
        assert.equal(table.ids, [...known.keys()].sort())
        assert.is(table.peers, known.size)
        for (const [one, its] of known) assert.equal(factsOf(table, one), expected(one, its), one)
        const bytes = table.ids.map((one) => stringBytes(one) + stringBytes(`at-${one}`))
        assert.is(
          table.textBytes,
          bytes.reduce((sum, each) => sum + each, 0),
        )
      }
    }),
  )
})

tables('who told is known for as long as that one is, wherever rows move', () => {
  const table = newTable(['m', 'teller'])
  fill(table, 'teller', 1)
  fill(table, 'm', 2, 'teller')
  table.reserve(['a', 'z', 'n'])
  assert.equal(factsOf(table, 'm'), expected('m', 2, 'teller'))
  table.clear(table.rowOf('teller'), VACANT, NOTHING)
  table.dropVacant()
  assert.is(new Peer(table, 'm').heardVia, undefined)
})

tables('ids that were handed out stay as they were', () => {
  const table = newTable(['b', 'd'])
  const { ids } = table
  table.reserve(['a', 'c', 'b'])
  table.dropVacant()
  assert.equal(ids, ['b', 'd'])
})

tables('an id is found from wherever the search begins', () => {
  const table = newTable(['b', 'd', 'f'])
  for (const near of [0, 1, 2, 3, 99]) {
    assert.equal(
      ['a', 'b', 'c', 'd', 'f', 'g'].map((id) => table.rowOf(id, near)),
      [NO_ROW, 0, NO_ROW, 1, 2, NO_ROW],
    )
  }
  assert.equal(
    ['a', 'b', 'c', 'g'].map((id) => table.firstFrom(id)),
    [0, 0, 1, 3],
  )
})

tables('a retired peer leaves its row and nothing else', () => {
  const table = newTable(['a', 'b'])
  fill(table, 'a', 7)
  fill(table, 'b', 8)
  table.clear(0, REMOVED, { generation: 7, heartbeat: 70 })
  assert.equal([table.peers, table.removed], [1, 1])
  assert.equal([table.transportOf(0), table.maxVersionsSeen.values[0], table.tops.has('a')], [undefined, 0, false])
  assert.throws(() => new Peer(table, 'a').status, /is used while it is known/)
  fill(table, 'a', 9)
  assert.equal(factsOf(table, 'a'), expected('a', 9))
  assert.is(table.removed, 0)
})

tables('one who holds a peer sees the same wherever its row moves to', () => {
  const table = newTable(['m'])
  fill(table, 'm', 3)
  const peer = new Peer(table, 'm')
  assert.is(peer.row, 0)
  table.reserve(['a', 'b'])
  assert.is(peer.row, 2)
  assert.is(peer.generation, 3)
})

tables('both clocks are one until they differ', () => {
  const table = newTable(['a'])
  fill(table, 'a', 5)
  assert.is(table.heardActiveAts, table.heardAts)
  table.partClocks()
  new Peer(table, 'a').setHeardAt({ now: 50, active: 20 })
  table.reserve(['b'])
  const { heardAt, heardActiveAt } = new Peer(table, 'a')
  assert.equal([heardAt, heardActiveAt], [50, 20])
})

tables('peers of some kinds are counted and found by their place, but for those without an address', () => {
  const table = newTable(['a', 'b', 'c', 'd', 'e'])
  const kinds = { a: LIVE, b: DEAD, c: UNPROVEN, d: LIVE, e: LIVE }
  for (const [id, kind] of Object.entries(kinds)) {
    fill(table, id, 1)
    table.setKind(table.rowOf(id), kind)
  }
  table.setTransport(table.rowOf('d'), undefined)
  const hopeful = new AddressedPeers(table, [LIVE, UNPROVEN])
  assert.is(hopeful.length, 3)
  assert.equal(
    [0, 1, 2, 3].map((place) => hopeful.at(place)?.id),
    ['a', 'c', 'e', undefined],
  )
  assert.equal(hopeful.at(1), { id: 'c', transport: 'at-c' })
  assert.is(new AddressedPeers(table, [DEAD]).length, 1)
})

tables.run()
