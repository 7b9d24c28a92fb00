import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidValueError, MalformedMessageError } from '../../../src/core/index.ts'
import { encodeSender, parseSender, SENDER_BYTES_MAX } from '../../../src/transports/wire/index.ts'

const sender = suite('sender')

function refused(value: unknown): boolean {
  try {
    parseSender(value)
    return false
  } catch (error) {
    return error instanceof MalformedMessageError
  }
}

sender('takes over the id and the address and nothing else', () => {
  const read = parseSender({ id: 'a', transport: { host: 'h', port: 1 }, data: { x: 1 }, live: false })
  assert.equal(read, { id: 'a', transport: { host: 'h', port: 1 } })
})

sender('reads names that mean something to JavaScript as names', () => {
  for (const id of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const read = parseSender(JSON.parse(`{"id":"${id}","transport":{"__proto__":1}}`))
    assert.is(read.id, id)
    assert.is(JSON.stringify(read.transport), '{"__proto__":1}')
  }
})

sender('refuses what is no sender', () => {
  for (const value of [undefined, null, 0, '', 'a', true, [], [1], {}, { id: 'a' }, { transport: 'x' }]) {
    assert.ok(refused(value), JSON.stringify(value))
  }
})

sender('refuses ids that are no names', () => {
  for (const id of [null, 1, Number.NaN, {}, [], true, '', 'x'.repeat(257), '\ud800', 'a\udc00b']) {
    assert.ok(refused({ id, transport: 'x' }), JSON.stringify(id))
  }
  assert.not(refused({ id: 'x'.repeat(256), transport: 'x' }))
})

sender('refuses addresses over 1 KiB, however they are nested', () => {
  assert.not(refused({ id: 'a', transport: 'x'.repeat(1_022) }))
  assert.ok(refused({ id: 'a', transport: 'x'.repeat(1_023) }))
  assert.ok(refused({ id: 'a', transport: JSON.parse(`${'['.repeat(400)}${']'.repeat(400)}`) }))
})

sender('returns the known sender where nothing changed', () => {
  const known = parseSender({ id: 'a', transport: { host: 'h', port: 1 } })
  assert.is(parseSender({ id: 'a', transport: { port: 1, host: 'h' } }, known), known)
  assert.is(parseSender({ id: 'b', transport: { port: 1, host: 'h' } }, known).id, 'b')
  assert.equal(parseSender({ id: 'a', transport: { port: 2, host: 'h' } }, known).transport, { port: 2, host: 'h' })
  assert.throws(() => parseSender({ id: 'a' }, known), /no transport/)
})

sender('writes id, then transport', () => {
  assert.is(
    encodeSender({ transport: { host: 'h', port: 1 }, id: 'a' }),
    '{"id":"a","transport":{"host":"h","port":1}}',
  )
})

sender('writes nothing that the other side would refuse, and nothing over its limit', () => {
  const worst = { id: '\u0001'.repeat(256), transport: '\u20ac'.repeat(340) }
  assert.ok(Buffer.byteLength(encodeSender(worst)) <= SENDER_BYTES_MAX)
  assert.not(refused(JSON.parse(encodeSender(worst))))
  for (const [id, transport] of [
    ['', 'x'],
    ['x'.repeat(257), 'x'],
    ['\ud800', 'x'],
    ['a', undefined],
    ['a', '\u20ac'.repeat(342)],
  ]) {
    assert.throws(
      () => encodeSender({ id, transport } as never),
      (e: unknown) => e instanceof InvalidValueError,
    )
  }
})

sender.run()
