import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Stage } from '../harness/stage.ts'

const falseDeath = suite('false death checker')

/** Three timeouts of the longest gaps that are sampled: nobody is excused for longer. */
const EXCUSED_MS = 3 * 8 * Math.LN10 * 10_000
const FALSE = 'false death: b called a dead, which is up and was left alone'

/** Both have been left alone for long. */
function quiet(): Stage {
  const stage = new Stage()
  stage.world.run(EXCUSED_MS)
  stage.act('b', (process) => process.tell({ type: 'new peer', peerId: 'a' }))
  assert.equal(stage.objections(), [])
  return stage
}

function convict(stage: Stage): readonly string[] {
  stage.act('b', (process) => process.tell({ type: 'peer dead', peerId: 'a' }))
  return stage.objections()
}

falseDeath('a node that is up and was left alone is not called dead', () => {
  assert.equal(convict(quiet()), [FALSE])
})

falseDeath('a node that is down, or is leaving, is rightly not heard', () => {
  const down = quiet()
  down.world.crash(down.machine('a'), 'kept', () => 0)
  assert.equal(convict(down), [])
  const leaving = quiet()
  leaving.world.leave(leaving.machine('a'))
  assert.equal(convict(leaving), [])
})

falseDeath('who has just started is excused, on either side, and only for so long', () => {
  for (const name of ['a', 'b']) {
    for (const [ms, expected] of [
      [EXCUSED_MS - 1, []],
      [EXCUSED_MS, [FALSE]],
    ] as const) {
      const stage = quiet()
      stage.world.crash(stage.machine(name), 'kept', () => 0)
      stage.world.start(stage.machine(name))
      stage.act('b', (process) => process.tell({ type: 'new peer', peerId: 'a' }))
      stage.objections()
      stage.world.run(ms)
      assert.equal(convict(stage), expected, `${name} after ${ms} ms`)
    }
  }
})

falseDeath('a disturbance excuses whom it touches, and one of all excuses all', () => {
  for (const [machines, expected] of [
    [['a'], []],
    [['b'], []],
    [[], []],
    [['c'], [FALSE]],
  ] as const) {
    const stage = quiet()
    stage.world.disturb('something', machines)
    assert.equal(convict(stage), expected, machines.join())
  }
})

falseDeath('a wall clock that jumps is no excuse', () => {
  const stage = quiet()
  stage.world.disturb('clock jump', ['a'])
  stage.world.disturb('clock jump', ['b'])
  assert.equal(convict(stage), [FALSE])
})

falseDeath('whoever stalls may be called dead for as long as it does, and a while longer', () => {
  const stage = quiet()
  stage.world.stall(stage.machine('a'), 10 * EXCUSED_MS)
  stage.world.run(9 * EXCUSED_MS)
  assert.equal(convict(stage), [])
  stage.world.run(2 * EXCUSED_MS - 1)
  assert.equal(convict(stage), [])
  stage.world.run(1)
  assert.equal(convict(stage), [FALSE])
})

falseDeath('whoever wakes from a stall convicts nobody', () => {
  const stage = quiet()
  stage.world.stall(stage.machine('b'), 1_000)
  stage.world.run(1_000)
  assert.equal(convict(stage), [FALSE])
})

falseDeath('a way that is closed, whichever, excuses everybody', () => {
  const stage = quiet()
  stage.world.network.links.cut('c', 'd')
  assert.equal(convict(stage), [])
  stage.world.network.links.heal()
  assert.equal(convict(stage), [FALSE])
})

falseDeath('a network that loses a fifth is no excuse, one that loses more is', () => {
  for (const [lossChance, corruptChance, expected] of [
    [0.2, 0, [FALSE]],
    [0.1, 0.1, [FALSE]],
    [0.21, 0, []],
    [0.1, 0.11, []],
  ] as const) {
    const stage = quiet()
    Object.assign(stage.world.network.conditions, { lossChance, corruptChance })
    assert.equal(convict(stage), expected, `${lossChance} and ${corruptChance}`)
  }
})

falseDeath('messages that take longer than a round are an excuse', () => {
  for (const [max, expected] of [
    [1_000, [FALSE]],
    [1_001, []],
  ] as const) {
    const stage = quiet()
    stage.world.network.conditions.latencyMs = { min: 0, max }
    assert.equal(convict(stage), expected, `${max} ms`)
  }
})

falseDeath('of two processes under one id, one that is up is enough', () => {
  const stage = quiet()
  stage.add('a#2', 'a')
  stage.world.run(EXCUSED_MS)
  stage.world.crash(stage.machine('a#2'), 'lost', () => 0)
  assert.equal(convict(stage), [FALSE])
})

falseDeath.run()
