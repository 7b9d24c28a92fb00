import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Removals } from '../../../src/core/membership/index.ts'

const removals = suite('removals')

function record(id: string, generation = 1, heartbeat = 10, retiredAt = 0): Parameters<Removals['add']>[0] {
  return { id, generation, heartbeat, retiredAt }
}

removals('news at or below the record is forbidden, newer news is not', () => {
  const tested = new Removals(9)
  tested.add(record('a', 2, 10))
  assert.ok(tested.forbids('a', 2, 10))
  assert.ok(tested.forbids('a', 2, 9))
  assert.ok(tested.forbids('a', 1, 999))
  assert.not(tested.forbids('a', 2, 11))
  assert.not(tested.forbids('a', 3, 0))
  assert.not(tested.forbids('b', 1, 0))
})

removals('a newer record replaces an older one, and not the other way', () => {
  const tested = new Removals(9)
  assert.ok(tested.add(record('a', 2, 10)))
  assert.not(tested.add(record('a', 2, 9)))
  assert.not(tested.add(record('a', 1, 99)))
  assert.ok(tested.add(record('a', 2, 11)))
  assert.is(tested.get('a')?.heartbeat, 11)
})

removals('of two equal records the older stays, so that it expires everywhere at once', () => {
  const tested = new Removals(9)
  tested.add(record('a', 1, 10, 500))
  assert.not(tested.add(record('a', 1, 10, 600)))
  assert.is(tested.get('a')?.retiredAt, 500)
  assert.ok(tested.add(record('a', 1, 10, 400)))
  assert.is(tested.get('a')?.retiredAt, 400)
})

removals('at the bound the peer that was retired first is forgotten, whenever its record came', () => {
  const tested = new Removals(3)
  tested.add(record('newest', 1, 1, 300))
  tested.add(record('oldest', 1, 1, 100))
  tested.add(record('middle', 1, 1, 200))
  tested.add(record('late', 1, 1, 250))
  assert.is(tested.size, 3)
  assert.is(tested.get('oldest'), undefined)
  assert.ok(tested.get('newest'))
})

removals('what was retired before a time expires, and its id is told', () => {
  const tested = new Removals(9)
  tested.add(record('a', 1, 1, 100))
  tested.add(record('b', 1, 1, 200))
  assert.equal(tested.expire(200), ['a'])
  assert.is(tested.get('a'), undefined)
  assert.is(tested.size, 1)
})

removals('ids named like parts of every object are ordinary', () => {
  const tested = new Removals(9)
  assert.not(tested.forbids('constructor', 0, 0))
  tested.add(record('__proto__'))
  assert.ok(tested.forbids('__proto__', 1, 1))
})

removals.run()
