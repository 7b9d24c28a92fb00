import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { EngineEvent } from '../../../src/core/index.ts'
import { Stage } from '../harness/stage.ts'

const eventOrder = suite('event order checker')

const [NEW, LIVE, DEAD, LEFT] = (['new peer', 'peer live', 'peer dead', 'peer left'] as const).map((type) => ({
  type,
  peerId: 'x',
})) as [EngineEvent, EngineEvent, EngineEvent, EngineEvent]
const REMOVED: EngineEvent = { type: 'peer removed', peerId: 'x', keys: [] }
const UPDATE: EngineEvent = { type: 'update', peerId: 'x', key: 'k', value: 1 }
const DELETE: EngineEvent = { type: 'delete', peerId: 'x', key: 'k' }

/** `x` is no machine, so that nobody but this checker has anything to say. */
function objectionsTo(...events: readonly EngineEvent[]): readonly string[] {
  const stage = new Stage()
  for (const event of events) stage.act('b', (process) => process.tell(event))
  return stage.objections()
}

eventOrder('nothing is told of an unknown peer', () => {
  for (const event of [LIVE, DEAD, LEFT, REMOVED, UPDATE, DELETE]) {
    assert.equal(objectionsTo(event), [`event order: b ${event.type} of x: it is not known`])
    assert.equal(objectionsTo(NEW, event), [])
  }
})

eventOrder('nothing is told of a peer after its removal, until it is new again', () => {
  for (const event of [LIVE, DEAD, LEFT, REMOVED, UPDATE, DELETE]) {
    assert.equal(objectionsTo(NEW, LIVE, REMOVED, event), [`event order: b ${event.type} of x: it is not known`])
    assert.equal(objectionsTo(NEW, REMOVED, NEW, event), [])
  }
})

eventOrder('a peer is new once', () => {
  assert.equal(objectionsTo(NEW, DEAD, NEW), ['event order: b new peer of x: it is known since peer dead'])
})

eventOrder('a live peer does not come to life', () => {
  assert.equal(objectionsTo(NEW, LIVE, UPDATE, LIVE), ['event order: b peer live of x: it is live already'])
  assert.equal(objectionsTo(NEW, LIVE, DEAD, LIVE, LEFT, LIVE), [])
})

eventOrder('what is told in one go has an order too', () => {
  const stage = new Stage()
  stage.act('b', (process) => process.tell(UPDATE, NEW))
  assert.is(stage.objections().length, 1)
})

eventOrder('each process is told its own story', () => {
  const stage = new Stage()
  stage.act('b', (process) => process.tell(NEW))
  stage.act('a', (process) => process.tell(NEW))
  stage.world.crash(stage.machine('b'), 'kept', () => 0)
  stage.world.start(stage.machine('b'))
  stage.act('b', (process) => process.tell(NEW))
  assert.equal(stage.objections(), [])
})

eventOrder.run()
