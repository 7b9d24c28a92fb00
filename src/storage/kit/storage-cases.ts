/** The contract of storages as cases, to be run by any test runner. */

import { assertFixture, type StorageFixture } from './fixture.ts'
import { keepingCases } from './keeping-cases.ts'
import { possessionCases } from './possession-cases.ts'
import { Stage } from './stage.ts'

/** A case as a test runner takes it. */
export interface StorageCase {
  readonly name: string
  /**
   * Plays it, in a place of its own.
   *
   * @throws {StorageCaseError} as a rejection: the storage broke the contract; or what it rejected with where it must not
   */
  readonly run: () => Promise<void>
}

/**
 * All cases: `for (const { name, run } of storageCases(fixture)) test(name, run)`. They are independent of each other.
 *
 * @throws {InvalidOptionError} the fixture lacks something or has something of the wrong type
 */
export function storageCases(fixture: StorageFixture): readonly StorageCase[] {
  assertFixture(fixture)
  return [...keepingCases, ...possessionCases].map(({ name, play }) => ({
    name,
    run: () => Stage.play(fixture, play),
  }))
}
