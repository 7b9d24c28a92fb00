/** Failures that a long run found, kept as files that the ordinary tests run again. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Counterexample, Scenario } from '../../src/sim/index.ts'

/** One of them. */
export interface KeptScenario {
  /** What it broke, in the words of the checker. */
  readonly problem: string
  readonly replay: string
  readonly scenario: Scenario
}

/** Where they are, seen from where this file is built. */
export const KEPT_FOLDER: string = fileURLToPath(new URL('../../../test/sim/kept', import.meta.url))

/**
 * Keeps one.
 *
 * @returns the path of its file
 */
export function keep({ scenario, error, replay }: Counterexample): string {
  const [problem = 'failure'] = (error instanceof Error ? error.message : String(error)).split('\n')
  const kept: KeptScenario = { problem, replay, scenario }
  const path = join(KEPT_FOLDER, `seed-${replay.replace(/:.*/, '')}-run-${replay.split(':')[1] ?? '0'}.json`)
  writeFileSync(path, `${JSON.stringify(kept, null, 2)}\n`)
  return path
}
