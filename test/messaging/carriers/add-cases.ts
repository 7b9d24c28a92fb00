/** Turns the cases into tests of a suite, each with nodes of its own. */

import type { Test } from 'uvu'
import type { Carrier } from './carrier.ts'
import { CASES } from './cases.ts'
import { Gathering } from './gathering.ts'

/** Adds a test for every case. */
export function addCases(suite: Test, carrier: () => Carrier): void {
  for (const [name, run] of Object.entries(CASES)) suite(name, () => withGathering(carrier(), run))
}

/** Does something with three nodes that know each other. */
export async function withGathering(carrier: Carrier, work: (gathering: Gathering) => Promise<void>): Promise<void> {
  const gathering = new Gathering(carrier)
  try {
    await gathering.start()
    await work(gathering)
  } finally {
    await gathering.close()
  }
}
