import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { LaneQueue } from '../../../src/transports/relay/lane-queue.ts'
import { ByteBudget } from '../../../src/transports/wire/index.ts'
import { checkProperty } from '../../harness/property.ts'

const lanes = suite('relay lane queue')

lanes('lanes take turns, so that a long one holds up nobody', () => {
  const queue = makeQueue()
  for (let i = 0; i < 5; i++) queue.put({ lane: 'talker', slot: 0, bytes: Uint8Array.of(i) })
  queue.put({ lane: 'other', slot: 0, bytes: Uint8Array.of(100) })
  assert.equal(drained(queue), [0, 100, 1, 2, 3, 4])
})

lanes('a newer message of a slot takes the place of the older one', () => {
  const queue = makeQueue()
  queue.put({ lane: 'a', slot: 7, bytes: Uint8Array.of(1) })
  queue.put({ lane: 'a', slot: 8, bytes: Uint8Array.of(2) })
  queue.put({ lane: 'b', slot: 7, bytes: Uint8Array.of(3) })
  queue.put({ lane: 'a', slot: 7, bytes: Uint8Array.of(4) })
  assert.is(queue.length, 3)
  assert.is(queue.dropped, 1)
  assert.equal(drained(queue), [4, 3, 2])
})

lanes('slot 0 is never replaced', () => {
  const queue = makeQueue()
  for (const byte of [1, 2, 3]) queue.put({ lane: 'a', slot: 0, bytes: Uint8Array.of(byte) })
  assert.equal(drained(queue), [1, 2, 3])
})

lanes('where there is no room it is the fullest lane that loses its oldest', () => {
  const queue = makeQueue({ bytesMax: 10 })
  for (let i = 0; i < 9; i++) queue.put({ lane: 'talker', slot: 0, bytes: Uint8Array.of(i) })
  for (const byte of [100, 101]) queue.put({ lane: 'other', slot: 0, bytes: Uint8Array.of(byte) })
  assert.equal(drained(queue), [1, 100, 2, 101, 3, 4, 5, 6, 7, 8])
})

lanes('a message larger than the queue is refused, and nothing gives way to it', () => {
  const queue = makeQueue({ bytesMax: 10 })
  queue.put({ lane: 'a', slot: 0, bytes: Uint8Array.of(1) })
  assert.not(queue.put({ lane: 'b', slot: 0, bytes: new Uint8Array(11) }))
  assert.equal(drained(queue), [1])
})

lanes('who uses up the shared budget shuts out no empty queue', () => {
  const budget = new ByteBudget(10)
  const [full, other] = [makeQueue({}, budget), makeQueue({}, budget)]
  for (let i = 0; i < 12; i++) full.put({ lane: 'a', slot: 0, bytes: Uint8Array.of(i) })
  assert.is(full.length, 10)
  assert.ok(other.put({ lane: 'a', slot: 0, bytes: Uint8Array.of(1) }))
  assert.not(other.put({ lane: 'a', slot: 0, bytes: Uint8Array.of(2) }))
  full.clear()
  assert.ok(other.put({ lane: 'a', slot: 0, bytes: Uint8Array.of(3) }))
})

lanes('bounds hold and bytes add up, whatever is put and taken', () => {
  const put = fc.record({
    lane: fc.constantFrom('a', 'b', 'c'),
    slot: fc.nat(3),
    bytes: fc.uint8Array({ maxLength: 12 }),
  })
  checkProperty(
    fc.property(fc.array(fc.option(put), { maxLength: 60 }), (steps) => {
      const budget = new ByteBudget(1_000)
      const queue = makeQueue({ bytesMax: 30, laneMessagesMax: 4 }, budget)
      for (const step of steps) {
        if (step === null) queue.shift()
        else queue.put(step)
        assert.ok(queue.bytes <= 30)
        assert.ok(queue.length <= 12)
        assert.is(budget.used, queue.bytes)
      }
      const rest: Uint8Array[] = []
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) rest.push(next)
      assert.is(queue.bytes, 0)
      assert.is(queue.length, 0)
    }),
  )
})

lanes.run()

function makeQueue(
  limits: { readonly bytesMax?: number; readonly laneMessagesMax?: number } = {},
  budget: ByteBudget = new ByteBudget(1_000),
): LaneQueue {
  return new LaneQueue({ bytesMax: 100, laneMessagesMax: 50, ...limits }, budget)
}

function drained(queue: LaneQueue): (number | undefined)[] {
  const all: (number | undefined)[] = []
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) all.push(next[0])
  return all
}
