/** Looks for a case that fails, whatever it is made of, and makes the first one small. */

import fc from 'fast-check'

/** Where to look, and for what. */
export interface Search<T> {
  readonly arbitrary: fc.Arbitrary<T>
  readonly run: (value: T) => unknown
  readonly seed: number
  readonly runs: number
  /** Starts at a failure that was found before. */
  readonly path?: string | undefined
  readonly onRun?: ((runs: number) => void) | undefined
  readonly isShrinking?: boolean | undefined
  readonly timeLimitMs?: number | undefined
}

/** One that failed, as small as it could be made. */
export interface Failure<T> {
  readonly value: T
  readonly error: unknown
  /** `SEED:PATH`. */
  readonly replay: string
  /** How much work it was, in words. */
  readonly effort: string
}

/** Searches until the first failure, or to the end. */
export async function search<T>(
  options: Search<T>,
): Promise<{ readonly runs: number; readonly failure: Failure<T> | undefined }> {
  const { arbitrary, run, seed, runs, path, onRun, isShrinking = true, timeLimitMs } = options
  let done = 0
  let hasFailed = false
  const property = fc.asyncProperty(arbitrary, async (value) => {
    try {
      await run(value)
    } catch (error) {
      hasFailed = true
      throw error
    }
    done++
    if (!hasFailed) onRun?.(done)
  })
  const details = await fc.check(property, {
    seed,
    numRuns: runs,
    endOnFailure: !isShrinking,
    ...(path === undefined ? {} : { path }),
    ...(timeLimitMs === undefined ? {} : { interruptAfterTimeLimit: timeLimitMs }),
  })
  const [value] = details.counterexample ?? []
  if (value === undefined) return { runs: details.numRuns, failure: undefined }
  const failure = {
    value,
    error: details.errorInstance as unknown,
    replay: `${details.seed}:${details.counterexamplePath ?? ''}`,
    effort: `${details.numRuns} runs, ${details.numShrinks} times shrunk`,
  }
  return { runs: details.numRuns, failure }
}

/** A failure for a person: the schedule, what went wrong, the line that shows it again. */
export function reportOf<T>({ error, effort }: Failure<T>, schedule: string, again: string): string {
  const problem = error instanceof Error ? error.message : String(error)
  return `A scenario fails (${effort}):\n\n${schedule}\n\n${problem}\n\nReplay: ${again}\n`
}
