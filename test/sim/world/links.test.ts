import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Links } from '../../../src/sim/world/links.ts'

const links = suite('links')

/** The ways between a, b and c that are open, as `ab ba …`. */
function open(tested: Links): string {
  const names = ['a', 'b', 'c']
  const ways = names.flatMap((from) => names.filter((to) => to !== from).map((to) => [from, to] as const))
  return ways
    .filter(([from, to]) => tested.isOpen(from, to))
    .map((way) => way.join(''))
    .join(' ')
}

links('at first everything is open', () => {
  const tested = new Links()
  assert.is(open(tested), 'ab ac ba bc ca cb')
  assert.ok(tested.areWhole)
})

links('a cut closes one way, until it is mended', () => {
  const tested = new Links()
  tested.cut('a', 'b')
  tested.cut('a', 'b')
  assert.is(open(tested), 'ac ba bc ca cb')
  assert.not(tested.areWhole)
  tested.mend('b', 'a')
  assert.is(open(tested), 'ac ba bc ca cb')
  tested.mend('a', 'b')
  assert.ok(tested.areWhole)
})

links('parts do not reach each other, and whoever is in none reaches everybody', () => {
  const tested = new Links()
  tested.partition([['a'], ['b']])
  assert.is(open(tested), 'ac bc ca cb')
  assert.not(tested.areWhole)
  tested.partition([['a', 'b'], ['c']])
  assert.is(open(tested), 'ab ba')
})

links('uniting ends a partition and leaves cuts, healing ends both', () => {
  const tested = new Links()
  tested.cut('a', 'b')
  tested.partition([['a'], ['b', 'c']])
  assert.is(open(tested), 'bc cb')
  tested.unite()
  assert.is(open(tested), 'ac ba bc ca cb')
  tested.partition([['a'], ['b', 'c']])
  tested.heal()
  assert.is(open(tested), 'ab ac ba bc ca cb')
})

links('names that run into each other are kept apart', () => {
  const tested = new Links()
  tested.cut('a', 'bc')
  assert.ok(tested.isOpen('ab', 'c'))
})

links.run()
