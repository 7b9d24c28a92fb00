import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RandomStreams } from '../../src/sim/random-streams.ts'

const streams = suite('random streams')

function first(seed: number, name: string): readonly number[] {
  const random = new RandomStreams(seed).stream(name)
  return Array.from({ length: 4 }, () => random())
}

streams('the same seed and name give the same numbers, from the beginning each time', () => {
  assert.equal(first(7, 'network'), first(7, 'network'))
  const both = new RandomStreams(7)
  const [one, other] = [both.stream('disk'), both.stream('disk')]
  one()
  assert.equal([other(), other()], first(7, 'disk').slice(0, 2))
})

streams('names that differ in anything give different numbers, and so do seeds', () => {
  const seeds = [0, 1, -1, 2, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 32 + 1, 2 ** 52, -(2 ** 52)]
  const names = ['network', 'disk', 'drift', 'process p1 1', 'process p1 2', 'process p11 ', 'faults cuts']
  for (const seed of seeds) assert.is(new Set(names.map((name) => first(seed, name).join())).size, names.length)
  for (const name of names) assert.is(new Set(seeds.map((seed) => first(seed, name).join())).size, seeds.length)
})

streams('a thousand streams of one seed begin evenly spread', () => {
  const all = new RandomStreams(1)
  const counts = Array.from({ length: 10 }, () => 0)
  for (let i = 0; i < 1_000; i++) {
    const tenth = Math.floor(all.stream(`process p${i} 1`)() * 10)
    counts[tenth] = (counts[tenth] ?? 0) + 1
  }
  for (const count of counts) assert.ok(count > 55 && count < 145, counts.join())
})

streams.run()
