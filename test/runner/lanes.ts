/**
 * Which test files run side by side. Two lanes keep two cores busy; a third takes the files that mostly wait, for real peers to
 * notice that others have gone or for deadlines to pass, and so would keep a core idle.
 */

import type { TestFile } from './test-files.ts'

/** Files that wait for more than half of their time, and for nothing that a busy machine could be too late for. */
const WAITING: ReadonlySet<string> = new Set([
  'interop/old-package',
  'network/partitions',
  'runner/run-file',
  'transports/udp/connections',
])

const BUSY_LANES = 2

/**
 * Shares files out to lanes; each lane is a queue, and lanes may share one.
 *
 * @returns for each lane the files it takes its next one from
 */
export function lanesOf(files: readonly TestFile[]): readonly Iterator<TestFile>[] {
  const busy = files.filter(({ name }) => !WAITING.has(name)).values()
  const waiting = files.filter(({ name }) => WAITING.has(name)).values()
  return [...Array.from({ length: BUSY_LANES }, () => busy), waiting]
}
