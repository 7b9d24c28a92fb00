/** Leaves a test out where the machine does not allow it, and says why: the runner repeats what is printed here. */

import type { Test } from 'uvu'

/** How the line begins that the runner repeats. */
export const LEFT_OUT = 'LEFT OUT: '

/**
 * Adds a test that is counted as skipped.
 *
 * @param reason - what is missing here, and what would change it
 */
export function leaveOut(suite: Test, name: string, reason: string): void {
  console.log(`${LEFT_OUT}${name}: ${reason}`)
  suite.skip(name, () => {})
}
