import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { EngineEvent } from '../../../src/core/index.ts'
import type { ScriptedProcess } from '../harness/scripted-process.ts'
import { Stage } from '../harness/stage.ts'

const damage = suite('damage checker')

const ERROR: EngineEvent = { type: 'error', error: new Error('refused') }
const NEW: EngineEvent = { type: 'new peer', peerId: 'x' }

function damaged(script: (process: ScriptedProcess) => void): Stage {
  const stage = new Stage({}, { corruptChance: 1 })
  stage.deliver('b', 'digest', [], script)
  return stage
}

damage('a damaged message that is refused is no violation', () => {
  assert.equal(damaged((process) => process.tell(ERROR)).objections(), [])
})

damage('a damaged message that is taken in without an error is seen', () => {
  const [problem = '', ...others] = damaged(() => {}).objections()
  assert.match(problem, 'damage: b took in damaged digest without an error: ')
  assert.equal(others, [])
})

damage('an error beside which anything else happens is not enough', () => {
  assert.equal(damaged((process) => process.tell(NEW, ERROR)).objections(), [
    'damage: b damaged digest also caused new peer',
  ])
})

damage('a lease that lapses at the same input is no effect of it', () => {
  const deletion: EngineEvent = { type: 'delete', peerId: 'b', key: 'k' }
  assert.equal(damaged((process) => process.tell(deletion, ERROR)).objections(), [])
})

damage('an answer is an effect', () => {
  const stage = damaged((process) => {
    process.tell(ERROR)
    process.messages.push({ kind: 'deltas', to: { id: 'a', transport: 'a' }, payload: [] })
  })
  assert.ok(stage.objections().includes('damage: b sent deltas on a damaged message'))
})

damage('what is sent with the next input is no answer', () => {
  const stage = damaged((process) => process.tell(ERROR))
  stage.act('b', (process) => process.messages.push({ kind: 'deltas', to: { id: 'a', transport: 'a' }, payload: [] }))
  assert.equal(stage.objections(), [])
})

damage('a process that has stopped hears nothing', () => {
  const stage = new Stage({}, { corruptChance: 1 })
  stage.process('b').isFrozen = true
  stage.deliver('b', 'digest', [])
  assert.equal(stage.objections(), [])
})

damage('what arrives whole needs no error', () => {
  const stage = new Stage()
  stage.deliver('b', 'digest', [])
  assert.equal(stage.objections(), [])
})

damage.run()
