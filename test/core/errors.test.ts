import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AssertionError, assert as claim } from '../../src/core/assert.ts'
import {
  CapacityError,
  FrameTooLargeError,
  GossipError,
  IdConflictError,
  InvalidOptionError,
  InvalidValueError,
  LifecycleError,
  ListenerError,
  MalformedMessageError,
  RefusedMessageError,
  StorageError,
  TransportError,
  ValueTooLargeError,
} from '../../src/core/errors.ts'

const errors = suite('errors')

interface Example {
  readonly error: GossipError
  readonly name: string
  readonly code: string
  readonly facts: Record<string, unknown>
  readonly message: string
}

const peer = { id: 'b', transport: 'memory:2' }

const EXAMPLES: readonly Example[] = [
  {
    error: new InvalidOptionError('fanout', 'an integer in [1, 64]', 0),
    name: 'InvalidOptionError',
    code: 'GOSSIP_OPTION_INVALID',
    facts: { option: 'fanout', value: 0 },
    message: 'fanout must be an integer in [1, 64], got 0',
  },
  {
    error: new InvalidValueError('$.a[0]', 'is undefined'),
    name: 'InvalidValueError',
    code: 'GOSSIP_VALUE_INVALID',
    facts: { path: '$.a[0]' },
    message: '$.a[0] is undefined',
  },
  {
    error: new ValueTooLargeError('photo', 2_000, 1_000),
    name: 'ValueTooLargeError',
    code: 'GOSSIP_VALUE_TOO_LARGE',
    facts: { key: 'photo', bytes: 2_000, bytesMax: 1_000 },
    message: 'the value of "photo" takes 2000 bytes as JSON, the limit is 1000',
  },
  {
    error: new LifecycleError('GOSSIP_NODE_CLOSED', 'the node is closed'),
    name: 'LifecycleError',
    code: 'GOSSIP_NODE_CLOSED',
    facts: {},
    message: 'the node is closed',
  },
  {
    error: new CapacityError('peers', 10),
    name: 'CapacityError',
    code: 'GOSSIP_CAPACITY_REACHED',
    facts: { table: 'peers', limit: 10 },
    message: 'peers is full: the limit is 10',
  },
  {
    error: new IdConflictError('a', 3, 9),
    name: 'IdConflictError',
    code: 'GOSSIP_ID_CONFLICT',
    facts: { id: 'a', generation: 3, otherGeneration: 9 },
    message: 'another process runs as "a": its generation is 9, ours 3; this one has stopped',
  },
  {
    error: new MalformedMessageError('a digest is an array', peer),
    name: 'MalformedMessageError',
    code: 'GOSSIP_MESSAGE_MALFORMED',
    facts: { peer, direction: 'inbound' },
    message: 'malformed message: a digest is an array',
  },
  {
    error: new RefusedMessageError('GOSSIP_CLUSTER_FOREIGN', 'another cluster', peer),
    name: 'RefusedMessageError',
    code: 'GOSSIP_CLUSTER_FOREIGN',
    facts: { peer, direction: 'inbound' },
    message: 'another cluster',
  },
  {
    error: new ListenerError('update', new TypeError('oops')),
    name: 'ListenerError',
    code: 'GOSSIP_LISTENER_THREW',
    facts: { event: 'update' },
    message: 'a listener of "update" threw: oops',
  },
  {
    error: new TransportError('GOSSIP_CONNECT_FAILED', 'nobody is there', { peer, direction: 'outbound' }),
    name: 'TransportError',
    code: 'GOSSIP_CONNECT_FAILED',
    facts: { peer, direction: 'outbound' },
    message: 'nobody is there',
  },
  {
    error: new StorageError('GOSSIP_STORAGE_CORRUPT', 'it is damaged', { path: 'journal', offset: 7 }),
    name: 'StorageError',
    code: 'GOSSIP_STORAGE_CORRUPT',
    facts: { path: 'journal', offset: 7 },
    message: 'it is damaged',
  },
  {
    error: new FrameTooLargeError(20, 10, { peer, direction: 'inbound' }),
    name: 'FrameTooLargeError',
    code: 'GOSSIP_FRAME_TOO_LARGE',
    facts: { bytes: 20, bytesMax: 10, peer, direction: 'inbound' },
    message: 'frame of 20 bytes exceeds the limit of 10',
  },
]

errors('every error is an error of this library, with its name, code, facts and text', () => {
  for (const { error, name, code, facts, message } of EXAMPLES) {
    assert.instance(error, GossipError, name)
    assert.instance(error, Error, name)
    assert.is(error.name, name)
    assert.is(error.code, code, name)
    assert.is(error.message, message, name)
    for (const [fact, value] of Object.entries(facts)) assert.equal(Reflect.get(error, fact), value, `${name}.${fact}`)
    assert.match(String(error.stack), 'errors.test')
  }
})

errors('codes are stable words of one form, no two the same', () => {
  const codes = EXAMPLES.map(({ error }) => error.code)
  for (const code of codes) assert.match(code, /^GOSSIP_[A-Z]+(_[A-Z]+)*$/)
  assert.is(new Set(codes).size, codes.length)
})

errors('a cause is kept, and absent where there is none', () => {
  const cause = new Error('below')
  assert.is(new ListenerError('update', cause).cause, cause)
  assert.is(new TransportError('GOSSIP_X', 'text', { direction: 'outbound', cause }).cause, cause)
  assert.not.ok('cause' in new TransportError('GOSSIP_X', 'text', { direction: 'outbound' }))
})

errors('a value is shown in few words, whatever it is', () => {
  const shown = (value: unknown): string =>
    new InvalidOptionError('a', 'b', value).message.slice('a must be b, got '.length)
  assert.is(shown('text'), '"text"')
  assert.is(shown('x'.repeat(5_000)), `"${'x'.repeat(100)}…"`)
  assert.is(shown(3n), '3n')
  assert.is(shown(Number.NaN), 'NaN')
  assert.is(shown(undefined), 'undefined')
  assert.is(shown(null), 'null')
  assert.is(shown([1]), 'an array')
  assert.is(shown({ a: 1 }), 'an object')
  assert.is(
    shown(() => 1),
    'a function',
  )
  assert.is(shown(Symbol('a')), 'Symbol(a)')
})

errors('a broken invariant is no error of the embedder', () => {
  assert.throws(
    () => claim(false, 'versions only rise'),
    (error: Error) =>
      error instanceof AssertionError &&
      !(error instanceof GossipError) &&
      error.code === 'GOSSIP_ASSERTION' &&
      error.message === 'versions only rise',
  )
  claim(true)
})

errors.run()
