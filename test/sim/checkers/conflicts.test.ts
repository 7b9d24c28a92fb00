import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type EngineEvent, IdConflictError } from '../../../src/core/index.ts'
import { Stage } from '../harness/stage.ts'

const conflicts = suite('conflicts checker')

const CONFLICT: EngineEvent = { type: 'conflict', error: new IdConflictError('a', 1, 2) }

conflicts('a process that stops for a second one where there is none is seen', () => {
  const stage = new Stage()
  stage.act('a', (process) => process.tell(CONFLICT))
  assert.equal(stage.objections(), ['conflicts: a stopped for a second process under its id, and there is none'])
})

conflicts('where there is a second one, or was, it is right to stop', () => {
  const stage = new Stage()
  stage.add('a#2', 'a')
  stage.act('a', (process) => process.tell(CONFLICT))
  stage.world.crash(stage.machine('a'), 'lost', () => 0)
  stage.act('a#2', (process) => process.tell(CONFLICT))
  assert.equal(stage.objections(), [])
})

conflicts('a second process under another id is no reason', () => {
  const stage = new Stage()
  stage.add('b#2', 'b')
  stage.act('a', (process) => process.tell(CONFLICT))
  assert.is(stage.objections().length, 1)
})

conflicts.run()
