/** Runs all cases of a fixture without a test runner. */

import { conformanceCases, skippedCases } from './conformance-cases.ts'
import type { ConformanceFixture } from './fixture.ts'

/** How one case ended. */
export type ConformanceResult =
  | { readonly name: string; readonly status: 'passed'; readonly elapsedMs: number }
  | { readonly name: string; readonly status: 'failed'; readonly elapsedMs: number; readonly error: Error }
  | { readonly name: string; readonly status: 'skipped'; readonly reason: string }

/** What a run may be told. */
export interface ConformanceOptions {
  /** Called when a case has ended, or is skipped. */
  readonly onResult?: ((result: ConformanceResult) => void) | undefined
  /** Called before a case, with no text, and now and then in a long one, with how far it has come. */
  readonly onProgress?: ((name: string, text: string) => void) | undefined
  /** Which cases to run, by name. @defaultValue all */
  readonly filter?: ((name: string) => boolean) | undefined
  /** How long anything may take before it counts as never, ms, 1 to 3_600_000. @defaultValue 10_000 */
  readonly deadlineMs?: number | undefined
}

/** What came out. */
export interface ConformanceReport {
  readonly passed: number
  readonly failed: readonly { readonly name: string; readonly error: Error }[]
  /** What the fixture does not call for; cases that were filtered out are not counted. */
  readonly skipped: number
}

/**
 * Runs the cases one after the other.
 *
 * @returns how many passed and were skipped, and which failed; a failure is no rejection
 * @throws {InvalidOptionError} as a rejection: the fixture lacks something or has something of the wrong type
 */
export async function runConformance(
  fixture: ConformanceFixture,
  options: ConformanceOptions = {},
): Promise<ConformanceReport> {
  const { onResult = () => {}, onProgress = () => {}, filter = () => true, deadlineMs } = options
  const skipped = skippedCases(fixture).filter(({ name }) => filter(name))
  const failed: { name: string; error: Error }[] = []
  let passed = 0
  for (const { name, run } of conformanceCases(fixture).filter((each) => filter(each.name))) {
    const startMs = performance.now()
    onProgress(name, '')
    const error = await failureOf(run({ deadlineMs, onProgress: (text) => onProgress(name, text) }))
    const elapsedMs = performance.now() - startMs
    if (error === undefined) {
      passed++
      onResult({ name, status: 'passed', elapsedMs })
    } else {
      failed.push({ name, error })
      onResult({ name, status: 'failed', elapsedMs, error })
    }
  }
  for (const { name, reason } of skipped) onResult({ name, status: 'skipped', reason })
  return { passed, failed, skipped: skipped.length }
}

async function failureOf(run: Promise<void>): Promise<Error | undefined> {
  try {
    await run
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
