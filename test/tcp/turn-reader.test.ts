import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TurnReader } from '../../src/tcp/turn-reader.ts'
import { ByteBudget } from '../../src/transports/index.ts'
import { checkProperty } from '../harness/property.ts'

const turns = suite('tcp: turn reader')

/** A reader whose every message takes `msPerMessage` on its clock. */
function readerOf(msPerMessage: number): { reader: TurnReader; values: unknown[]; budget: ByteBudget } {
  let nowMs = 0
  const values: unknown[] = []
  const budget = new ByteBudget(2 ** 30)
  const onValue = (value: unknown): void => {
    values.push(value)
    nowMs += msPerMessage
  }
  const onError = (error: Error): void => {
    throw error
  }
  const reader = new TurnReader({ lineBytesMax: 2 ** 20, budget, direction: 'inbound', onValue, onError }, () => nowMs)
  return { reader, values, budget }
}

turns('a turn ends when its time is up, and what is left is held and counted', () => {
  const { reader, values, budget } = readerOf(5)
  const line = `"${'x'.repeat(1_000)}"\n`
  const turn = reader.read(Buffer.from(line.repeat(50)))
  assert.equal(turn, { messages: 2, bytes: 2 * line.length, spentMs: 10 })
  assert.ok(reader.hasRest)
  assert.is(budget.used, 48 * line.length)
  for (let i = 0; i < 24; i++) reader.read()
  assert.is(values.length, 50)
  assert.not(reader.hasRest)
  assert.is(budget.used, 0)
})

turns('what takes no time is read at once', () => {
  const { reader, values } = readerOf(0)
  reader.read(Buffer.from('1\n'.repeat(30_000)))
  assert.is(values.length, 30_000)
  assert.not(reader.hasRest)
})

turns('who is stopped holds nothing', () => {
  const { reader, budget } = readerOf(20)
  reader.read(Buffer.from(`"${'x'.repeat(2_000)}"\n`.repeat(10)))
  reader.stop()
  assert.is(budget.used, 0)
  assert.not(reader.hasRest)
})

turns('every line is read once, whole and in order, however chunks and turns cut them', () => {
  const texts = fc.array(fc.string({ maxLength: 3_000, unit: 'grapheme' }), { maxLength: 30 })
  checkProperty(
    fc.property(texts, fc.integer({ min: 1, max: 5_000 }), fc.constantFrom(0, 3, 10), (lines, chunkBytes, ms) => {
      const { reader, values } = readerOf(ms)
      const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\r\n`).join(''))
      for (let at = 0; at < bytes.length; at += chunkBytes) {
        reader.read(bytes.subarray(at, at + chunkBytes))
        while (reader.hasRest) reader.read()
      }
      assert.equal(values, lines)
    }),
  )
})

turns.run()
