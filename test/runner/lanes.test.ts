import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { lanesOf } from './lanes.ts'
import type { TestFile } from './test-files.ts'

const lanes = suite('lanes')

const files = (...names: readonly string[]): readonly TestFile[] => names.map((name) => ({ name, path: `/${name}.js` }))

/** Takes from every lane in turn until all are empty. */
function shared(names: readonly string[]): readonly (readonly string[])[] {
  const taken = lanesOf(files(...names)).map((lane) => ({ lane, names: [] as string[] }))
  for (let isOver = false; !isOver; ) {
    isOver = true
    for (const each of taken) {
      const next = each.lane.next()
      if (next.done === true) continue
      each.names.push(next.value.name)
      isOver = false
    }
  }
  return taken.map((each) => each.names)
}

lanes('files go to whichever of two lanes is free, and those that wait to a third', () => {
  assert.equal(shared(['a', 'b', 'network/partitions', 'c', 'interop/old-package']), [
    ['a', 'c'],
    ['b'],
    ['network/partitions', 'interop/old-package'],
  ])
})

lanes('every file is run once, whatever there is', () => {
  for (const names of [[], ['a'], ['tcp/crowd'], ['tcp/crowd', 'b', 'c', 'd', 'e']]) {
    assert.equal(shared(names).flat().sort(), [...names].sort())
  }
})

lanes.run()
