/** Plays one case from its first transport to its last handle. */

import type { CaseDefinition } from './case.ts'
import { described } from './error-rules.ts'
import type { ResolvedFixture } from './fixture.ts'
import { watchStrayErrors } from './runtime.ts'
import { type PlayOptions, Scene } from './scene.ts'
import { turn } from './waiting.ts'

/**
 * Plays a case; whatever happens, its transports are closed and its fixture is torn down.
 *
 * @throws {ConformanceError} as a rejection: the first rule that was broken
 */
export async function play(definition: CaseDefinition, fixture: ResolvedFixture, options: PlayOptions): Promise<void> {
  const scene = new Scene(fixture, options)
  const stopWatching = watchStrayErrors((error) => {
    const rule = 'nothing to be thrown where nobody can catch it: that ends the process'
    scene.violate('Errors', rule, `thrown was ${described(error)}`, error)
  })
  try {
    await playAndEnd(definition, scene)
    // What a timer or a socket throws comes a turn later.
    await turn()
    scene.assertSound()
  } finally {
    stopWatching()
  }
}

async function playAndEnd(definition: CaseDefinition, scene: Scene): Promise<void> {
  try {
    await definition.play(scene)
    scene.assertSound()
  } catch (error) {
    // The case has its verdict; trouble with closing would only hide it.
    await scene.end().catch(() => {})
    throw error
  }
  await scene.end()
}
