import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ByteQueue } from '../../../src/transports/session/byte-queue.ts'
import { checkProperty } from '../../harness/property.ts'
import { pattern } from './session-pair.ts'

const byteQueue = suite('byte queue')

byteQueue('what goes in comes out, in order, whatever the sizes', () => {
  const size = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 9_000 }))
  const steps = fc.array(fc.oneof(size, fc.constant('shift' as const)), { maxLength: 200 })
  checkProperty(
    fc.property(steps, (plan) => {
      const queue = new ByteQueue()
      const [into, out]: [Uint8Array[], Uint8Array[]] = [[], []]
      const shift = (): boolean => {
        const piece = queue.shift()
        if (piece !== undefined) out.push(piece)
        return piece !== undefined
      }
      for (const [i, step] of plan.entries()) {
        if (step === 'shift') shift()
        else {
          into.push(pattern(step, i))
          queue.push(pattern(step, i))
        }
      }
      const expected = into.reduce((sum, piece) => sum + piece.length, 0)
      assert.is(queue.bytes + out.reduce((sum, piece) => sum + piece.length, 0), expected)
      while (shift());
      assert.is(queue.bytes, 0)
      assert.is(Buffer.compare(Buffer.concat(out), Buffer.concat(into)), 0)
    }),
  )
})

byteQueue('bytes one by one share a block', () => {
  const queue = new ByteQueue()
  for (let i = 0; i < 10_000; i++) queue.push(Uint8Array.of(i & 0xff))
  let pieces = 0
  while (queue.shift() !== undefined) pieces++
  assert.ok(pieces <= 10, String(pieces))
})

byteQueue('a small part of a large block does not keep it alive', () => {
  const queue = new ByteQueue()
  const block = new Uint8Array(65_536)
  queue.push(block.subarray(0, 5_000))
  queue.push(block.subarray(0, 60_000))
  queue.push(block.subarray(0, 5))
  const held: number[] = []
  for (let piece = queue.shift(); piece !== undefined; piece = queue.shift()) held.push(piece.buffer.byteLength)
  assert.equal(held, [5_000, 65_536, 256])
})

byteQueue.run()
