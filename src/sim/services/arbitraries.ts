/** Scenarios of messages, streams, services, pairs and rings by chance, for fast-check; they shrink as scenarios do. */

import fc from 'fast-check'
import { SERVICE_STEP_KINDS, type ServiceScenario, type ServiceStep } from './scenario.ts'

/** What they are made of. */
export interface ServiceScenarioLimits {
  /** Peers, 2 to so many. @defaultValue 4 */
  readonly peersMax?: number
  /** Steps, at most. @defaultValue 40 */
  readonly stepsMax?: number
  /** Bytes of a stream, one way, at most. @defaultValue 600_000 */
  readonly streamBytesMax?: number
  /** Kinds of steps that may occur; `wait` always may. @defaultValue all */
  readonly kinds?: readonly ServiceStep['do'][]
}

const PEER_NUMBERS_MAX = 9
const PORTS_MAX = 2
/** A verdict takes 20 s, a silent session some 8 s: some waits see one and most do not. */
const WAIT_MS_MAX = 30_000

const peer = fc.nat(PEER_NUMBERS_MAX)
const ends = { from: peer, to: peer }
const port = fc.integer({ min: 1, max: PORTS_MAX })
const waitMs = fc.oneof(
  { weight: 4, arbitrary: fc.nat(100) },
  { weight: 3, arbitrary: fc.nat(2_000) },
  { weight: 1, arbitrary: fc.nat(WAIT_MS_MAX) },
)
const workMs = fc.oneof(
  { weight: 4, arbitrary: fc.nat(30) },
  { weight: 2, arbitrary: fc.nat(1_000) },
  { weight: 1, arbitrary: fc.nat(6_000) },
)

/** Steps of each kind, and how often they come. */
function stepsOf(streamBytesMax: number): {
  readonly [Kind in ServiceStep['do']]: { readonly weight: number; readonly steps: fc.Arbitrary<ServiceStep> }
} {
  const timeoutMs = fc.constantFrom(5_000, 500, 50)
  const bytes = fc.oneof(fc.nat(2_000), fc.nat(streamBytesMax))
  const stream = { ...ends, bytes, back: bytes }
  return {
    wait: { weight: 10, steps: step('wait', { ms: waitMs }) },
    request: { weight: 8, steps: step('request', { ...ends, workMs, timeoutMs, fails: fc.boolean() }) },
    anyone: {
      weight: 2,
      steps: step('anyone', { from: peer, workMs, stallAfterMs: fc.integer({ min: 1, max: 500 }) }),
    },
    cancel: { weight: 2, steps: step('cancel', { peer }) },
    send: { weight: 4, steps: step('send', { ...ends, count: fc.integer({ min: 1, max: 20 }) }) },
    stream: {
      weight: 5,
      steps: fc.oneof(
        { weight: 4, arbitrary: step('stream', stream) },
        { weight: 1, arbitrary: step('stream', { ...stream, stopAt: fc.nat(streamBytesMax) }) },
      ),
    },
    open: { weight: 3, steps: step('open', { peer, port }) },
    close: { weight: 2, steps: step('close', { peer, port }) },
    call: { weight: 3, steps: step('call', { ...ends, port }) },
    pair: { weight: 4, steps: step('pair', ends) },
    release: { weight: 2, steps: step('release', { peer }) },
    crash: { weight: 2, steps: step('crash', { peer, silent: fc.boolean() }) },
    restart: { weight: 4, steps: step('restart', { peer }) },
    leave: { weight: 1, steps: step('leave', { peer }) },
    break: { weight: 3, steps: step('break', ends) },
    cut: { weight: 2, steps: step('cut', { ...ends, oneWay: fc.boolean() }) },
    partition: { weight: 1, steps: step('partition', { side: fc.integer({ min: 1, max: 63 }) }) },
    heal: { weight: 3, steps: fc.constant({ do: 'heal' }) },
    pause: { weight: 2, steps: step('pause', { peer, ms: fc.integer({ min: 1, max: 20_000 }) }) },
    weather: { weight: 1, steps: step('weather', chances()) },
  }
}

/**
 * Whole scenarios, for fast-check.
 *
 * @param limits - how large they may be, and what may happen
 */
export function serviceScenarios(limits: ServiceScenarioLimits = {}): fc.Arbitrary<ServiceScenario> {
  const { peersMax = 4, stepsMax = 40, streamBytesMax = 600_000, kinds = SERVICE_STEP_KINDS } = limits
  const all = stepsOf(streamBytesMax)
  const choices = SERVICE_STEP_KINDS.filter((kind) => kind === 'wait' || kinds.includes(kind)).map((kind) => ({
    weight: all[kind].weight,
    arbitrary: all[kind].steps,
  }))
  return plainRecord<ServiceScenario>({
    seed: fc.nat(1_000_000),
    peers: fc.integer({ min: 2, max: Math.max(2, peersMax) }),
    network: plainRecord({
      latencyMs: fc.constantFrom({ min: 1, max: 20 }, { min: 50, max: 200 }, { min: 1, max: 800 }),
      ...chances(),
      reorderChance: fc.constantFrom(0, 0, 0.1, 0.3),
    }),
    steps: fc.array(fc.oneof({ withCrossShrink: true }, ...choices), { maxLength: stepsMax, size: 'max' }),
  })
}

function chances(): { readonly lossChance: fc.Arbitrary<number>; readonly duplicateChance: fc.Arbitrary<number> } {
  return { lossChance: fc.constantFrom(0, 0, 0.1, 0.3), duplicateChance: fc.constantFrom(0, 0, 0.1, 0.3) }
}

function step<Kind extends ServiceStep['do']>(
  kind: Kind,
  fields: {
    readonly [Name in keyof Omit<Extract<ServiceStep, { do: Kind }>, 'do'>]: fc.Arbitrary<
      Extract<ServiceStep, { do: Kind }>[Name]
    >
  },
): fc.Arbitrary<ServiceStep> {
  return plainRecord({ do: fc.constant(kind), ...fields }) as unknown as fc.Arbitrary<ServiceStep>
}

/** Objects as JSON makes them. */
function plainRecord<T extends object>(fields: { readonly [Name in keyof T]: fc.Arbitrary<T[Name]> }): fc.Arbitrary<T> {
  return fc.record<T>(fields, { noNullPrototype: true })
}
