import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Column, NO_ROW } from '../../../src/core/membership/index.ts'
import { movesTo } from '../../harness/moves-to.ts'

const columns = suite('column')

function columnOf(...values: number[]): Column {
  const column = new Column()
  column.move(movesTo(...values.map(() => NO_ROW)))
  for (const [row, value] of values.entries()) column.set(row, value)
  return column
}

function shown(values: Float64Array): number[] {
  return [...values]
}

columns('what was lent never changes, and later writes are seen here', () => {
  const column = columnOf(1, 2, 3)
  const lent = column.lend()
  column.set(1, 20)
  column.writable()[2] = 30
  assert.equal(shown(lent), [1, 2, 3])
  assert.equal(shown(column.values), [1, 20, 30])
})

columns('what is lent twice without a write in between is lent once', () => {
  const column = columnOf(1, 2)
  const lent = column.lend()
  column.set(0, 1)
  assert.is(column.lend(), lent)
})

columns('without lending nothing is copied', () => {
  const column = columnOf(1, 2)
  const before = column.values
  column.set(0, 5)
  assert.is(column.writable(), before)
})

columns('an equal column is adopted and not written to, another one is not adopted', () => {
  const owner = columnOf(1, 2)
  const lent = owner.lend()
  const same = columnOf(1, 2)
  same.adopt(lent)
  assert.is(same.values, lent)
  same.set(0, 9)
  assert.equal(shown(lent), [1, 2])
  assert.equal(shown(same.values), [9, 2])
  for (const other of [columnOf(1, 3), columnOf(1), columnOf(1, 2, 3)]) {
    const before = shown(other.values)
    other.adopt(lent)
    assert.is.not(other.values, lent)
    assert.equal(shown(other.values), before)
  }
})

columns('rows move to where they are told, new ones begin at 0, and what was lent stays', () => {
  const column = columnOf(10, 11, 12)
  const lent = column.lend()
  column.move(movesTo(2, NO_ROW, 0))
  assert.equal(shown(column.values), [12, 0, 10])
  assert.equal(shown(lent), [10, 11, 12])
})

columns.run()
