import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { held, type ScriptedMap } from '../harness/scripted-map.ts'
import { Stage } from '../harness/stage.ts'

const staleReads = suite('stale reads checker')

type Facts = Parameters<ScriptedMap['become']>[0]

const OLD = [held('j', 2, 'old j'), held('k', 3, 'old k')]
const NEW = [held('k', 1, 'new k'), held('l', 2, 'new l')]

/** `a` has written OLD in life 1, and NEW in life 5; `b` has a copy of OLD. */
function restarted(): Stage {
  const stage = new Stage()
  stage.act('a', ({ map }) => map.become({ gcVersion: 3, maxVersionSeen: 3, entries: OLD }))
  stage.deltas('b', 'a', (process) => process.of('a').map.copyOf(stage.process('a').map))
  stage.act('a', ({ map }) => map.become({ generation: 5, gcVersion: 2, maxVersionSeen: 2, entries: NEW }))
  assert.equal(stage.objections(), [])
  return stage
}

/** The new life becomes known at `b`, and nothing of it has arrived. */
const BEGUN: Facts = { generation: 5, gcVersion: 0, maxVersionSeen: 0, entries: [], isStale: true, shown: OLD }
/** Half of it is there. */
const HALF: Facts = {
  generation: 5,
  gcVersion: 2,
  maxVersionSeen: 1,
  entries: NEW.slice(0, 1),
  isStale: true,
  shown: OLD,
}
const WHOLE: Facts = { generation: 5, gcVersion: 2, maxVersionSeen: 2, entries: NEW, isStale: false, shown: undefined }

function become(stage: Stage, input: 'digest' | 'deltas', facts: Facts, group: object = {}): readonly string[] {
  stage.deltas('b', 'other')
  const script = (process: ReturnType<Stage['process']>): void => void process.of('a').map.become(facts)
  if (input === 'digest') stage.digest('b', 'a', script)
  else stage.deltas('b', 'a', script, group)
  return stage.objections()
}

staleReads('a map that starts over shows the former one until the new one is there', () => {
  const stage = restarted()
  assert.equal(become(stage, 'digest', BEGUN), [])
  assert.equal(become(stage, 'deltas', HALF, { generation: 5, top: 2 }), [])
  stage.sweep()
  assert.equal(become(stage, 'deltas', WHOLE, { generation: 5, top: 2 }), [])
})

staleReads('a key of the new map beside the old ones is seen', () => {
  const stage = restarted()
  become(stage, 'digest', BEGUN)
  const mixed = [held('j', 2, 'old j'), held('k', 3, 'old k'), held('l', 2, 'new l')]
  const problem = 'reads a.l = "new l" of a map that is still arriving; before it was nothing'
  assert.equal(become(stage, 'deltas', { ...HALF, shown: mixed }), [`stale reads: b ${problem}`])
})

staleReads('a value of the new map in the place of an old one is seen', () => {
  const stage = restarted()
  const mixed = [held('j', 2, 'old j'), held('k', 1, 'new k')]
  const problem = 'reads a.k = "new k" of a map that is still arriving; before it was "old k"'
  assert.equal(become(stage, 'deltas', { ...HALF, shown: mixed }), [`stale reads: b ${problem}`])
})

staleReads('the same value at another version is another map', () => {
  const stage = restarted()
  const mixed = [held('j', 2, 'old j'), held('k', 1, 'old k')]
  assert.is(become(stage, 'deltas', { ...HALF, shown: mixed }).length, 1)
})

staleReads('a key of the old map that is gone too early is seen, after a digest as well', () => {
  for (const [input, facts] of [
    ['digest', BEGUN],
    ['deltas', HALF],
  ] as const) {
    const stage = restarted()
    const problem = 'does not read a.j any more while another map is still arriving'
    assert.equal(become(stage, input, { ...facts, shown: OLD.slice(1) }), [`stale reads: b ${problem}`])
  }
})

staleReads('what goes wrong between two messages is seen in the next round, and by a sweep', () => {
  for (const look of [(stage: Stage) => stage.act('b'), (stage: Stage) => stage.sweep()]) {
    const stage = restarted()
    become(stage, 'digest', BEGUN)
    stage.process('b').of('a').map.become({ shown: [] })
    look(stage)
    assert.is(stage.objections().length, 1)
  }
})

staleReads('of a peer whose first map is arriving, nothing is read', () => {
  const stage = restarted()
  stage.add('c')
  const arriving = { ...HALF, shown: [] }
  stage.deltas('c', 'a', (process) => process.of('a').map.become(arriving))
  assert.equal(stage.objections(), [])
  stage.deltas('c', 'a', (process) => process.of('a').map.become({ shown: NEW.slice(0, 1) }))
  assert.is(stage.objections().length, 1)
})

staleReads('a lease of the old map may lapse meanwhile, but not before its time', () => {
  const stage = restarted()
  stage.deltas('b', 'a', (process) => process.of('a').map.become({ leases: { j: 1_000 } }))
  become(stage, 'digest', BEGUN)
  stage.world.run(999)
  stage.act('b')
  assert.equal(stage.objections(), [])
  const stillThere = stage.process('b').of('a').map
  stillThere.become({ shown: OLD.slice(1) })
  stage.act('b')
  assert.is(stage.objections().length, 1)
  stillThere.become({ shown: OLD })
  stage.world.run(1)
  stage.act('b')
  assert.equal(stage.objections(), [])
})

staleReads('where leases are not shown, a key may go once its deletion was told', () => {
  for (const isTold of [true, false]) {
    const stage = restarted()
    const { map } = stage.process('b').of('a')
    map.readable = () => OLD.map(({ key, value }) => ({ key, value, version: undefined }))
    stage.deltas('b', 'a')
    become(stage, 'digest', BEGUN)
    map.readable = () => OLD.slice(1).map(({ key, value }) => ({ key, value, version: undefined }))
    stage.act('b', (process) => {
      if (isTold) process.tell({ type: 'new peer', peerId: 'a' }, { type: 'delete', peerId: 'a', key: 'j' })
    })
    assert.is(stage.objections().length, isTold ? 0 : 1)
  }
})

staleReads('a map that has not reached its gcVersion must not be shown', () => {
  const stage = restarted()
  const problem = 'shows a up to version 1, though it is complete only at 2'
  assert.equal(become(stage, 'deltas', { ...HALF, isStale: false, shown: undefined }), [`stale reads: b ${problem}`])
})

staleReads('a map must not be shown before it has reached every top that came with it', () => {
  for (const [first, last, expected] of [
    [3, 2, 1],
    [2, 3, 1],
    [2, 2, 0],
  ] as const) {
    const stage = restarted()
    become(stage, 'digest', BEGUN)
    become(stage, 'deltas', HALF, { generation: 5, top: first })
    assert.is(become(stage, 'deltas', WHOLE, { generation: 5, top: last }).length, expected, `${first}, ${last}`)
  }
})

staleReads('the top of a group that was refused, or of another life, binds nobody', () => {
  const stage = restarted()
  become(stage, 'digest', BEGUN)
  become(stage, 'deltas', BEGUN, { generation: 5, top: 9 })
  become(stage, 'deltas', HALF, { generation: 4, top: 9 })
  assert.equal(become(stage, 'deltas', WHOLE, { generation: 5, top: 2 }), [])
})

staleReads('a top of a life that ended before its map was whole binds nobody', () => {
  const stage = restarted()
  stage.act('a', ({ map }) => map.become({ generation: 8 }))
  become(stage, 'digest', BEGUN)
  become(stage, 'deltas', HALF, { generation: 5, top: 9 })
  assert.equal(become(stage, 'deltas', { ...WHOLE, generation: 8 }, { generation: 8, top: 2 }), [])
})

staleReads('once a map is shown, a higher top does not hide it again', () => {
  const stage = restarted()
  become(stage, 'deltas', WHOLE, { generation: 5, top: 2 })
  stage.act('a', ({ map }) => map.become({ maxVersionSeen: 3, entries: [...NEW, held('m', 3)] }))
  assert.equal(
    become(stage, 'deltas', { maxVersionSeen: 3, entries: [...NEW, held('m', 3)] }, { generation: 5, top: 9 }),
    [],
  )
})

staleReads('what was read of a removed peer is forgotten', () => {
  const stage = restarted()
  stage.act('b', (process) => {
    process.known.delete('a')
    process.tell({ type: 'new peer', peerId: 'a' }, { type: 'peer removed', peerId: 'a', keys: ['j', 'k'] })
  })
  assert.equal(become(stage, 'digest', { ...BEGUN, shown: [] }), [])
})

staleReads.run()
