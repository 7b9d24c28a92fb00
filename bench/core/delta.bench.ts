/**
 * Does a delta cost what changed, or what is stored? One key changes in maps of 100 and of 100,000 keys; the times should
 * be alike. Expected: O(keys changed + log keys).
 */

import { Engine, resolveEngineOptions } from '../../src/core/index.ts'
import { type AnySubject, measure, subject } from '../harness/measure.ts'
import type { BenchFile } from '../harness/report.ts'

const SMALL = 100
const LARGE = 100_000
const OTHER = { id: 'b', transport: 'b' }

/** The bench. */
export const bench: BenchFile = {
  question: `deltas for one changed key, in a map of ${SMALL} and of ${LARGE} keys`,
  run: () => measure([subjectAt(SMALL), { ...subjectAt(LARGE), against: nameOf(SMALL) }]),
}

function nameOf(keys: number): string {
  return `one changed of ${keys}`
}

function subjectAt(keys: number): AnySubject {
  const options = resolveEngineOptions({})
  const engine = new Engine({ id: 'a', generation: 1, options, random: () => 0.5 })
  engine.start({ generation: 1, transport: 'a' }, 0)
  for (let key = 0; key < keys; key++) engine.set(`key-${key}`, key, {}, 0)
  let value = 0
  return subject({
    name: nameOf(keys),
    prepare: () => {
      const before = engine.ownMap.maxVersionSeen
      engine.set('key-0', --value, {}, 0)
      engine.takeEvents()
      const { generation, gcVersion } = engine.ownMap
      const own = {
        ...OTHER,
        generation: 1,
        heartbeat: 1,
        gcVersion: 1,
        maxVersionSeen: 1,
        step: 2,
        clusterId: 'gossipmonger',
      }
      return [own, { id: 'a', generation, gcVersion, maxVersionSeen: before, heartbeat: 0 }]
    },
    run: (digest) => {
      engine.receiveDigest(OTHER, digest, 0)
      return engine.takeMessages()
    },
  })
}
