/** Whether something that opens handles releases all of them. */

import type { Section } from './conformance-error.ts'
import { openHandles } from './runtime.ts'
import type { Scene } from './scene.ts'
import { turn } from './waiting.ts'

/** How long a handle that was closed may take to go, ms. */
const GOING_MS_MAX = 2_000

/**
 * Plays something twice, and fails if more is open after the second time than after the first: what is opened once for
 * all is open by then.
 */
export async function assertNoHandleLeft(scene: Scene, section: Section, live: () => Promise<void>): Promise<void> {
  await live()
  const before = openHandles()
  await live()
  const more = (): string[] =>
    [...openHandles()].flatMap(([kind, count]) => {
      const added = count - (before.get(kind) ?? 0)
      return added > 0 && kind !== 'Immediate' ? [`${added} ${kind}`] : []
    })
  // A handle that was closed may take a few turns of the event loop to go.
  const endMs = performance.now() + Math.min(scene.deadlineMs, GOING_MS_MAX)
  while (more().length > 0 && performance.now() < endMs) await turn()
  const left = more()
  const expected = 'every handle to be released once close() has resolved'
  if (left.length > 0) scene.fail(section, expected, `still open: ${left.join(', ')}`)
}
