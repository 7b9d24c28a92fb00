/**
 * Scenarios by chance, for fast-check: they shrink to fewer steps, fewer peers, a calmer network and smaller values.
 * Steps name peers by number, so that a shorter schedule still means what it meant.
 */

import fc from 'fast-check'
import type { JsonValue } from '../../core/index.ts'
import { type Scenario, type ScenarioEngine, type ScenarioNetwork, STEP_KINDS, type Step } from './scenario.ts'

/** What scenarios are made of. */
export interface ScenarioLimits {
  /** Peers at the start, at most. @defaultValue 6 */
  readonly peersMax?: number
  /** Steps, at most. @defaultValue 40 */
  readonly stepsMax?: number
  /** Kinds of steps that may occur; `wait` always may. @defaultValue all, or what the first generation can bear */
  readonly kinds?: readonly Step['do'][]
  /** Peers of the first generation, at most. @defaultValue 0 */
  readonly firstGenerationMax?: number
}

const PEER_NUMBERS_MAX = 9
/** As text, for in a literal it would set the prototype. */
const DANGEROUS_FIELD = JSON.parse('{"__proto__":{"a":1}}') as JsonValue
/** A verdict takes 20 s, so that some waits see one and most do not. */
const WAIT_MS_MAX = 40_000
const HOUR_MS = 3_600_000
/** A peer of the first generation keeps former lives' keys for ever, so that nobody may begin another one. */
const FIRST_GENERATION_KINDS: readonly Step['do'][] = ['wait', 'set', 'delete', 'cut', 'partition', 'heal', 'stall']

const peer: fc.Arbitrary<number> = fc.nat(PEER_NUMBERS_MAX)

/** Any JSON value: small ones mostly, strange ones among them. */
function value(): fc.Arbitrary<JsonValue> {
  const odd = fc.constantFrom<JsonValue>(
    ...[null, true, '', {}, [], -0.5, 2 ** 53 - 1, 'ü€𝄞', [[[]]], { constructor: 1 }, DANGEROUS_FIELD],
  )
  // Through JSON and back: a negative zero does not survive that.
  const any = fc.jsonValue({ maxDepth: 3 }).map((json) => JSON.parse(JSON.stringify(json)) as JsonValue)
  return fc.oneof({ weight: 6, arbitrary: fc.nat(9) }, { weight: 2, arbitrary: odd }, { weight: 1, arbitrary: any })
}

const ORDINARY_KEYS = ['a', 'b', 'c', 'd', 'ключ', 'a key of some length'] as const

/** Keys: few, so that they are overwritten and deleted; dangerous names among them. */
function key(): fc.Arbitrary<string> {
  return fc.constantFrom(...ORDINARY_KEYS, '__proto__', 'constructor')
}

/** How messages fare. Calm shrinks first. */
function network(): fc.Arbitrary<ScenarioNetwork> {
  const chance = fc.constantFrom(0, 0, 0.1, 0.3)
  return plainRecord({
    latencyMs: fc.constantFrom({ min: 1, max: 20 }, { min: 50, max: 200 }, { min: 1, max: 3_000 }),
    lossChance: fc.constantFrom(0, 0, 0.1, 0.3, 0.5),
    duplicateChance: chance,
    reorderChance: chance,
  })
}

/** Options of the engines: the defaults, or so small that every limit is met. */
function engine(): fc.Arbitrary<ScenarioEngine> {
  return fc.record(
    {
      fanout: fc.constantFrom(3, 1, 2),
      gossipJitter: fc.constantFrom(0.1, 0, 0.5),
      deadPeerGracePeriodMs: fc.constantFrom(HOUR_MS, 30_000, 90_000),
      tombstoneGraceMs: fc.constantFrom(HOUR_MS, 4_000, 30_000),
      deltaBytesMax: fc.constantFrom(524_288, 512, 1_000),
      deltasMax: fc.constantFrom(1_000_000, 1, 3),
      digestBytesMax: fc.constantFrom(524_288, 512, 900),
      order: fc.constantFrom('scuttle-depth', 'scuttle-breadth'),
      phiModel: fc.constantFrom('exponential', 'normal'),
    },
    { requiredKeys: [], noNullPrototype: true },
  )
}

/** Steps of each kind, and how often they come. */
function stepsOf(keys: fc.Arbitrary<string>): {
  readonly [Kind in Step['do']]: { readonly weight: number; readonly steps: fc.Arbitrary<Step> }
} {
  return {
    wait: { weight: 8, steps: step('wait', { ms: fc.oneof(fc.nat(3_000), fc.nat(WAIT_MS_MAX)) }) },
    set: {
      weight: 8,
      steps: fc.oneof(
        { weight: 6, arbitrary: step('set', { peer, key: keys, value: value() }) },
        {
          weight: 1,
          arbitrary: step('set', { peer, key: keys, value: value(), ttlMs: fc.integer({ min: 1, max: 20_000 }) }),
        },
      ),
    },
    delete: { weight: 4, steps: step('delete', { peer, key: keys }) },
    cut: { weight: 2, steps: step('cut', { from: peer, to: peer, oneWay: fc.boolean() }) },
    partition: { weight: 2, steps: step('partition', { side: fc.integer({ min: 1, max: 63 }) }) },
    heal: { weight: 2, steps: fc.constant({ do: 'heal' }) },
    crash: { weight: 3, steps: step('crash', { peer, disk: fc.constantFrom('kept', 'lost', 'torn') }) },
    restart: { weight: 4, steps: step('restart', { peer }) },
    leave: { weight: 1, steps: step('leave', { peer }) },
    join: { weight: 1, steps: fc.constant({ do: 'join' }) },
    stall: { weight: 2, steps: step('stall', { peer, ms: fc.integer({ min: 1, max: 60_000 }) }) },
    clock: { weight: 1, steps: step('clock', { peer, ms: fc.integer({ min: -HOUR_MS, max: HOUR_MS }) }) },
    limit: { weight: 1, steps: step('limit', { bytes: fc.integer({ min: 512, max: 2_000 }) }) },
    corrupt: { weight: 1, steps: step('corrupt', { chance: fc.constantFrom(0.1, 0.5) }) },
    twin: { weight: 1, steps: step('twin', { peer }) },
  }
}

/** What is done, in order. The last kind of step to be shrunk away is waiting. */
function schedule(limits: ScenarioLimits = {}): fc.Arbitrary<readonly Step[]> {
  const hasFirstGeneration = (limits.firstGenerationMax ?? 0) > 0
  const wanted = limits.kinds ?? (hasFirstGeneration ? FIRST_GENERATION_KINDS : STEP_KINDS)
  const kinds = STEP_KINDS.filter((kind) => kind === 'wait' || wanted.includes(kind))
  // The first generation keeps keys in plain objects, where some names mean something else.
  const steps = stepsOf(hasFirstGeneration ? fc.constantFrom(...ORDINARY_KEYS) : key())
  const choices = kinds.map((kind) => ({ weight: steps[kind].weight, arbitrary: steps[kind].steps }))
  return fc.array(fc.oneof({ withCrossShrink: true }, ...choices), { maxLength: limits.stepsMax ?? 40, size: 'max' })
}

/** Whole scenarios. */
function scenario(limits: ScenarioLimits = {}): fc.Arbitrary<Scenario> {
  const { peersMax = 6, firstGenerationMax = 0 } = limits
  return plainRecord({
    seed: fc.nat(1_000_000),
    peers: fc.integer({ min: 2, max: Math.max(2, peersMax) }),
    ...(firstGenerationMax === 0 ? {} : { firstGeneration: fc.integer({ min: 1, max: firstGenerationMax }) }),
    engine: firstGenerationMax === 0 ? engine() : engine().map(withLongMemory),
    network: network(),
    drift: fc.constantFrom(0, 0.001, 0.02),
    steps: schedule(limits),
  })
}

/** Whoever of the first generation missed a deletion until it was forgotten never hears of it. */
function withLongMemory(options: ScenarioEngine): ScenarioEngine {
  const { tombstoneGraceMs: _, deadPeerGracePeriodMs: __, ...others } = options
  return others
}

/** fast-check arbitraries for everything a scenario is made of. */
export const scenarios: {
  readonly value: () => fc.Arbitrary<JsonValue>
  readonly key: () => fc.Arbitrary<string>
  readonly network: () => fc.Arbitrary<ScenarioNetwork>
  readonly engine: () => fc.Arbitrary<ScenarioEngine>
  readonly schedule: (limits?: ScenarioLimits) => fc.Arbitrary<readonly Step[]>
  readonly scenario: (limits?: ScenarioLimits) => fc.Arbitrary<Scenario>
} = { value, key, network, engine, schedule, scenario }

function step<Kind extends Step['do']>(
  kind: Kind,
  fields: {
    readonly [Name in keyof Omit<Extract<Step, { do: Kind }>, 'do'>]: fc.Arbitrary<Extract<Step, { do: Kind }>[Name]>
  },
): fc.Arbitrary<Step> {
  return plainRecord({ do: fc.constant(kind), ...fields }) as unknown as fc.Arbitrary<Step>
}

/** Objects as JSON makes them. */
function plainRecord<T extends object>(fields: { readonly [Name in keyof T]: fc.Arbitrary<T[Name]> }): fc.Arbitrary<T> {
  return fc.record<T>(fields, { noNullPrototype: true })
}
