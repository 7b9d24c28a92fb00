import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { pageKey } from '../../../src/transports/wire/index.ts'

const keys = suite('page key')

function digest(own: object, place: 'first' | 'last' | 'middle'): object[] {
  const others = [{ id: 'x' }, { id: 'y' }, ['pair', 1] as unknown as object]
  if (place === 'first') return [{ id: 'me', ...own }, ...others]
  return place === 'last'
    ? [...others, { id: 'me', ...own }]
    : [others[0] as object, { id: 'me', ...own }, others[2] as object]
}

keys('tells steps and pages of a digest apart, wherever the own entry stands', () => {
  for (const place of ['first', 'last', 'middle'] as const) {
    const key = (own: object): string => pageKey('digest', digest(own, place) as never, 'me')
    const pages = [
      key({ step: 2 }),
      key({ step: 1 }),
      key({ step: 1, claim: { from: null, to: 'k' } }),
      key({ step: 1, claim: { from: 'k', to: null } }),
      key({ step: 1, claim: { from: 'null', to: null } }),
    ]
    assert.is(new Set(pages).size, pages.length)
    assert.is(
      key({ step: 1, claim: { from: 'k', to: 'z' }, heartbeat: 9 }),
      key({ step: 1, claim: { from: 'k', to: 'q' } }),
    )
  }
})

keys('is the kind alone where there is nothing to read', () => {
  assert.is(pageKey('deltas', [{ id: 'me', step: 1 }], 'me'), 'deltas')
  for (const payload of [null, 1, 'x', {}, [], [null], [[]]]) assert.is(pageKey('digest', payload, 'me'), 'digest')
})

keys.run()
