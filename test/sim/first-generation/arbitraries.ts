/** What a node of the first generation may be told: by neighbours of its own kind and of ours, and by anybody. */

import fc from 'fast-check'
import type { JsonValue, SenderRef } from '../../../src/core/index.ts'
import { jsonValue } from '../../core/json/json-arbitraries.ts'
import type { Step } from './pair.ts'

/** Some look like numbers, which objects keep in front. The first is the node's own. */
export const IDS: readonly string[] = ['me', 'ada', '10', 'bob', '7']

/** So few leaves and names that a write is often loosely equal to what it replaces. */
export const similarValue: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<JsonValue>(null, 0, 1, '', '0', '1', 'ab', true, false, [], {}),
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('0', 'a', '__proto__', 'length', 'prototype'), tie('value'), { maxKeys: 2 }),
  ),
})).value

const key = fc.oneof({ weight: 9, arbitrary: fc.constantFrom('b', 'a', '2', '1', 'c', 'd', 'e', 'f', 'g') }, oddName())
const version = fc.oneof(fc.nat({ max: 12 }), fc.constantFrom(0, 1, Number.MAX_SAFE_INTEGER))

/** A sender, at one of two addresses: nodes move. */
export const sender: fc.Arbitrary<SenderRef> = fc
  .tuple(fc.constantFrom(...IDS), fc.constantFrom(1, 1, 1, 2))
  .map(([id, port]) => ({ id, transport: addressOf(id, port) }))

const item: fc.Arbitrary<JsonValue> = fc
  .tuple(fc.constantFrom(...IDS, 'cyd', '8'), version, fc.constantFrom(0, 1, 2))
  .map(([id, maxVersionSeen, kind]) => ({ id, maxVersionSeen, transport: addressOf(id, 1), ...EXTRAS[kind] }))

/** Nodes of ours say more of themselves; old readers ignore it. */
const EXTRAS: readonly Record<string, JsonValue>[] = [
  {},
  { generation: 1_740_800_000_000_007, clusterId: 'gossipmonger', flat: true },
  { generation: 9, heartbeat: 12, gcVersion: 1, status: 'live', step: 1 },
]

const delta: fc.Arbitrary<JsonValue> = fc.tuple(fc.constantFrom(...IDS, 'cyd'), key, similarValue, version)

/** Inputs that a cluster of both kinds may cause. */
export const wellFormedStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: waits() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stall' as const), ms: waits() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('set' as const), key, value: similarValue }) },
  { weight: 4, arbitrary: message('digest', fc.array(item, { maxLength: 6 })) },
  { weight: 3, arbitrary: message('deltas', fc.array(delta, { maxLength: 6 })) },
)

/** What the package makes a peer of, fields and all. */
const fields = fc.record(
  {
    data: fc.oneof(fc.dictionary(key, fc.tuple(similarValue, version), { maxKeys: 3 }), jsonValue),
    intervals: fc.oneof(fc.array(fc.integer({ min: -5, max: 3_000 }), { maxLength: 3 }), jsonValue),
    intervalsMean: jsonValue,
    lastTime: jsonValue,
    live: jsonValue,
    MAX_INTERVALS: fc.oneof(fc.integer({ min: 1, max: 3 }), jsonValue),
    sum: jsonValue,
    transport: fc.oneof({ weight: 4, arbitrary: fc.constant({ host: 'h', port: 5 }) }, jsonValue),
  },
  { requiredKeys: [] },
)
const anyId: fc.Arbitrary<JsonValue> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<JsonValue>(...IDS, 'cyd') },
  fc.constantFrom<JsonValue>(10, 7, ['me'], ['ada'], null, true, { toString: 1 }, {}),
  oddName(),
)
const anyVersion = fc.oneof(version, fc.constantFrom<JsonValue>('3', [4], true, null, { valueOf: 1, toString: 1 }, 'x'))
const anyItem = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(anyId, anyVersion, fields)
      .map(([id, maxVersionSeen, more]) => ({ id, maxVersionSeen, ...more })),
  },
  { weight: 1, arbitrary: jsonValue },
)
const anyDelta = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(anyId, fc.oneof(key, jsonValue), similarValue, anyVersion) },
  { weight: 1, arbitrary: jsonValue },
)

/** Inputs that nobody should cause; most end the process sooner or later. */
export const hostileStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: wellFormedStep },
  { weight: 3, arbitrary: message('digest', fc.array(anyItem as fc.Arbitrary<JsonValue>, { maxLength: 2 })) },
  { weight: 3, arbitrary: message('deltas', fc.array(anyDelta as fc.Arbitrary<JsonValue>, { maxLength: 2 })) },
  { weight: 1, arbitrary: message('digest', jsonValue) },
  { weight: 1, arbitrary: message('deltas', jsonValue) },
)

/** The address of an id; where two ports are known, the node has moved. */
export function addressOf(id: string, port: number): JsonValue {
  return { host: id, port }
}

/** Mostly about a round, sometimes long enough for somebody to be called dead. */
function waits(): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.nat({ max: 1_500 }) },
    { weight: 1, arbitrary: fc.constantFrom(0, 1, 1_000, 8_000, 30_000) },
  )
}

/** Names that every object has already. */
function oddName(): fc.Arbitrary<string> {
  return fc.constantFrom('__proto__', 'constructor', 'toString', 'length', '0', '')
}

function message(kind: 'digest' | 'deltas', payload: fc.Arbitrary<JsonValue>): fc.Arbitrary<Step> {
  return fc.record({ from: sender, payload }).map((told) => ({ do: kind, ...told }))
}
