/** The engine's options: what they mean, what they cost, and what is refused. Resolved once, then never asked again. */

import { InvalidOptionError } from '../errors.ts'
import type { Order } from '../flow/index.ts'
import type { JsonValue } from '../json/index.ts'
import type { PhiOptions, TargetOptions } from '../membership/index.ts'
import { integerIn, type LooseOptions, looseOptions, numberIn, orDefault } from '../option-rules.ts'
import type { PeerRef } from '../ports.ts'
import { isName, NAME_BYTES_MAX, parseTransport } from '../reconcile/index.ts'

/** What an embedder may say. Times are ms, sizes are bytes of JSON. */
export interface EngineOptions {
  /** Nodes of another cluster are refused. @defaultValue 'gossipmonger' */
  clusterId?: string
  /** Time between rounds. Detection and convergence scale with it, traffic with its inverse. @defaultValue 1_000 */
  gossipIntervalMs?: number
  /** Each round comes up to this part of the interval earlier or later, so that nodes fall out of step. @defaultValue 0.1 */
  gossipJitter?: number
  /** Peers contacted each round. More converges faster and costs bytes linearly. @defaultValue 3 */
  fanout?: number
  /** Below this many live peers every round contacts a seed too. @defaultValue 1 */
  minimumLivePeers?: number
  /** Where to find the cluster: addresses the transport understands, or `{id?, transport}`. @defaultValue [] */
  seeds?: readonly (JsonValue | PeerRef)[]
  /** Suspicion at which a peer is called dead; with regular heartbeats after 18.4 of them at 8. @defaultValue 8 */
  deadPeerPhi?: number
  /** How gaps between heartbeats are taken to be distributed. @defaultValue 'exponential' */
  phiModel?: 'exponential' | 'normal'
  /** Gaps remembered per peer. @defaultValue 1_000 */
  samplingWindowSize?: number
  /** The gap assumed before there are samples. @defaultValue gossipIntervalMs */
  initialIntervalMs?: number
  /** Longer gaps count as this long. @defaultValue 10 · gossipIntervalMs */
  maxIntervalMs?: number
  /** A peer silent for this long is retired: its state is dropped everywhere. @defaultValue 3_600_000 */
  deadPeerGracePeriodMs?: number
  /** A deletion is remembered at least this long. @defaultValue 3_600_000 */
  tombstoneGraceMs?: number
  /** Largest value of one key; the same in the whole cluster. @defaultValue 65_536 */
  valueBytesMax?: number
  /** Largest map of one peer, own and others'. @defaultValue 268_435_456 */
  mapBytesMax?: number
  /** Largest deltas message. @defaultValue 524_288 */
  deltaBytesMax?: number
  /** Most entries in a deltas message. @defaultValue 9_007_199_254_740_991, that is: bytes decide */
  deltasMax?: number
  /** Largest digest; a larger one is paged. @defaultValue 524_288 */
  digestBytesMax?: number
  /**
   * What somebody must lack beyond one message for a transfer in bulk to be worth its own connection, where the transport
   * has that. @defaultValue 1_048_576
   */
  bulkBytesMin?: number
  /** Transfers in bulk taken at once; others are asked to come again. @defaultValue 2 */
  inboundBulksMax?: number
  /** Transfers in bulk sent at once; others wait for a later round. @defaultValue 8 */
  outboundBulksMax?: number
  /** Who goes first when not everything fits. @defaultValue 'scuttle-depth' */
  order?: Order
  /** Most peers known at once. @defaultValue 65_536 */
  peersMax?: number
  /** Most records of retired peers. @defaultValue 65_536 */
  removalsMax?: number
}

/** Options with nothing left open. */
export interface ResolvedEngineOptions extends PhiOptions, TargetOptions {
  readonly clusterId: string
  readonly gossipIntervalMs: number
  readonly gossipJitter: number
  readonly seeds: readonly PeerRef[]
  readonly deadPeerGracePeriodMs: number
  readonly tombstoneGraceMs: number
  readonly valueBytesMax: number
  readonly mapBytesMax: number
  readonly deltaBytesMax: number
  readonly deltasMax: number
  readonly digestBytesMax: number
  readonly bulkBytesMin: number
  readonly inboundBulksMax: number
  readonly outboundBulksMax: number
  readonly order: Order
  readonly peersMax: number
  readonly removalsMax: number
}

/** Names of all engine options. */
export const ENGINE_OPTION_NAMES: readonly (keyof EngineOptions)[] = [
  'clusterId',
  'gossipIntervalMs',
  'gossipJitter',
  'fanout',
  'minimumLivePeers',
  'seeds',
  'deadPeerPhi',
  'phiModel',
  'samplingWindowSize',
  'initialIntervalMs',
  'maxIntervalMs',
  'deadPeerGracePeriodMs',
  'tombstoneGraceMs',
  'valueBytesMax',
  'mapBytesMax',
  'deltaBytesMax',
  'deltasMax',
  'digestBytesMax',
  'bulkBytesMin',
  'inboundBulksMax',
  'outboundBulksMax',
  'order',
  'peersMax',
  'removalsMax',
]

const DAY_MS = 86_400_000
/** What a group needs beside its largest entry: two names, an address, four numbers. */
const GROUP_HEAD_BYTES = 3_072
const SEEDS_MAX = 1_024

/** Integer options: default and closed range. */
const INTEGERS = {
  gossipIntervalMs: [1_000, 1, DAY_MS],
  fanout: [3, 1, 64],
  minimumLivePeers: [1, 0, 65_536],
  samplingWindowSize: [1_000, 1, 1_000_000],
  deadPeerGracePeriodMs: [3_600_000, 1, 3_650 * DAY_MS],
  tombstoneGraceMs: [3_600_000, 1, 3_650 * DAY_MS],
  valueBytesMax: [65_536, 1, 1_073_741_824],
  mapBytesMax: [268_435_456, 1_024, Number.MAX_SAFE_INTEGER],
  deltaBytesMax: [524_288, 512, 1_073_741_824],
  deltasMax: [Number.MAX_SAFE_INTEGER, 1, Number.MAX_SAFE_INTEGER],
  digestBytesMax: [524_288, 512, 1_073_741_824],
  bulkBytesMin: [1_048_576, 0, Number.MAX_SAFE_INTEGER],
  inboundBulksMax: [2, 1, 1_024],
  outboundBulksMax: [8, 1, 1_024],
  peersMax: [65_536, 1, 1_048_576],
  removalsMax: [65_536, 1, 1_048_576],
} as const

/** What the transport says that options depend on. */
export interface TransportFacts {
  /** Whether it carries what is too large for a message. @defaultValue false */
  readonly hasBulk?: boolean
}

/**
 * Copies, fills, checks and freezes options.
 *
 * @throws {InvalidOptionError} an unknown, mistyped, out-of-range or contradicting option
 */
export function resolveEngineOptions(
  options: EngineOptions | undefined,
  facts: TransportFacts = {},
): ResolvedEngineOptions {
  const loose = looseOptions(options, 'options', ENGINE_OPTION_NAMES)
  const integer = (name: keyof typeof INTEGERS): number => {
    const [defaultValue, min, max] = INTEGERS[name]
    return integerIn(name, orDefault(loose[name], defaultValue), min, max)
  }
  const gossipIntervalMs = integer('gossipIntervalMs')
  const resolved: ResolvedEngineOptions = {
    clusterId: clusterIdOption(orDefault(loose['clusterId'], 'gossipmonger')),
    gossipIntervalMs,
    gossipJitter: numberIn('gossipJitter', orDefault(loose['gossipJitter'], 0.1), 0, 0.5),
    fanout: integer('fanout'),
    minimumLivePeers: integer('minimumLivePeers'),
    seeds: seedsOption(orDefault(loose['seeds'], [])),
    deadPeerPhi: numberIn('deadPeerPhi', orDefault(loose['deadPeerPhi'], 8), 0.1, 1_000),
    phiModel: phiModelOption(orDefault(loose['phiModel'], 'exponential')),
    samplingWindowSize: integer('samplingWindowSize'),
    initialIntervalMs: integerIn(
      'initialIntervalMs',
      orDefault(loose['initialIntervalMs'], gossipIntervalMs),
      1,
      DAY_MS,
    ),
    maxIntervalMs: integerIn('maxIntervalMs', orDefault(loose['maxIntervalMs'], 10 * gossipIntervalMs), 1, 10 * DAY_MS),
    deadPeerGracePeriodMs: integer('deadPeerGracePeriodMs'),
    tombstoneGraceMs: integer('tombstoneGraceMs'),
    valueBytesMax: integer('valueBytesMax'),
    mapBytesMax: integer('mapBytesMax'),
    deltaBytesMax: integer('deltaBytesMax'),
    deltasMax: integer('deltasMax'),
    digestBytesMax: integer('digestBytesMax'),
    bulkBytesMin: integer('bulkBytesMin'),
    inboundBulksMax: integer('inboundBulksMax'),
    outboundBulksMax: integer('outboundBulksMax'),
    order: orderOption(orDefault(loose['order'], 'scuttle-depth')),
    peersMax: integer('peersMax'),
    removalsMax: integer('removalsMax'),
  }
  assertTogether(resolved, loose, facts)
  return Object.freeze(resolved)
}

function assertTogether(options: ResolvedEngineOptions, loose: LooseOptions, { hasBulk }: TransportFacts): void {
  // A small message limit alone is fine: `set` then refuses what does not fit. Asking for larger values is not.
  const isAsked = loose['valueBytesMax'] !== undefined && hasBulk !== true
  if (isAsked && options.valueBytesMax + GROUP_HEAD_BYTES > options.deltaBytesMax) {
    const fits = `at most deltaBytesMax (${options.deltaBytesMax}) less ${GROUP_HEAD_BYTES}`
    const rule = `${fits}, so that every value fits a message, unless the transport has bulk, as TcpTransport does`
    throw new InvalidOptionError('valueBytesMax', rule, options.valueBytesMax)
  }
  if (options.maxIntervalMs < options.initialIntervalMs) {
    const rule = `at least initialIntervalMs (${options.initialIntervalMs})`
    throw new InvalidOptionError('maxIntervalMs', rule, options.maxIntervalMs)
  }
}

function clusterIdOption(value: unknown): string {
  if (!isName(value)) throw new InvalidOptionError('clusterId', `a text of 1 to ${NAME_BYTES_MAX} bytes`, value)
  return value
}

function phiModelOption(value: unknown): 'exponential' | 'normal' {
  if (value !== 'exponential' && value !== 'normal') {
    throw new InvalidOptionError('phiModel', "'exponential' or 'normal'", value)
  }
  return value
}

function orderOption(value: unknown): Order {
  if (value === 'scuttle-depth' || value === 'scuttle-breadth') return value
  if (typeof value === 'function') return value as Order
  throw new InvalidOptionError(
    'order',
    "'scuttle-depth', 'scuttle-breadth' or a function (peerId, lacking) => priority",
    value,
  )
}

function seedsOption(value: unknown): readonly PeerRef[] {
  if (!Array.isArray(value) || value.length > SEEDS_MAX) {
    throw new InvalidOptionError('seeds', `an array of at most ${SEEDS_MAX} addresses`, value)
  }
  return Object.freeze(value.map((seed, index) => seedOption(seed, `seeds[${index}]`)))
}

/** An object with a `transport` is a peer, anything else an address. */
function seedOption(seed: unknown, name: string): PeerRef {
  const isPeer = typeof seed === 'object' && seed !== null && 'transport' in seed
  const id: unknown = isPeer && 'id' in seed ? seed.id : undefined
  if (id !== undefined && !isName(id)) throw new InvalidOptionError(`${name}.id`, 'an id, or absent', id)
  const address: unknown = isPeer ? seed.transport : seed
  if (address === undefined || address === null) throw new InvalidOptionError(name, 'an address', address)
  try {
    return Object.freeze({ id, transport: parseTransport(address, name) })
  } catch {
    throw new InvalidOptionError(name, 'an address: JSON of at most 1 KiB', address)
  }
}
