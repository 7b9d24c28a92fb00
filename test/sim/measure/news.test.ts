import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { News } from '../../../src/sim/measure/news.ts'

const news = suite('news')

function names(count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `n${i}`)
}

news('parts are reached when so many have heard, rounded up', () => {
  const tested = new News(1_000, names(5))
  for (let i = 0; i < 5; i++) {
    assert.is(tested.msUntil(1), undefined)
    tested.hear(`n${i}`, 1_000 + 10 * (i + 1))
  }
  assert.equal(
    [0.2, 0.5, 0.6, 0.99, 1].map((part) => tested.msUntil(part)),
    [10, 30, 30, 50, 50],
  )
})

news('of a hundred, 99 % are 99', () => {
  const tested = new News(0, names(100))
  names(99).forEach((name, i) => {
    tested.hear(name, i + 1)
  })
  assert.is(tested.msUntil(0.99), 99)
  assert.is(tested.msUntil(1), undefined)
  assert.equal([...tested.waiting], ['n99'])
})

news('hearing twice, or unexpected, counts once or not', () => {
  const tested = new News(0, names(2))
  tested.hear('n0', 1)
  tested.hear('n0', 2)
  tested.hear('stranger', 3)
  assert.not(tested.isEverywhere)
  assert.is(tested.msUntil(0.5), 1)
})

news('whoever will never hear is not counted', () => {
  const tested = new News(0, names(4))
  tested.hear('n0', 7)
  tested.giveUp('n1')
  tested.giveUp('n2')
  assert.is(tested.msUntil(0.5), 7)
  assert.is(tested.msUntil(1), undefined)
  tested.giveUp('n3')
  assert.ok(tested.isEverywhere)
  assert.is(tested.msUntil(1), 7)
})

news('whoever has heard stays counted, whatever becomes of it', () => {
  const tested = new News(0, names(2))
  tested.hear('n0', 1)
  tested.giveUp('n0')
  tested.hear('n1', 9)
  assert.equal(
    [0.5, 1].map((part) => tested.msUntil(part)),
    [1, 9],
  )
})

news('where nobody is expected, everybody has heard and no time was taken', () => {
  const tested = new News(0, [])
  assert.ok(tested.isEverywhere)
  assert.is(tested.msUntil(1), undefined)
})

news.run()
