import { once } from 'node:events'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ListenerError } from '../../src/core/index.ts'
import { TransportEmitter } from '../../src/transports/index.ts'

const emitter = suite('transport emitter')

const PEER = { id: 'ann', transport: 'home' }

/** What is thrown from the event loop next. */
async function thrown(): Promise<unknown> {
  const [error] = (await once(process, 'uncaughtException')) as [unknown]
  return error
}

function mine(): never {
  throw new Error('mine')
}

/** Nothing more is thrown: what would be has had its turn. */
async function assertQuiet(): Promise<void> {
  const caught: unknown[] = []
  const onThrown = (error: unknown): void => void caught.push(error)
  process.on('uncaughtException', onThrown)
  await new Promise((resolve) => setImmediate(resolve))
  process.off('uncaughtException', onThrown)
  assert.equal(caught, [])
}

emitter('what a listener throws is told as an error, and the other listeners run', async () => {
  const transport = new TransportEmitter({ throwsUnheardErrors: true })
  const told: Error[] = []
  let calls = 0
  transport.on('error', (error) => told.push(error))
  transport.on('digest', mine)
  transport.on('digest', () => calls++)
  assert.ok(transport.emit('digest', PEER, []))
  assert.is(calls, 1)
  assert.is(told.length, 1)
  assert.instance(told[0], ListenerError)
  assert.is(((told[0] as Error).cause as Error).message, 'mine')
  await assertQuiet()
})

emitter('what a listener throws is thrown from the event loop when nobody listens to errors', async () => {
  const transport = new TransportEmitter()
  transport.on('digest', mine)
  transport.emit('digest', PEER, [])
  assert.instance(await thrown(), ListenerError)
})

emitter('what a listener of errors throws is thrown from the event loop, once, and told to no listener', async () => {
  const transport = new TransportEmitter()
  let calls = 0
  transport.on('error', mine)
  transport.on('error', () => calls++)
  transport.emit('error', new Error('first'))
  const error = (await thrown()) as ListenerError
  assert.is((error.cause as Error).message, 'mine')
  assert.is(calls, 1)
  await assertQuiet()
})

emitter('an error nobody listens to is thrown where that was asked for, and only there', async () => {
  const error = new Error('unheard')
  assert.not(new TransportEmitter().emit('error', error))
  await assertQuiet()
  assert.not(new TransportEmitter({ throwsUnheardErrors: true }).emit('error', error))
  assert.is(await thrown(), error)
})

emitter('an event other than an error may well be unheard', async () => {
  assert.not(new TransportEmitter({ throwsUnheardErrors: true }).emit('listening'))
  await assertQuiet()
})

emitter('listeners come off: after once, by off, all of one event, all', () => {
  const transport = new TransportEmitter()
  const heard: string[] = []
  const a = (): void => void heard.push('a')
  transport.once('listening', a).on('listening', () => heard.push('b'))
  transport.emit('listening')
  transport.on('listening', a).off('listening', a)
  transport.emit('listening')
  assert.equal(heard, ['a', 'b', 'b'])
  transport.on('error', () => heard.push('error')).removeAllListeners('listening')
  assert.equal([transport.listenerCount('listening'), transport.listenerCount('error')], [0, 1])
  transport.removeAllListeners()
  assert.is(transport.listenerCount('error'), 0)
})

emitter('Node’s own events.once works, and leaves no listener behind', async () => {
  const transport = new TransportEmitter()
  const waiting = once(transport as unknown as NodeJS.EventEmitter, 'digest')
  transport.emit('digest', PEER, [1])
  assert.equal(await waiting, [PEER, [1]])
  assert.is(transport.listenerCount('error'), 0)
})

emitter.run()
