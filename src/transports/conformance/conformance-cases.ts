/** All cases, and which of them a fixture calls for. */

import { type CaseDefinition, type ConformanceCase, reasonToSkip, type SkippedCase } from './case.ts'
import {
  bulkCases,
  channelCases,
  clusterCases,
  deliveryCases,
  diallerCases,
  errorCases,
  helloCases,
  isolationCases,
  lifecycleCases,
  limitCases,
  listenerCases,
  rpcCases,
  sessionCases,
} from './cases/index.ts'
import { type ConformanceFixture, resolveFixture } from './fixture.ts'
import { play } from './play.ts'

/** In the order of the guide; what takes long comes last. */
const CASES: readonly CaseDefinition[] = [
  ...deliveryCases,
  ...isolationCases,
  ...limitCases,
  ...errorCases,
  ...lifecycleCases,
  ...listenerCases,
  ...helloCases,
  ...rpcCases,
  ...diallerCases,
  ...sessionCases,
  ...channelCases,
  ...bulkCases,
  ...clusterCases,
]

/**
 * The cases that a fixture calls for, each to be given to a test runner: `for (const { name, run } of …) test(name, run)`.
 * They are independent of each other; run them one after the other, since some look at the whole process.
 *
 * @throws {InvalidOptionError} the fixture lacks something or has something of the wrong type
 */
export function conformanceCases(fixture: ConformanceFixture): readonly ConformanceCase[] {
  const resolved = resolveFixture(fixture)
  return CASES.filter(({ needs }) => reasonToSkip(needs, resolved) === undefined).map((definition) => ({
    name: definition.name,
    needs: definition.needs,
    run: (options = {}) => play(definition, resolved, options),
  }))
}

/**
 * The cases that a fixture does not call for, with the reasons.
 *
 * @throws {InvalidOptionError} as {@link conformanceCases}
 */
export function skippedCases(fixture: ConformanceFixture): readonly SkippedCase[] {
  const resolved = resolveFixture(fixture)
  return CASES.flatMap(({ name, needs }) => {
    const reason = reasonToSkip(needs, resolved)
    return reason === undefined ? [] : [{ name, needs, reason }]
  })
}
