import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { EngineEvent } from '../../../src/core/index.ts'
import { held } from '../harness/scripted-map.ts'
import type { ScriptedProcess } from '../harness/scripted-process.ts'
import { Stage } from '../harness/stage.ts'

const resurrection = suite('resurrection checker')

/** `a` writes k at 2 and 4 and deletes it at 5, in the lives 1 and 5; `b` knows it. */
function written(): Stage {
  const stage = new Stage()
  for (const generation of [1, 5]) {
    stage.act('a', ({ map }) => map.become({ generation, maxVersionSeen: 1, entries: [] }))
    stage.act('a', ({ map }) => map.become({ maxVersionSeen: 2, entries: [held('k', 2)] }))
    stage.act('a', ({ map }) => map.become({ maxVersionSeen: 4, entries: [held('k', 4)] }))
  }
  stage.deltas('b', 'a', (process) => process.tell({ type: 'new peer', peerId: 'a' }))
  return stage
}

/** `b` takes k in at a version, and tells. */
function update(stage: Stage, version: number, facts: object = {}, value: number = version): readonly string[] {
  stage.deltas('b', 'a', (process) => {
    const entries = [held('k', version)]
    process.of('a').map.become({ gcVersion: 1, maxVersionSeen: 4, entries, shown: entries, ...facts })
    process.tell({ type: 'update', peerId: 'a', key: 'k', value })
  })
  return stage.objections().filter((line) => line.startsWith('resurrection'))
}

function remove(stage: Stage, facts: object = {}): void {
  stage.deltas('b', 'a', (process) => {
    process.of('a').map.become({ entries: [], shown: [], ...facts })
    process.tell({ type: 'delete', peerId: 'a', key: 'k' })
  })
  stage.objections()
}

resurrection('a key is never told again in an earlier version', () => {
  const stage = written()
  assert.equal(update(stage, 4), [])
  assert.equal(update(stage, 2), ['resurrection: b was told of a.k as of (1, 4), and again as of (1, 2)'])
})

resurrection('a key may be told again in the same version, a later one, and in a later life', () => {
  const stage = written()
  assert.equal(update(stage, 2), [])
  assert.equal(update(stage, 2), [])
  assert.equal(update(stage, 4), [])
  assert.equal(update(stage, 2, { generation: 5 }), [])
})

resurrection('a key of an earlier life is never told again', () => {
  const stage = written()
  update(stage, 2, { generation: 5 })
  assert.equal(update(stage, 4, { generation: 1 }), [
    'resurrection: b was told of a.k as of (5, 2), and again as of (1, 4)',
  ])
})

resurrection('a deleted key comes back only above where the copy stood', () => {
  for (const [version, expected] of [
    [4, 1],
    [5, 0],
  ] as const) {
    const stage = written()
    update(stage, 2)
    remove(stage, { maxVersionSeen: 4 })
    assert.is(update(stage, version).length, expected, `version ${version}`)
  }
})

resurrection('a lease that lapses while another map is arriving says nothing of the versions of that map', () => {
  const stage = written()
  update(stage, 2)
  remove(stage, { generation: 5, maxVersionSeen: 3, isStale: true })
  assert.equal(update(stage, 2, { generation: 5, isStale: false }), [])
})

resurrection('what was never told may begin anywhere', () => {
  assert.equal(update(written(), 2), [])
})

resurrection('what is told is what can be read', () => {
  const stage = written()
  assert.equal(update(stage, 4, {}, 2), ['resurrection: b was told that a.k is 2, and reads 4'])
  const tell = (process: ScriptedProcess, ...events: EngineEvent[]): void => process.tell(...events)
  stage.deltas('b', 'a', (process) => tell(process, { type: 'delete', peerId: 'a', key: 'k' }))
  assert.equal(stage.objections(), ['resurrection: b was told that a.k is nothing, and reads 4'])
  stage.deltas('b', 'a', (process) => tell(process, { type: 'update', peerId: 'a', key: 'x', value: 1 }))
  assert.equal(stage.objections(), ['resurrection: b was told that a.x is 1, and reads nothing'])
})

resurrection('only the last word on a key must be what can be read', () => {
  const stage = written()
  stage.deltas('b', 'a', (process) => {
    process.of('a').map.become({ gcVersion: 1, maxVersionSeen: 4, entries: [held('k', 4)] })
    process.tell({ type: 'delete', peerId: 'a', key: 'k' }, { type: 'update', peerId: 'a', key: 'k', value: 4 })
  })
  assert.equal(stage.objections(), [])
})

resurrection('the own events are held against the own map', () => {
  const stage = written()
  stage.act('a', (process) => process.tell({ type: 'update', peerId: 'a', key: 'k', value: 'lie' }))
  assert.equal(stage.objections(), ['resurrection: a was told that a.k is "lie", and reads 4'])
})

/** `b` has removed `a`, last seen at (1, 7). */
function removed(): Stage {
  const stage = written()
  const seen = (heartbeat: number) => (process: ScriptedProcess) => {
    process.of('a').heartbeat = heartbeat
  }
  stage.act('b', seen(5))
  stage.digest('b', 'a', seen(7))
  stage.act('b', (process) => {
    process.known.delete('a')
    process.tell({ type: 'peer removed', peerId: 'a', keys: [] })
  })
  return stage
}

function comeBack(stage: Stage, generation: number, heartbeat: number): readonly string[] {
  stage.digest('b', 'a', (process) => {
    process.of('a').map.become({ generation })
    process.of('a').heartbeat = heartbeat
    process.tell({ type: 'new peer', peerId: 'a' })
  })
  return stage.objections()
}

resurrection('a removed peer comes back only with a higher heartbeat or a later life', () => {
  assert.equal(comeBack(removed(), 1, 7), [
    'resurrection: b removed a at (generation, heartbeat) (1, 7) or later, and has it again at (1, 7)',
  ])
  assert.is(comeBack(removed(), 1, 6).length, 1)
  assert.equal(comeBack(removed(), 1, 8), [])
  assert.equal(comeBack(removed(), 5, 0), [])
})

resurrection('of a peer that deltas bring back, the first heartbeat that is heard decides', () => {
  for (const [heartbeat, expected] of [
    [7, 1],
    [8, 0],
  ] as const) {
    const stage = removed()
    assert.equal(comeBack(stage, 1, 0), [])
    stage.act('b')
    stage.digest('b', 'a', (process) => {
      process.of('a').heartbeat = heartbeat
    })
    assert.is(stage.objections().length, expected, `heartbeat ${heartbeat}`)
  }
})

resurrection('a second removal forgets nothing of the first', () => {
  const stage = removed()
  assert.equal(comeBack(stage, 1, 0), [])
  stage.act('b', (process) => {
    process.known.delete('a')
    process.tell({ type: 'peer removed', peerId: 'a', keys: [] })
  })
  assert.is(comeBack(stage, 1, 7).length, 1)
})

resurrection.run()
