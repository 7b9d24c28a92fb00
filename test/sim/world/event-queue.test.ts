import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { EventQueue } from '../../../src/sim/world/event-queue.ts'
import { checkProperty } from '../../harness/property.ts'

const eventQueue = suite('event queue')

/** A number is a time at which something is added; null takes the next thing out. */
const steps = fc.array(fc.option(fc.integer({ min: 0, max: 8 }), { freq: 3 }), { maxLength: 200 })

eventQueue('an empty queue has nothing to come', () => {
  const queue = new EventQueue()
  assert.is(queue.nextAt, Number.POSITIVE_INFINITY)
  assert.is(queue.poll(), undefined)
  assert.is(queue.size, 0)
})

eventQueue('it gives what a list sorted by time and order of adding gives', () => {
  checkProperty(
    fc.property(steps, (times) => {
      const queue = new EventQueue()
      const list: { at: number; label: number }[] = []
      const taken: number[] = []
      const take = (): void => {
        list.sort((a, b) => a.at - b.at || a.label - b.label)
        assert.is(queue.nextAt, list[0]?.at ?? Number.POSITIVE_INFINITY)
        const expected = list.shift()
        queue.poll()?.()
        assert.is(taken.pop(), expected?.label)
      }
      times.forEach((at, label) => {
        if (at === null) take()
        else {
          queue.add(at, () => taken.push(label))
          list.push({ at, label })
        }
      })
      assert.is(queue.size, list.length)
      while (list.length > 0) take()
      take()
    }),
    { numRuns: 300 },
  )
})

eventQueue.run()
