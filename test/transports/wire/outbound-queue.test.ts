import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ByteBudget, OutboundQueue, type QueuedMessage } from '../../../src/transports/wire/index.ts'
import { checkProperty } from '../../harness/property.ts'

const queue = suite('outbound queue')

const LIMITS = { messagesMax: 3, bytesMax: 100 }

function message(key: string, text: string, bytes: number = text.length): QueuedMessage {
  return { key, id: undefined, text, bytes }
}

function drained(from: OutboundQueue): string[] {
  const texts: string[] = []
  for (let next = from.shift(); next !== undefined; next = from.shift()) texts.push(next.text)
  return texts
}

queue('keeps the order of its keys', () => {
  const waiting = new OutboundQueue(LIMITS, new ByteBudget(1_000))
  for (const key of ['a', 'b', 'c']) assert.ok(waiting.put(message(key, key)))
  assert.is(waiting.peek()?.text, 'a')
  assert.equal(drained(waiting), ['a', 'b', 'c'])
})

queue('lets the newest of a key win, in the place of the older', () => {
  const waiting = new OutboundQueue(LIMITS, new ByteBudget(1_000))
  for (const [key, text] of [
    ['a', 'a1'],
    ['b', 'b1'],
    ['a', 'a2'],
  ] as const)
    waiting.put(message(key, text))
  assert.equal(drained(waiting), ['a2', 'b1'])
})

queue('drops the oldest beyond either bound', () => {
  const waiting = new OutboundQueue(LIMITS, new ByteBudget(1_000))
  for (const key of ['a', 'b', 'c', 'd']) waiting.put(message(key, key))
  assert.is(waiting.length, 3)
  waiting.put(message('e', 'e', 99))
  assert.equal(drained(waiting), ['d', 'e'])
})

queue('keeps the newest even where it stands in the place of the oldest', () => {
  const waiting = new OutboundQueue(LIMITS, new ByteBudget(1_000))
  waiting.put(message('a', 'a1', 10))
  waiting.put(message('b', 'b1', 10))
  waiting.put(message('a', 'a2', 95))
  assert.equal(drained(waiting), ['a2'])
})

queue('refuses what can never fit, and what would pass the shared budget', () => {
  const budget = new ByteBudget(100)
  const [one, two] = [new OutboundQueue(LIMITS, budget), new OutboundQueue(LIMITS, budget)]
  assert.not(one.put(message('a', 'a', 101)))
  assert.ok(one.put(message('a', 'a', 60)))
  assert.not(two.put(message('a', 'a', 41)))
  assert.ok(two.put(message('a', 'a', 40)))
  one.clear()
  assert.is(budget.used, 40)
})

queue('never exceeds its bounds, and gives back what it took', () => {
  const step = fc.oneof(
    fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), bytes: fc.integer({ min: 1, max: 120 }) }),
    fc.constantFrom('shift', 'clear'),
  )
  checkProperty(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const budget = new ByteBudget(150)
      const queues = [new OutboundQueue(LIMITS, budget), new OutboundQueue(LIMITS, budget)] as const
      for (const [i, action] of steps.entries()) {
        const target = queues[i % 2 === 0 ? 0 : 1]
        if (action === 'shift') target.shift()
        else if (action === 'clear') target.clear()
        else if (typeof action === 'object') {
          const isKept = target.put(message(action.key, String(i), action.bytes))
          const isThere = drainedTexts(target).includes(String(i))
          assert.is(isThere, isKept)
        }
        assert.ok(target.length <= LIMITS.messagesMax && target.bytes <= LIMITS.bytesMax)
        assert.ok(budget.used <= budget.bytesMax)
        assert.is(budget.used, queues[0].bytes + queues[1].bytes)
      }
    }),
  )
})

/** What waits, looked at by taking all and putting it back. */
function drainedTexts(waiting: OutboundQueue): string[] {
  const messages: QueuedMessage[] = []
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) messages.push(next)
  for (const next of messages) waiting.put(next)
  return messages.map(({ text }) => text)
}

queue.run()
