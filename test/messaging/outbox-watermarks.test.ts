/** What a receiver remembers of senders, and what it forgets. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { STREAMS_MAX, WATERMARK_PREFIX, Watermarks } from '../../src/messaging/outbox/watermarks.ts'

const watermarks = suite('outbox watermarks')

watermarks('a number covers itself and what is below it, of its own sender and life', () => {
  const marks = new Watermarks(10)
  marks.note('a', 's', 5, 0)
  assert.equal([marks.covers('a', 's', 4), marks.covers('a', 's', 5), marks.covers('a', 's', 6)], [true, true, false])
  assert.equal([marks.covers('b', 's', 5), marks.covers('a', 't', 5)], [false, false])
})

watermarks('of a sender the latest lives are remembered', () => {
  const marks = new Watermarks(10)
  for (let life = 0; life <= STREAMS_MAX; life++) marks.note('a', `life ${life}`, 1, life)
  assert.not(marks.covers('a', 'life 0', 1))
  for (let life = 1; life <= STREAMS_MAX; life++) assert.ok(marks.covers('a', `life ${life}`, 1))
})

watermarks('of too many senders the one silent longest is forgotten, also over lives', () => {
  const marks = new Watermarks(2)
  assert.equal(marks.note('a', 's', 1, 1), ['a'])
  assert.equal(marks.note('b', 's', 1, 2), ['b'])
  marks.note('a', 's', 2, 3)
  const entries = ['a', 'b'].map((sender) => {
    const value = marks.record(sender)
    assert.ok(value !== undefined)
    return { key: WATERMARK_PREFIX + sender, value }
  })
  const later = new Watermarks(2)
  assert.equal(later.load(entries), [])
  assert.equal(later.note('c', 's', 1, 4), ['c', 'b'])
  assert.equal([later.covers('a', 's', 2), later.record('b')], [true, undefined])
  assert.equal(new Watermarks(1).load(entries), ['b'])
})

watermarks('what is no watermark is refused', () => {
  for (const value of [null, {}, { at: 1, marks: [] }, { at: 1, marks: [['s', 0]] }, { at: '1', marks: [['s', 1]] }]) {
    assert.throws(() => new Watermarks(1).load([{ key: `${WATERMARK_PREFIX}a`, value }]), /says nothing/)
  }
})

watermarks.run()
