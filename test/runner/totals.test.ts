import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { judge, parseTotals } from './totals.ts'

const totals = suite('totals')

const PASSED = '  Total:     3\n  Passed:    3\n  Skipped:   1\n  Duration:  1.00ms\n\n'
const ended = { exitCode: 0, timedOut: false, timeoutMs: 1_000 }

totals('reads the block that uvu prints', () => {
  assert.equal(parseTotals(`noise\n\n${PASSED}`), [{ passed: 3, failed: 0, skipped: 1 }])
  assert.equal(parseTotals(PASSED.replace('Passed:    3', 'Passed:    1')), [{ passed: 1, failed: 2, skipped: 1 }])
})

totals('a good ending is no problem', () => {
  assert.equal(judge({ ...ended, output: PASSED }), { passed: 3, failed: 0, skipped: 1 })
})

totals('two blocks of totals are a problem: the second run may have left tests out', () => {
  assert.match(String(judge({ ...ended, output: PASSED + PASSED }).problem), 'more than one')
})

totals('a failure without a failed test still counts as one', () => {
  assert.is(judge({ ...ended, output: '' }).failed, 1)
  assert.is(judge({ ...ended, output: PASSED, exitCode: 7 }).failed, 1)
})

totals.run()
