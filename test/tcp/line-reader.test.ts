import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue } from '../../src/core/index.ts'
import { LineReader } from '../../src/tcp/line-reader.ts'
import { ByteBudget, encodeMessage, messageLine, parseEnvelope } from '../../src/transports/index.ts'
import { checkProperty } from '../harness/property.ts'

const reader = suite('tcp: line reader')

interface Read {
  readonly values: unknown[]
  readonly errors: Error[]
  readonly reader: LineReader
}

function newReader(lineBytesMax: number = 1e6): Read {
  const values: unknown[] = []
  const errors: Error[] = []
  const options = { lineBytesMax, budget: new ByteBudget(1e9), direction: 'inbound' } as const
  const onValue = (value: unknown): void => void values.push(value)
  return { values, errors, reader: new LineReader({ ...options, onValue, onError: (error) => errors.push(error) }) }
}

reader('reads what was written, however the bytes are cut, with or without the last line end', () => {
  const sender = { id: 'ä€😀', transport: { host: 'h', port: 1 } }
  const payloads = fc.array(fc.jsonValue({ stringUnit: 'binary' }), { minLength: 1, maxLength: 5 })
  checkProperty(
    fc.property(payloads, fc.integer({ min: 1, max: 50 }), fc.boolean(), (raw, step, isTrimmed) => {
      const sent = raw.map((value) => JSON.parse(JSON.stringify(value)) as JsonValue)
      const text = sent.map((payload) => messageLine(encodeMessage('digest', payload, sender))).join('')
      const bytes = Buffer.from(isTrimmed ? text.trimEnd() : text)
      const { values, errors, reader: lines } = newReader()
      for (let at = 0; at < bytes.length; at += step) lines.push(bytes.subarray(at, at + step))
      lines.finish()
      assert.equal(errors, [])
      const read = values.map((value) => parseEnvelope(value))
      assert.equal(
        read,
        sent.map((payload) => ({ kind: 'digest', payload, sender, hello: undefined })),
      )
    }),
  )
})

reader('tells values inside the call that brought them, and one error at most', () => {
  const { values, errors, reader: lines } = newReader()
  lines.push(Buffer.from('1\n"a"\n\r\n{}\n[2'))
  assert.equal(values, [1, 'a', {}])
  assert.is(lines.pendingBytes, 2)
  lines.push(Buffer.from(' }\n3\nnope\n'))
  lines.push(Buffer.from('4\n'))
  assert.equal(values, [1, 'a', {}])
  assert.is(errors.length, 1)
  assert.is(lines.heldBytes, 0)
})

reader('survives any bytes', async () => {
  await checkProperty(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), async (chunks) => {
      const { errors, reader: lines } = newReader(64)
      for (const chunk of chunks) lines.push(chunk)
      lines.finish()
      await Promise.resolve()
      assert.ok(errors.length <= 1)
    }),
  )
})

reader.run()
