import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type ListenerError, SafeEmitter } from '../../src/core/index.ts'

interface Events {
  tick: (count: number) => void
  tock: () => void
}

interface Context {
  emitter: SafeEmitter<Events>
  reports: string[]
}

const safe = suite<Context>('safe emitter')

safe.before.each((context) => {
  const reports: string[] = []
  context.reports = reports
  context.emitter = new SafeEmitter((error: ListenerError) =>
    reports.push(`${error.event}: ${(error.cause as Error).message}`),
  )
})

safe('a listener that throws is reported, and neither the others nor the emitter notice', ({ emitter, reports }) => {
  const heard: number[] = []
  emitter.on('tick', () => {
    throw new Error('mine')
  })
  emitter.on('tick', (count) => heard.push(count))
  assert.ok(emitter.emit('tick', 1))
  assert.ok(emitter.emit('tick', 2))
  assert.equal(heard, [1, 2])
  assert.equal(reports, ['tick: mine', 'tick: mine'])
})

safe('a listener that rejects later is reported later', async ({ emitter, reports }) => {
  emitter.on('tick', (() => Promise.reject(new Error('late'))) as () => void)
  emitter.emit('tick', 1)
  assert.equal(reports, [])
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(reports, ['tick: late'])
})

safe('one that throws after once is gone all the same', ({ emitter, reports }) => {
  emitter.once('tick', () => {
    throw new Error('mine')
  })
  emitter.emit('tick', 1)
  assert.not(emitter.emit('tick', 2))
  assert.equal(reports, ['tick: mine'])
})

safe('the same listener of two events is taken off one of them', ({ emitter }) => {
  let calls = 0
  const listener = (): void => void calls++
  emitter.on('tick', listener).on('tock', listener).off('tick', listener)
  emitter.emit('tick', 1)
  emitter.emit('tock')
  assert.is(calls, 1)
})

safe('a listener that takes another off does so from the next time on', ({ emitter }) => {
  const heard: string[] = []
  const second = (): void => void heard.push('second')
  emitter.on('tock', () => {
    heard.push('first')
    emitter.off('tock', second)
  })
  emitter.on('tock', second)
  emitter.emit('tock')
  emitter.emit('tock')
  assert.equal(heard, ['first', 'second', 'first'])
})

safe('listeners of one event, or of all, can be removed, and be added again', ({ emitter }) => {
  let calls = 0
  const listener = (): void => void calls++
  emitter.on('tick', listener).on('tock', listener)
  emitter.removeAllListeners('tick')
  assert.equal([emitter.listenerCount('tick'), emitter.listenerCount('tock')], [0, 1])
  emitter.removeAllListeners()
  assert.is(emitter.listenerCount('tock'), 0)
  emitter.on('tick', listener)
  emitter.emit('tick', 1)
  assert.is(calls, 1)
})

safe.run()
