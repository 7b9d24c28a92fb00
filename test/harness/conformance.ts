/** Turns the cases of the conformance kit into tests of a suite. */

import type { Test } from 'uvu'
import { type ConformanceFixture, conformanceCases } from '../../src/transports/conformance/index.ts'

/** Adds a test for every case that the fixture calls for. */
export function addConformanceTests(suite: Test, fixture: ConformanceFixture): void {
  for (const { name, run } of conformanceCases(fixture)) suite(name, () => run())
}
