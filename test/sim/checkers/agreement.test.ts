import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { disagreements } from '../../../src/sim/checkers/index.ts'
import { held } from '../harness/scripted-map.ts'
import { Stage } from '../harness/stage.ts'

const agreement = suite('agreement')

/** `a` and `b` hold each other live and have each other's maps. */
function agreed(): Stage {
  const stage = new Stage()
  stage.act('a', ({ map }) => map.become({ maxVersionSeen: 2, entries: [held('k', 2)] }))
  for (const [reader, owner] of [
    ['a', 'b'],
    ['b', 'a'],
  ] as const) {
    stage.process(reader).of(owner).map.copyOf(stage.process(owner).map)
  }
  assert.equal(disagreements(stage.world), [])
  return stage
}

agreement('whoever is not live to everybody is named', () => {
  const stage = agreed()
  for (const status of ['dead', 'left', 'unproven'] as const) {
    stage.process('b').of('a').status = status
    assert.equal(disagreements(stage.world), [`b: a is ${status}`])
  }
  stage.process('b').known.delete('a')
  assert.equal(disagreements(stage.world), ['b: a is unknown'])
})

agreement('a copy must stand where its owner does, with the same entries, and be shown', () => {
  for (const facts of [
    { generation: 2 },
    { gcVersion: 2 },
    { maxVersionSeen: 3 },
    { entries: [] },
    { entries: [held('j', 2)] },
  ]) {
    const stage = agreed()
    stage.process('b').of('a').map.become(facts)
    const [problem = '', ...others] = disagreements(stage.world)
    assert.match(problem, /^b: a stands at generation \d, .*, but its owner at generation 1, 1\/2, /)
    assert.equal(others, [])
  }
  const stage = agreed()
  stage.process('b').of('a').map.become({ isStale: true })
  assert.equal(disagreements(stage.world), ['b: a is stale'])
})

agreement('whole nodes are held to the same, peers of the first generation to their values', () => {
  for (const [kind, problem] of [
    ['driver', /^b: a stands at generation 1, 1\/1, .*, but its owner at/],
    ['first generation', /^$/],
  ] as const) {
    const stage = agreed()
    stage.process('a').kind = kind
    stage.process('b').of('a').map.become({ maxVersionSeen: 1 })
    assert.match(disagreements(stage.world).join(), problem)
  }
  const stage = agreed()
  stage.process('a').kind = 'first generation'
  stage
    .process('b')
    .of('a')
    .map.become({ entries: [held('k', 2, 'other')] })
  assert.equal(disagreements(stage.world), ['b: a reads [["k","other"]], but it is [["k",2]]'])
})

agreement('who is down must be live to nobody, and may be dead, gone or unknown', () => {
  const stage = agreed()
  stage.world.crash(stage.machine('a'), 'kept', () => 0)
  for (const status of ['live', 'unproven'] as const) {
    stage.process('b').of('a').status = status
    assert.equal(disagreements(stage.world), [`b: a is ${status}, but it is not up`])
  }
  stage.process('b').of('a').status = 'dead'
  assert.equal(disagreements(stage.world), [])
  stage.process('b').known.delete('a')
  assert.equal(disagreements(stage.world), [])
})

agreement('whoever has stopped for a second process is as good as down', () => {
  const stage = agreed()
  stage.process('a').isFrozen = true
  assert.equal(disagreements(stage.world), ['b: a is live, but it is not up'])
})

agreement('two processes under one id cannot agree', () => {
  const stage = agreed()
  stage.add('a#2', 'a')
  assert.ok(disagreements(stage.world).includes('a and a#2 both run as a'))
})

agreement('twenty disagreements are enough', () => {
  const stage = new Stage()
  for (let number = 0; number < 6; number++) stage.add(`n${number}`)
  assert.is(disagreements(stage.world).length, 20)
})

agreement.run()
