/** Turns the cases of the storage kit into tests of a suite. */

import type { Test } from 'uvu'
import { type StorageFixture, storageCases } from '../../src/storage/index.ts'

/** Adds a test for every case. */
export function addStorageTests(suite: Test, fixture: StorageFixture): void {
  for (const { name, run } of storageCases(fixture)) suite(name, () => run())
}
