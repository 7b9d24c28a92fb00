import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Stage } from '../harness/stage.ts'

const monotonic = suite('monotonic checker')

/** Both have begun a life 5 and written a little, though nobody lists a key; `b` knows `a` at (5, 10, 20). */
function met(): Stage {
  const stage = new Stage()
  for (const generation of [4, 5, 6]) {
    stage.act('a', ({ map }) => map.become({ generation, gcVersion: 30, maxVersionSeen: 30 }))
  }
  stage.deltas('b', 'a', (process) => {
    process.of('a').heartbeat = 7
    process.of('a').map.become({ generation: 5, gcVersion: 10, maxVersionSeen: 20 })
  })
  assert.equal(stage.objections(), [])
  return stage
}

const LOWER = [
  { generation: 4 },
  { generation: 4, gcVersion: 30, maxVersionSeen: 30 },
  { gcVersion: 9 },
  { gcVersion: 9, maxVersionSeen: 30 },
  { maxVersionSeen: 19 },
] as const
const HIGHER = [
  { generation: 6, gcVersion: 0, maxVersionSeen: 0, isStale: true },
  { gcVersion: 11, maxVersionSeen: 0, isStale: true },
  { maxVersionSeen: 21 },
  {},
] as const

monotonic('where a copy stands never falls, whatever kind of input makes it fall', () => {
  for (const facts of LOWER) {
    for (const input of ['deltas', 'digest', 'act'] as const) {
      const stage = met()
      if (input === 'act') stage.act('b', (process) => process.of('a').map.become(facts))
      else stage[input]('b', 'a', (process) => process.of('a').map.become(facts))
      const objections = stage.objections()
      assert.ok(objections.length > 0, `${input} ${JSON.stringify(facts)}`)
      for (const objection of objections) assert.match(objection, /^monotonic: b (triple|life) of a went from \(/)
    }
  }
})

monotonic('a higher generation or gcVersion may begin again at 0', () => {
  for (const facts of HIGHER) {
    const stage = met()
    stage.deltas('b', 'a', (process) => process.of('a').map.become(facts))
    assert.equal(stage.objections(), [])
  }
})

monotonic('a heartbeat never falls within a life, and may fall with a new one', () => {
  const stage = met()
  stage.digest('b', 'a', (process) => {
    process.of('a').heartbeat = 6
  })
  assert.equal(stage.objections(), ['monotonic: b life of a went from (5, 7) to (5, 6)'])
  stage.digest('b', 'a', (process) => {
    process.of('a').map.become({ generation: 6 })
    process.of('a').heartbeat = 0
  })
  assert.equal(stage.objections(), [])
})

monotonic('a fall that is made good before the next round was still a fall', () => {
  const stage = met()
  stage.digest('b', 'a', (process) => process.of('a').map.become({ maxVersionSeen: 19 }))
  stage.digest('b', 'a', (process) => process.of('a').map.become({ maxVersionSeen: 20 }))
  assert.equal(stage.objections(), ['monotonic: b triple of a went from (5, 10, 20) to (5, 10, 19)'])
})

monotonic('whoever was removed begins anew', () => {
  const stage = met()
  stage.act('b', (process) => {
    process.known.delete('a')
    process.tell({ type: 'new peer', peerId: 'a' }, { type: 'peer removed', peerId: 'a', keys: [] })
  })
  stage.digest('b', 'a', (process) => {
    process.of('a').heartbeat = 8
    process.of('a').map.become({ generation: 5, gcVersion: 1, maxVersionSeen: 1 })
  })
  assert.equal(stage.objections(), [])
})

monotonic('forgetting a peer without telling excuses nothing', () => {
  const stage = met()
  stage.act('b', (process) => process.known.delete('a'))
  stage.deltas('b', 'a', (process) => process.of('a').map.become({ generation: 5, gcVersion: 1, maxVersionSeen: 1 }))
  const objections = stage.objections()
  assert.ok(objections.length > 0)
  for (const objection of objections) assert.match(objection, /^monotonic: /)
})

monotonic('another process of the same machine remembers nothing', () => {
  const stage = met()
  stage.world.crash(stage.machine('b'), 'kept', () => 0)
  stage.world.start(stage.machine('b'))
  stage.deltas('b', 'a', (process) => process.of('a').map.become({ generation: 5, gcVersion: 1, maxVersionSeen: 1 }))
  assert.equal(stage.objections(), [])
})

monotonic('a sweep looks at everybody', () => {
  const stage = met()
  stage.process('b').of('a').map.become({ maxVersionSeen: 19 })
  assert.equal(stage.objections(), [])
  stage.sweep()
  assert.is(stage.objections().length, 1)
})

monotonic.run()
