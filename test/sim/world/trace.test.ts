import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Trace, type TraceRecord } from '../../../src/sim/world/index.ts'

const traces = suite('trace')

function hashOf(...records: readonly TraceRecord[]): string {
  const trace = new Trace()
  for (const record of records) trace.write(record)
  return trace.hash
}

traces('the sink gets each record as a line, and the lines are counted', () => {
  const lines: string[] = []
  const trace = new Trace((line) => lines.push(line))
  trace.write({ at: 1, what: 'x', value: { deep: ['\n'] } })
  trace.write({ at: 2, what: 'y', nothing: undefined })
  assert.equal(lines, ['{"at":1,"what":"x","value":{"deep":["\\n"]}}', '{"at":2,"what":"y"}'])
  assert.is(trace.records, 2)
})

traces('the fingerprint has 16 hexadecimal digits, with a sink or without', () => {
  const trace = new Trace(() => {})
  trace.write({ at: 1, what: 'x' })
  assert.match(trace.hash, /^[0-9a-f]{16}$/)
  assert.is(trace.hash, hashOf({ at: 1, what: 'x' }))
})

traces('every fact and the order of records count', () => {
  const [first, second] = [
    { at: 1, what: 'x' },
    { at: 1, what: 'y' },
  ]
  const hashes = [
    hashOf(),
    hashOf(first),
    hashOf(second),
    hashOf(first, second),
    hashOf(second, first),
    hashOf({ at: 1.000000001, what: 'x' }),
    hashOf({ ...first, more: null }),
  ]
  assert.is(new Set(hashes).size, hashes.length)
})

traces.run()
