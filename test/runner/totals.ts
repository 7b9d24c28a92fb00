/**
 * What a finished test process says of itself: the totals that uvu prints last, and the verdict on the whole file.
 * uvu's own exit code is not enough: a suite that was never run, or whose `before` hook threw, ends with 0.
 */

/** The totals of one file. `failed` is what is left of the total, so a test that never ran counts as failed. */
export interface Totals {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** How a test process came to its end. */
export interface Ending {
  /** Everything it printed, both streams in order of arrival. */
  readonly output: string
  /** Null when a signal ended it. */
  readonly exitCode: number | null
  readonly timedOut: boolean
  readonly timeoutMs: number
}

/** The verdict on one file; `problem` is absent when it passed. */
export interface Verdict extends Totals {
  readonly problem?: string
}

const TOTALS = /^ {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)$/gm

/**
 * Judges one test process.
 *
 * @returns its totals; a file that failed for another reason than a failed test counts as one failed test
 */
export function judge(ending: Ending): Verdict {
  const found = parseTotals(ending.output)
  const totals = found.at(-1) ?? { passed: 0, failed: 0, skipped: 0 }
  const problem = problemOf(ending, found)
  if (problem === undefined) return totals
  return { ...totals, failed: Math.max(1, totals.failed), problem }
}

/** Every block of totals in the output, in order. */
export function parseTotals(output: string): Totals[] {
  return [...output.matchAll(TOTALS)].map(([, total, passed, skipped]) => ({
    passed: Number(passed),
    failed: Number(total) - Number(passed),
    skipped: Number(skipped),
  }))
}

function problemOf(ending: Ending, found: readonly Totals[]): string | undefined {
  const totals = found.at(-1)
  if (ending.timedOut) {
    const hint =
      totals === undefined ? 'a test waits for ever' : 'all tests ended, but an open handle kept the process alive'
    return `no end after ${ending.timeoutMs} ms: ${hint}`
  }
  if (totals === undefined) return `no totals (exit code ${ending.exitCode}): no suite was run, or the process died`
  if (found.length > 1) return 'more than one block of totals: a suite was run late, after an await'
  if (totals.passed + totals.failed === 0) return 'no test: is a `.run()` missing?'
  if (totals.failed > 0) return `${totals.failed} of ${totals.passed + totals.failed} failed`
  if (ending.exitCode !== 0) return `every test passed, but the process ended with exit code ${ending.exitCode}`
  return undefined
}
