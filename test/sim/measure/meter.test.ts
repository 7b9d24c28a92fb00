import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { IdConflictError, ValueTooLargeError } from '../../../src/core/index.ts'
import { Meter } from '../../../src/sim/measure/index.ts'
import { Stage } from '../harness/stage.ts'

const meters = suite('meter')

const NAMES = ['a', 'b', 'c', 'd', 'e']

/** Five that know each other; the checkers are not asked. */
function measured(): { stage: Stage; meter: Meter } {
  const stage = new Stage()
  for (const name of ['c', 'd', 'e']) stage.add(name)
  const meter = new Meter(stage.world, 1_000)
  stage.world.observers.push(meter)
  for (const reader of NAMES) {
    for (const owner of NAMES) if (owner !== reader) stage.process(reader).of(owner)
  }
  return { stage, meter }
}

/** A new version of `a`, written now. */
function write(stage: Stage): number {
  const { map } = stage.process('a')
  stage.act('a', () => map.become({ maxVersionSeen: map.maxVersionSeen + 1 }))
  return map.maxVersionSeen
}

/** A reader's copy of `a` reaches a version by deltas, without an event. */
function reach(stage: Stage, reader: string, facts: object): void {
  stage.deltas(reader, 'a', (process) => process.of('a').map.become(facts))
}

function crash(stage: Stage, name: string): void {
  stage.world.crash(stage.machine(name), 'kept', () => 0)
}

meters('a write is known to half, to most and to all when their copies reach it', () => {
  const { stage, meter } = measured()
  const maxVersionSeen = write(stage)
  for (const reader of ['b', 'c', 'd', 'e']) {
    stage.world.run(500)
    reach(stage, reader, { maxVersionSeen })
  }
  const { writes } = meter.figures
  assert.equal(writes, { count: 1, completed: 1, half: 1, most: 2, all: 2, allWorst: 2 })
})

meters('an event about the owner is looked at as well', () => {
  const { stage, meter } = measured()
  const maxVersionSeen = write(stage)
  stage.world.run(250)
  stage.act('b', (process) => {
    process.of('a').map.become({ maxVersionSeen })
    process.tell({ type: 'update', peerId: 'a', key: 'k', value: 1 })
  })
  for (const name of ['d', 'e']) crash(stage, name)
  assert.is(meter.figures.writes.half, 0.25)
})

meters('a copy that is behind, stale, or of an earlier life does not have the write', () => {
  const { stage, meter } = measured()
  for (const name of ['c', 'd', 'e']) crash(stage, name)
  const maxVersionSeen = write(stage)
  for (const facts of [
    { maxVersionSeen: maxVersionSeen - 1 },
    { maxVersionSeen, isStale: true },
    { maxVersionSeen: 99, generation: 0, isStale: false },
  ]) {
    reach(stage, 'b', facts)
    assert.is(meter.figures.writes.all, undefined, JSON.stringify(facts))
  }
  reach(stage, 'b', { maxVersionSeen: 1, generation: 2 })
  assert.is(meter.figures.writes.all, 0)
})

meters('medians and the worst are taken over all writes', () => {
  const { stage, meter } = measured()
  for (const ms of [1_000, 3_000, 2_000]) {
    const maxVersionSeen = write(stage)
    stage.world.run(ms)
    for (const reader of ['b', 'c', 'd', 'e']) reach(stage, reader, { maxVersionSeen })
  }
  write(stage)
  const { count, completed, all, allWorst } = meter.figures.writes
  assert.equal([count, completed, all, allWorst], [4, 3, 2, 3])
})

meters('what changes nothing of where the owner stands is no write', () => {
  const { stage, meter } = measured()
  write(stage)
  stage.act('a')
  stage.act('a')
  assert.is(meter.figures.writes.count, 1)
})

meters('whoever ends or stops will not hear, and is not waited for', () => {
  const { stage, meter } = measured()
  const maxVersionSeen = write(stage)
  reach(stage, 'b', { maxVersionSeen })
  crash(stage, 'c')
  stage.world.leave(stage.machine('d'))
  stage.world.run(3_000)
  assert.is(meter.figures.writes.completed, 0)
  const error = new IdConflictError('e', 1, 2)
  stage.act('e', (process) => {
    process.isFrozen = true
    process.tell({ type: 'conflict', error })
  })
  assert.is(meter.figures.writes.completed, 1)
  write(stage)
  reach(stage, 'b', { maxVersionSeen: maxVersionSeen + 1 })
  assert.is(meter.figures.writes.completed, 2)
})

meters('writes of an owner that ends are not followed any more, those of a second process are', () => {
  const { stage, meter } = measured()
  stage.add('a#2', 'a')
  const before = meter.figures.writes.count
  write(stage)
  stage.act('a#2', ({ map }) => map.become({ maxVersionSeen: 50 }))
  assert.is(meter.figures.writes.count, before + 2)
  crash(stage, 'a')
  assert.is(meter.figures.writes.count, before + 1)
})

meters('a crash is known when those who believed in the peer call it dead', () => {
  const { stage, meter } = measured()
  stage.process('e').of('a').status = 'dead'
  crash(stage, 'a')
  for (const name of ['b', 'c', 'd']) {
    stage.world.run(10_000)
    stage.act(name, (process) => process.tell({ type: 'peer dead', peerId: 'a' }))
  }
  assert.equal(meter.figures.crashes, { count: 1, completed: 1, half: 20, most: 30, all: 30, allWorst: 30 })
})

meters('whoever removes the peer has noticed; whoever leaves or restarts never will', () => {
  const { stage, meter } = measured()
  crash(stage, 'a')
  stage.act('b', (process) => process.tell({ type: 'peer removed', peerId: 'a', keys: [] }))
  stage.world.leave(stage.machine('c'))
  stage.world.run(3_000)
  crash(stage, 'd')
  assert.is(meter.figures.crashes.completed, 0)
  crash(stage, 'e')
  stage.world.start(stage.machine('e'))
  assert.is(meter.figures.crashes.all, 0)
})

meters('a crash that was not noticed before the restart stays so', () => {
  const { stage, meter } = measured()
  crash(stage, 'a')
  stage.act('b', (process) => process.tell({ type: 'peer dead', peerId: 'a' }))
  stage.world.start(stage.machine('a'))
  stage.act('c', (process) => process.tell({ type: 'peer dead', peerId: 'a' }))
  const { count, completed, half } = meter.figures.crashes
  assert.equal([count, completed, half], [1, 0, undefined])
})

meters('a peer that leaves, or of which a second process goes on, has not crashed', () => {
  const { stage, meter } = measured()
  stage.world.leave(stage.machine('b'))
  stage.world.run(3_000)
  stage.add('a#2', 'a')
  crash(stage, 'a#2')
  assert.is(meter.figures.crashes.count, 0)
})

meters('staleness is the age of the oldest write that somebody lacks, looked at each round', () => {
  const { stage, meter } = measured()
  meter.observeRound()
  const maxVersionSeen = write(stage)
  stage.world.run(1_000)
  write(stage)
  meter.observeRound()
  stage.world.run(1_000)
  meter.observeRound()
  assert.equal(meter.figures.staleness, { meanMs: 1_000, worstMs: 2_000 })
  for (const reader of ['b', 'c', 'd', 'e']) reach(stage, reader, { maxVersionSeen })
  meter.observeRound()
  assert.equal(meter.figures.staleness, { meanMs: 1_000, worstMs: 2_000 })
})

meters('events are counted by type, errors by code too', () => {
  const { stage, meter } = measured()
  stage.act('b', (process) => {
    process.tell({ type: 'error', error: new ValueTooLargeError('k', 2, 1) }, { type: 'error', error: new TypeError() })
    process.tell({ type: 'new peer', peerId: 'x' })
  })
  assert.equal(meter.figures.events, { error: 2, 'new peer': 1 })
  assert.equal(meter.figures.errors, { GOSSIP_VALUE_TOO_LARGE: 1, TypeError: 1 })
})

meters.run()
