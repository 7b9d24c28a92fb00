import { createRequire } from 'node:module'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue } from '../../../src/core/index.ts'
import { PeerRecord, type RecordFields } from '../../../src/sim/first-generation/peer-record.ts'
import { throughText } from '../../core/json/json-arbitraries.ts'
import { checkProperty } from '../../harness/property.ts'

const records = suite('peer-record')

interface RealRecord {
  readonly maxVersionSeen: number
  markContact(time: number): void
  phi(time: number): number
  updateWithDelta(key: string, value: JsonValue, version: number): string | null
  deltasAfterVersion(version: number): unknown[]
}

const fromPackage = createRequire(createRequire(import.meta.url).resolve('gossipmonger'))
const RealPeerRecord = fromPackage('gossipmonger-peer') as new (id: string, fields: RecordFields) => RealRecord

const START_MS = 1_700_000_000_000

records('suspicion is the same number, bit for bit, through far more gaps than are remembered', () => {
  const gaps = fc.array(fc.oneof(fc.nat({ max: 3_000 }), fc.double({ min: 0, max: 1e5, noNaN: true })), {
    minLength: 1,
    maxLength: 260,
    size: 'max',
  })
  const begins = fc.constantFrom<RecordFields>({}, { lastTime: START_MS })
  checkProperty(
    fc.property(begins, gaps, fc.nat({ max: 100_000 }), (fields, list, silenceMs) => {
      const [model, real] = [new PeerRecord('a', fields), new RealPeerRecord('a', fields)]
      let nowMs = START_MS
      assert.is(model.phi(nowMs), real.phi(nowMs))
      for (const gapMs of list) {
        nowMs += gapMs
        model.markContact(nowMs)
        real.markContact(nowMs)
        assert.is(model.phi(nowMs + silenceMs), real.phi(nowMs + silenceMs))
      }
    }),
  )
})

records('whatever an item brought, suspicion is the same, or both fail', () => {
  const odd = fc.constantFrom<JsonValue>(
    [],
    [5],
    [1, -2],
    [null],
    ['1'],
    0,
    3,
    -1,
    true,
    false,
    null,
    '',
    '12',
    {},
    { length: 1 },
  )
  const times = fc.oneof(odd, fc.constantFrom<JsonValue>(START_MS, START_MS + 5_000))
  const fields = fc.record(
    { intervals: odd, intervalsMean: odd, sum: odd, MAX_INTERVALS: odd, lastTime: times },
    { requiredKeys: [] },
  )
  const story = (record: Pick<RealRecord, 'phi' | 'markContact'>): unknown[] => {
    const seen: unknown[] = [record.phi(START_MS)]
    try {
      for (let i = 1; i < 4; i++) {
        record.markContact(START_MS + 900 * i)
        seen.push(record.phi(START_MS + 1_000 * i))
      }
    } catch (error) {
      seen.push((error as Error).constructor.name)
    }
    return seen
  }
  checkProperty(
    fc.property(fields, (given) => {
      const begin = (): RecordFields => throughText(given as JsonValue) as unknown as RecordFields
      const [model, real] = [story(new PeerRecord('a', begin())), story(new RealPeerRecord('a', begin()))]
      assert.ok(
        model.length === real.length && model.every((seen, i) => Object.is(seen, real[i])),
        `${model} is not ${real}`,
      )
    }),
    { numRuns: 2_000 },
  )
})

records('takes in and gives out the same deltas', () => {
  const delta = fc.tuple(fc.constantFrom('b', 'a', '1', '0', '__proto__', 'length'), fc.nat(), fc.nat({ max: 30 }))
  checkProperty(
    fc.property(fc.array(delta, { maxLength: 20 }), fc.nat({ max: 30 }), (deltas, version) => {
      const [model, real] = [new PeerRecord('a', {}), new RealPeerRecord('a', {})]
      for (const [key, value, at] of deltas) {
        model.updateWithDelta(key, value, at)
        real.updateWithDelta(key, value, at)
        assert.is(model.maxVersionSeen, real.maxVersionSeen)
      }
      assert.is(JSON.stringify(model.deltasAfter(version)), JSON.stringify(real.deltasAfterVersion(version)))
    }),
  )
})

records('one that was only heard of is never called dead', () => {
  const record = new PeerRecord('a', {})
  assert.ok(record.phi(START_MS) < 1)
  assert.is(record.phi(START_MS + 1e12), record.phi(START_MS))
})

records.run()
