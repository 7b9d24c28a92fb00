/** Turns the cases of the conformance kit into tests of a suite. */

import type { Test } from 'uvu'
import { type ConformanceFixture, conformanceCases } from '../../src/transports/conformance/index.ts'

/** Adds a test for every case that the fixture calls for, or for those of them whose name passes the filter. */
export function addConformanceTests(
  suite: Test,
  fixture: ConformanceFixture,
  filter: (name: string) => boolean = () => true,
): void {
  for (const { name, run } of conformanceCases(fixture)) if (filter(name)) suite(name, () => run())
}
