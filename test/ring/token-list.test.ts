import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mergedLists, TokenList } from '../../src/ring/token-list.ts'
import { checkProperty } from '../harness/property.ts'

type Pair = readonly [token: number, owner: number]

const lists = suite('ring: token list')

const precedes = (a: number, b: number): boolean => a < b
const inOrder = (a: Pair, b: Pair): number => a[0] - b[0] || a[1] - b[1]

function listOf(pairs: readonly Pair[]): TokenList {
  const sorted = [...pairs].sort(inOrder)
  return new TokenList(
    Float64Array.from(sorted, ([t]) => t),
    Uint32Array.from(sorted, ([, o]) => o),
  )
}

function pairsOf({ tokens, owners }: TokenList): Pair[] {
  return Array.from(tokens, (token, index) => [token, owners[index] as number])
}

/** Few numbers, so that equal tokens are common. */
const pairs = fc.array(fc.tuple(fc.nat(12), fc.nat(5)), { maxLength: 12 })

lists('merging any number of lists sorts all of their tokens, equal ones by owner', () => {
  checkProperty(
    fc.property(fc.array(pairs, { maxLength: 7 }), (parts) => {
      const merged = pairsOf(mergedLists(parts.map(listOf), precedes))
      assert.equal(merged, parts.flat().sort(inOrder))
    }),
  )
})

lists('renumbering drops whose number is below 0, and keeps the order of the rest', () => {
  checkProperty(
    fc.property(pairs, fc.array(fc.integer({ min: -1, max: 9 }), { minLength: 6, maxLength: 6 }), (some, numbers) => {
      const list = listOf(some)
      const expected = pairsOf(list).flatMap(([token, owner]) => {
        const number = numbers[owner] as number
        return number < 0 ? [] : [[token, number]]
      })
      assert.equal(pairsOf(list.renumbered(Int32Array.from(numbers))), expected)
    }),
  )
})

lists('the first token at or after a place is found, the way round included', () => {
  checkProperty(
    fc.property(pairs, fc.nat(14), (some, place) => {
      const list = listOf(some)
      const first = [...list.tokens].findIndex((token) => token >= place)
      assert.is(list.at(place), Math.max(0, first))
    }),
  )
})

lists.run()
