import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { buried, held } from '../harness/scripted-map.ts'
import { Stage } from '../harness/stage.ts'

const prefix = suite('prefix checker')

/** `a` has written k at 2 and 4 and j at 3; `b` has an exact copy. */
function agreed(): Stage {
  const stage = new Stage()
  stage.act('a', ({ map }) => map.become({ maxVersionSeen: 2, entries: [held('k', 2)] }))
  stage.act('a', ({ map }) => map.become({ maxVersionSeen: 4, entries: [held('j', 3), held('k', 4)] }))
  stage.deltas('b', 'a', (process) => process.of('a').map.copyOf(stage.process('a').map))
  assert.equal(stage.objections(), [])
  return stage
}

function objectionsTo(facts: Parameters<ReturnType<Stage['process']>['map']['become']>[0]): readonly string[] {
  const stage = agreed()
  stage.deltas('b', 'a', (process) => process.of('a').map.become(facts))
  return stage.objections()
}

prefix('a value that the owner did not write under that version is a phantom', () => {
  const lie = [held('j', 3), held('k', 4, 'lie')]
  assert.equal(objectionsTo({ entries: lie }), [
    'prefix: b of a (generation 1, 1/4): version 4 of k is k = "lie", but the owner wrote k = 4',
  ])
})

prefix('a key under a version of another key is a phantom', () => {
  const [problem = '', ...others] = objectionsTo({ entries: [held('j', 3), held('x', 4, 4)] })
  assert.match(problem, 'prefix: b of a (generation 1, 1/4): version 4 of x is x = 4')
  assert.equal(others, [])
})

prefix('a tombstone where the owner wrote a value is a phantom', () => {
  const [problem = ''] = objectionsTo({ entries: [held('j', 3), buried('k', 4)] })
  assert.match(problem, 'version 4 of k is a tombstone of k, but the owner wrote k = 4')
})

prefix('a key that was last written below where the copy claims to stand is missed', () => {
  assert.equal(objectionsTo({ entries: [held('k', 4)] }), [
    'prefix: b of a (generation 1, 1/4): j was last written as version 3 and is not there',
  ])
})

prefix('a key at an earlier version than its last is a hole too', () => {
  assert.equal(objectionsTo({ entries: [held('k', 2), held('j', 3)] }), [
    'prefix: b of a (generation 1, 1/4): k was last written as version 4 and is at version 2',
  ])
})

prefix('an earlier version of a key is right below its next one, and so is none', () => {
  for (const entries of [[held('k', 2), held('j', 3)], [held('j', 3)]]) {
    const stage = new Stage()
    stage.act('a', ({ map }) => map.become({ maxVersionSeen: 2, entries: [held('k', 2)] }))
    stage.act('a', ({ map }) => map.become({ maxVersionSeen: 4, entries: [held('j', 3), held('k', 4)] }))
    stage.deltas('b', 'a', (process) => process.of('a').map.become({ gcVersion: 1, maxVersionSeen: 3, entries }))
    assert.equal(stage.objections(), [])
  }
})

prefix('a copy cannot reach further than its owner', () => {
  const [problem = '', ...others] = objectionsTo({ maxVersionSeen: 5 })
  assert.match(problem, 'claims version 5, but the owner has written 4')
  assert.equal(others, [])
})

prefix('a tombstone may be gone where it is forgotten, and nowhere else', () => {
  for (const [gcVersion, expected] of [
    [1, 1],
    [2, 0],
  ] as const) {
    const stage = new Stage()
    stage.act('a', ({ map }) => map.become({ maxVersionSeen: 2, entries: [buried('k', 2)] }))
    stage.act('a', ({ map }) => map.become({ maxVersionSeen: 3, entries: [buried('k', 2), held('j', 3)] }))
    stage.act('a', ({ map }) => map.become({ gcVersion: 2, entries: [held('j', 3)] }))
    stage.deltas('b', 'a', (process) =>
      process.of('a').map.become({ gcVersion, maxVersionSeen: 3, entries: [held('j', 3)] }),
    )
    assert.is(stage.objections().length, expected, `gcVersion ${gcVersion}`)
  }
})

prefix('a tombstone that is kept where the owner has forgotten it shows in the fingerprint', () => {
  const stage = new Stage()
  stage.act('a', ({ map }) => map.become({ maxVersionSeen: 2, entries: [buried('k', 2)] }))
  stage.act('a', ({ map }) => map.become({ gcVersion: 2, entries: [] }))
  stage.deltas('b', 'a', (process) =>
    process.of('a').map.become({ gcVersion: 2, maxVersionSeen: 2, entries: [buried('k', 2)] }),
  )
  const [problem = '', ...others] = stage.objections()
  assert.match(problem, 'prefix: b of a (generation 1, 2/2): the fingerprint is')
  assert.equal(others, [])
})

prefix('what was right when it arrived and is spoilt later is seen by a sweep', () => {
  const stage = agreed()
  stage
    .process('b')
    .of('a')
    .map.become({ entries: [held('j', 3), held('k', 4, 'lie')] })
  assert.equal(stage.objections(), [])
  stage.sweep()
  assert.is(stage.objections().length, 1)
})

prefix('a life that never was is seen when a digest brings it', () => {
  const stage = agreed()
  stage.digest('b', 'a', (process) =>
    process
      .of('a')
      .map.become({ generation: 9, maxVersionSeen: 0, isStale: true, shown: [held('j', 3), held('k', 4)] }),
  )
  assert.equal(stage.objections(), ['prefix: b knows a of generation 9, which never was'])
})

prefix('a peer that never was is seen when deltas or a digest bring it', () => {
  for (const kind of ['digest', 'deltas'] as const) {
    const stage = agreed()
    stage[kind]('b', 'ghost', (process) => process.of('ghost').map.become({ isStale: true }))
    assert.equal(stage.objections(), ['prefix: b knows ghost of generation 1, which never was'])
  }
})

prefix('a life that was, and has ended, is no lie', () => {
  const stage = agreed()
  stage.act('a', ({ map }) => map.become({ generation: 7, gcVersion: 1, maxVersionSeen: 1, entries: [] }))
  stage.deltas('b', 'a')
  stage.sweep()
  assert.equal(stage.objections(), [])
})

prefix('while two processes share an id and a generation, a copy may follow either, but not both', () => {
  const stage = agreed()
  stage.add('a#2', 'a')
  const other = { generation: 1, maxVersionSeen: 3, entries: [held('x', 2), held('y', 3)] }
  stage.act('a#2', ({ map }) => map.become(other))
  stage.add('c')
  stage.deltas('c', 'a', (process) => process.of('a').map.copyOf(stage.process('a#2').map))
  assert.equal(stage.objections(), [])
  stage.deltas('c', 'a', (process) => process.of('a').map.become({ entries: [held('x', 2), held('j', 3)] }))
  assert.is(stage.objections().length, 1)
})

prefix('where versions are not shown, a value must be one the owner once had', () => {
  for (const [value, expected] of [
    ['old', []],
    ['never', ['prefix: b reads o.k = "never", which o never had']],
  ] as const) {
    const stage = new Stage()
    const owner = stage.add('o').running
    const view = owner.own
    owner.own = () => ({ ...view.call(owner), held: () => undefined })
    stage.act('o', ({ map }) => map.become({ maxVersionSeen: 2, entries: [held('k', 2, 'old')] }))
    stage.act('o', ({ map }) => map.become({ maxVersionSeen: 3, entries: [held('k', 3, 'new')] }))
    stage.deltas('b', 'o', (process) =>
      process.of('o').map.become({ generation: 3, maxVersionSeen: 2, entries: [held('k', 2, value)] }),
    )
    assert.equal(stage.objections(), expected)
  }
})

prefix('flat deltas of the first generation are about the peer they begin with', () => {
  const stage = new Stage()
  const owner = stage.add('o').running
  const view = owner.own
  owner.own = () => ({ ...view.call(owner), held: () => undefined })
  stage.act('o')
  stage.deliver('b', 'deltas', [['o', 'k', 'never', 2]], (process) =>
    process.of('o').map.become({ generation: 3, maxVersionSeen: 2, entries: [held('k', 2, 'never')] }),
  )
  assert.equal(stage.objections(), ['prefix: b reads o.k = "never", which o never had'])
})

prefix.run()
