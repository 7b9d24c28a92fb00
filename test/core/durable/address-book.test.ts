import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AddressBook, type BookPeer } from '../../../src/core/address-book.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const NOW = 1_700_000_000_000

const books = suite('address book')

function peer(
  id: string,
  status: BookPeer['status'] = 'live',
  transport: BookPeer['transport'] = `host:${id}`,
): BookPeer {
  return { id, status, transport }
}

function idsOf(book: AddressBook): string[] {
  return book.peers.map(({ id }) => id).sort()
}

books('who is live is kept, with address and time; who was never seen live is not', () => {
  const book = new AddressBook(10)
  const known = [peer('a'), peer('b', 'unproven'), peer('c', 'dead'), { ...peer('d'), transport: undefined }]
  assert.equal(book.update(known, NOW), { written: ['a'], forgotten: [] })
  assert.equal(book.peers, [{ id: 'a', transport: 'host:a', seenAtMs: NOW }])
})

books('what has not changed is not written again for an hour', () => {
  const book = new AddressBook(10)
  book.update([peer('a')], NOW)
  assert.equal(book.update([peer('a')], NOW + HOUR - 1).written, [])
  assert.equal(book.update([peer('a')], NOW + HOUR).written, ['a'])
  assert.is(book.get('a')?.seenAtMs, NOW + HOUR)
})

books('another address is written, of a dead peer with the time it was last live', () => {
  const book = new AddressBook(10)
  book.update([peer('a')], NOW)
  assert.equal(book.update([peer('a', 'dead', 'elsewhere')], NOW + 5).written, ['a'])
  assert.equal(book.get('a'), { id: 'a', transport: 'elsewhere', seenAtMs: NOW })
})

books('who has left is forgotten at once, who is dead is not', () => {
  const book = new AddressBook(10)
  book.update([peer('a'), peer('b')], NOW)
  assert.equal(book.update([peer('a', 'left'), peer('b', 'dead')], NOW), { written: [], forgotten: ['a'] })
})

books('who was removed is forgotten, but by nobody who is alone', () => {
  const book = new AddressBook(10)
  book.update([peer('a'), peer('b')], NOW)
  assert.equal(book.update([], NOW + DAY).forgotten, [])
  assert.equal(book.update([peer('c', 'unproven')], NOW + DAY).forgotten, [])
  assert.equal(book.update([peer('a')], NOW + DAY).forgotten, ['b'])
})

books('who is never met again ages away after a week, but not for a node that is alone', () => {
  const book = new AddressBook(10)
  const stored = { id: 'old', transport: 'host:old', seenAtMs: NOW }
  assert.equal(book.load([stored], NOW), { written: [], forgotten: [] })
  assert.equal(book.update([peer('a')], NOW + 7 * DAY).forgotten, [])
  assert.equal(book.update([], NOW + 8 * DAY).forgotten, [])
  assert.equal(book.update([peer('a')], NOW + 7 * DAY + 1).forgotten, ['old'])
})

books(
  'it is bounded: of the stored the latest seen are taken, a live peer takes the place of the one seen longest ago',
  () => {
    const book = new AddressBook(3)
    const stored = ['p', 'q', 'r', 's'].map((id, i) => ({ id, transport: `host:${id}`, seenAtMs: NOW - i }))
    assert.equal(book.load(stored, NOW).forgotten, ['s'])
    assert.equal(book.update([peer('a'), peer('r')], NOW + 1), { written: ['a'], forgotten: ['q'] })
    assert.equal(idsOf(book), ['a', 'p', 'r'])
    const all = ['a', 'b', 'c', 'd', 'r'].map((id) => peer(id))
    assert.equal(book.update(all, NOW + 2), { written: ['b'], forgotten: ['p'] })
    assert.equal(idsOf(book), ['a', 'b', 'r'])
    const none = new AddressBook(0)
    assert.equal(none.update([peer('a')], NOW), { written: [], forgotten: [] })
  },
)

books('a time that a wrong clock kept does not keep a peer for ever', () => {
  const book = new AddressBook(10)
  book.load([{ id: 'p', transport: 'host:p', seenAtMs: NOW + 3_650 * DAY }], NOW)
  assert.is(book.get('p')?.seenAtMs, NOW)
})

books.run()
