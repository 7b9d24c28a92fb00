import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Suspicion, type SuspicionSource } from '../../../src/agent/node/index.ts'
import type { Explanation } from '../../../src/core/index.ts'

const suspicion = suite('suspicion')

/** A node that holds peers live at the given suspicion. */
function sourceOf(phis: Map<string, number>): SuspicionSource {
  return {
    livePeers: () => [...phis.keys()].map((id) => ({ id })),
    explain: (id) => ({ id, phi: phis.get(id) ?? 0 }) as Explanation,
  }
}

function polled(watch: Suspicion): string[] {
  return watch.poll().map(({ id, phi }) => `${id} ${phi}`)
}

suspicion('each level is told once while suspicion rises', () => {
  const phis = new Map([['a', 0]])
  const watch = new Suspicion(sourceOf(phis), [3, 5])
  const told = [2.9, 3, 4.9, 5.1, 7].map((phi) => {
    phis.set('a', phi)
    return polled(watch).join()
  })
  assert.equal(told, ['', 'a 3', '', 'a 5.1', ''])
})

suspicion('two levels passed at once are one line', () => {
  assert.equal(polled(new Suspicion(sourceOf(new Map([['a', 6]])), [3, 5])), ['a 6'])
})

suspicion('a peer that showed life, or was dead in between, is suspected anew', () => {
  const phis = new Map([['a', 4]])
  const watch = new Suspicion(sourceOf(phis), [3, 5])
  assert.equal(polled(watch), ['a 4'])
  phis.set('a', 0.1)
  assert.equal(polled(watch), [])
  phis.set('a', 4)
  assert.equal(polled(watch), ['a 4'])
  phis.delete('a')
  assert.equal(polled(watch), [])
  phis.set('a', 4)
  assert.equal(polled(watch), ['a 4'])
})

suspicion.run()
