import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { FrameTooLargeError } from '../../../src/core/index.ts'
import { ByteBudget, LineGate } from '../../../src/transports/wire/index.ts'
import { checkProperty } from '../../harness/property.ts'

const gate = suite('line gate')

const isTooLarge = (error: unknown): boolean => error instanceof FrameTooLargeError

function newGate(lineBytesMax: number, budget: ByteBudget = new ByteBudget(1e9)): LineGate {
  return new LineGate({ lineBytesMax, budget, direction: 'inbound' })
}

function passed(through: LineGate, chunks: readonly Uint8Array[]): string {
  const parts: Buffer[] = []
  const keep = (lines: Uint8Array): void => void parts.push(Buffer.from(lines))
  for (const chunk of chunks) through.push(chunk, keep)
  through.finish(keep)
  return Buffer.concat(parts).toString()
}

gate('passes whole lines only, however the stream is cut', () => {
  const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 12 })
  checkProperty(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 30 })), cuts, (texts, at) => {
      const lines = texts.map((text) => `${text.replaceAll(/[\n\r]/g, '€')}\r\n`)
      const bytes = Buffer.from(lines.join(''))
      const edges = [0, ...at.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length]
      const budget = new ByteBudget(1e9)
      const through = newGate(1_000, budget)
      through.push(new Uint8Array(0), () => assert.unreachable())
      for (let i = 1; i < edges.length; i++) {
        through.push(bytes.subarray(edges[i - 1], edges[i]), (part) => assert.is(part.at(-1), 10))
      }
      assert.is(
        passed(
          newGate(1_000),
          edges.slice(1).map((end, i) => bytes.subarray(edges[i], end)),
        ),
        lines.join(''),
      )
      assert.is(budget.used, 0)
    }),
  )
})

gate('takes a last line without its end', () => {
  assert.is(passed(newGate(100), [Buffer.from('one\ntw'), Buffer.from('o')]), 'one\ntwo\n')
})

gate('keeps the limit to the byte, in one chunk, over many, and in the middle of one', () => {
  const fits = `${'x'.repeat(99)}\n`
  const over = `${'x'.repeat(100)}\n`
  assert.is(passed(newGate(100), [Buffer.from(fits + fits)]), fits + fits)
  assert.is(
    passed(
      newGate(100),
      [...Buffer.from(fits + fits)].map((byte) => Uint8Array.of(byte)),
    ),
    fits + fits,
  )
  for (const text of [over, fits + over, `${fits}a\n${over}${fits}`, fits + 'x'.repeat(100)]) {
    assert.throws(() => passed(newGate(100), [Buffer.from(text)]), isTooLarge)
    assert.throws(
      () =>
        passed(
          newGate(100),
          [...Buffer.from(text)].map((byte) => Uint8Array.of(byte)),
        ),
      isTooLarge,
    )
  }
})

gate('counts what it holds, never holds more than a line, and gives it back', () => {
  const budget = new ByteBudget(1e9)
  const through = newGate(10_000, budget)
  for (let i = 0; i < 99; i++) through.push(Buffer.alloc(100, 'x'), () => assert.unreachable())
  assert.is(budget.used, through.heldBytes)
  assert.ok(budget.used >= 9_900 && budget.used <= 10_000)
  through.release()
  assert.is(budget.used, 0)
})

gate('looks at each byte once: a long line in tiny pieces costs what it costs in large ones', () => {
  const through = newGate(2 ** 22)
  const startedMs = performance.now()
  for (let i = 0; i < 1_000_000; i++) through.push(Uint8Array.of(120), () => assert.unreachable())
  // Looking at the whole line again with every byte would take hours.
  assert.ok(performance.now() - startedMs < 5_000)
  assert.is(through.pendingBytes, 1_000_000)
})

gate.run()
