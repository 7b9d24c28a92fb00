/** What a simulation is made with: what may be said, what is assumed, and what is refused. */

import {
  type EngineOptions,
  type Gossipmonger,
  InvalidOptionError,
  integerIn,
  isName,
  isPlainObject,
  type JsonValue,
  looseOptions,
  NAME_BYTES_MAX,
  numberIn,
  orDefault,
  type ResolvedEngineOptions,
  resolveEngineOptions,
  type System,
} from '../core/index.ts'
import { type Distribution, distributionIn } from './distribution.ts'
import { type FaultOptions, resolveFaultOptions } from './faults/index.ts'
import type { Encoding, NetworkConditions, TraceSink } from './world/index.ts'

/** One peer at the start. */
export interface PeerSpec {
  readonly id: string
  /** Ids of peers it is told of. @defaultValue the first peer of the simulation */
  readonly seeds?: readonly string[]
  /** Whether it runs the first generation's package; then all others accept such peers and run as whole nodes. */
  readonly isFirstGeneration?: boolean
}

/** The network: what is left out stays as it is. Chances are in [0, 1]. */
export interface NetworkOptions extends Partial<NetworkConditions> {
  /**
   * `json`: payloads travel as JSON text, as over a wire. `measured`: they are handed over as they are, and their size is
   * counted: several times faster. `none`: nothing is counted, faster still. @defaultValue 'json'
   */
  readonly encoding?: Encoding
}

/** What a user may say of a simulation. All times are ms of virtual time. */
export interface SimulationOptions {
  /** Everything that happens follows from it: an integer. @defaultValue 1 */
  readonly seed?: number
  /** How many peers, `p0`, `p1`, …, or which. The first is the seed of all others. @defaultValue 5 */
  readonly peers?: number | readonly (string | PeerSpec)[]
  /** Options of every engine. Seeds come from the peers. */
  readonly engine?: Omit<EngineOptions, 'seeds'>
  readonly network?: NetworkOptions
  /** Faults that come by chance. @defaultValue none */
  readonly faults?: FaultOptions
  /** How much faster than real time each machine's clock runs, e.g. `{min: -0.001, max: 0.001}`. @defaultValue 0 */
  readonly drift?: Distribution
  /** `engine`: the bare engine. `driver`: whole nodes. @defaultValue 'engine', 'driver' with first-generation peers */
  readonly drive?: 'engine' | 'driver'
  /**
   * Your own code on every node, called for each life of it before it starts: give it keys, listen, keep a timer by the
   * system, which is that node's virtual one. Nodes are then whole ones.
   */
  readonly service?: (node: Gossipmonger, system: System) => void
  /** What a violation does: ends the call with an error, is kept in `violations`, or is not looked for. @defaultValue 'throw' */
  readonly checks?: 'throw' | 'collect' | 'off'
  /** Takes the history, line by line. */
  readonly trace?: TraceSink
}

/** Options with nothing left open. */
export interface ResolvedSimulationOptions {
  readonly seed: number
  readonly peers: readonly PeerSpec[]
  readonly engineOptions: Omit<EngineOptions, 'seeds'>
  readonly engine: ResolvedEngineOptions
  readonly conditions: NetworkConditions
  readonly encoding: Encoding
  readonly faults: FaultOptions
  readonly drift: Distribution
  readonly drive: 'engine' | 'driver'
  readonly service: SimulationOptions['service']
  readonly checks: 'throw' | 'collect' | 'off'
  readonly trace: TraceSink | undefined
}

const NAMES: readonly (keyof SimulationOptions)[] = [
  'seed',
  'peers',
  'engine',
  'network',
  'faults',
  'drift',
  'drive',
  'service',
  'checks',
  'trace',
]
const PEERS_MAX = 100_000
const DAY_MS = 86_400_000

/** A calm network: some latency, nothing lost. */
const CONDITIONS: NetworkConditions = {
  latencyMs: { min: 1, max: 20 },
  lossChance: 0,
  duplicateChance: 0,
  reorderChance: 0,
  reorderMs: { min: 0, max: 500 },
  corruptChance: 0,
  maxMessageBytes: 4_194_304,
}

/**
 * Copies, fills and checks.
 *
 * @throws {InvalidOptionError} an unknown, mistyped, out-of-range or contradicting option
 */
export function resolveSimulationOptions(options: SimulationOptions | undefined): ResolvedSimulationOptions {
  const loose = looseOptions(options, 'options', NAMES)
  const peers = peersOption(orDefault(loose['peers'], 5))
  const hasFirstGeneration = peers.some(({ isFirstGeneration }) => isFirstGeneration === true)
  const service = serviceOption(loose['service'])
  const needsNodes = hasFirstGeneration || service !== undefined
  const drive = choice('drive', orDefault(loose['drive'], needsNodes ? 'driver' : 'engine'), ['engine', 'driver'])
  if (needsNodes && drive === 'engine') {
    throw new InvalidOptionError(
      'drive',
      "'driver' with first-generation peers or a service: they need whole nodes",
      drive,
    )
  }
  const engineOptions = engineOption(orDefault(loose['engine'], {}))
  const { encoding, ...network } = looseOptions(loose['network'], 'network', [...Object.keys(CONDITIONS), 'encoding'])
  return {
    seed: integerIn('seed', orDefault(loose['seed'], 1), -(2 ** 52), 2 ** 52),
    peers,
    engineOptions,
    engine: resolveEngineOptions(engineOptions),
    conditions: resolveConditions(network, CONDITIONS),
    encoding: choice('network.encoding', orDefault(encoding, 'json'), ['json', 'measured', 'none']),
    faults: resolveFaultOptions(options?.faults),
    drift: distributionIn('drift', orDefault(loose['drift'], 0), -0.5, 0.5),
    drive,
    service,
    checks: choice('checks', orDefault(loose['checks'], 'throw'), ['throw', 'collect', 'off']),
    trace: traceOption(loose['trace']),
  }
}

/**
 * Conditions of the network, from those that are said and those that hold.
 *
 * @throws {InvalidOptionError} an unknown condition, or one out of its range
 */
export function resolveConditions(said: unknown, base: NetworkConditions): NetworkConditions {
  const loose = looseOptions(said, 'network', Object.keys(CONDITIONS))
  const of = (name: keyof NetworkConditions): unknown => orDefault(loose[name], base[name])
  const chance = (name: keyof NetworkConditions): number => numberIn(`network.${name}`, of(name), 0, 1)
  return {
    latencyMs: distributionIn('network.latencyMs', of('latencyMs'), 0, DAY_MS),
    lossChance: chance('lossChance'),
    duplicateChance: chance('duplicateChance'),
    reorderChance: chance('reorderChance'),
    reorderMs: distributionIn('network.reorderMs', of('reorderMs'), 0, DAY_MS),
    corruptChance: chance('corruptChance'),
    maxMessageBytes: integerIn('network.maxMessageBytes', of('maxMessageBytes'), 512, 2 ** 30),
  }
}

function serviceOption(value: unknown): SimulationOptions['service'] {
  if (value === undefined || typeof value === 'function') return value as SimulationOptions['service']
  throw new InvalidOptionError('service', 'a function (node, system)', value)
}

function peersOption(value: unknown): readonly PeerSpec[] {
  const rule = `a number of peers from 0 to ${PEERS_MAX}, or a list of ids or {id, seeds, isFirstGeneration}`
  if (typeof value === 'number') {
    return Array.from({ length: integerIn('peers', value, 0, PEERS_MAX) }, (_, index) => ({ id: `p${index}` }))
  }
  if (!Array.isArray(value) || value.length > PEERS_MAX) throw new InvalidOptionError('peers', rule, value)
  const peers = value.map((peer, index) => peerSpec(peer, `peers[${index}]`))
  const ids = new Set(peers.map(({ id }) => id))
  if (ids.size < peers.length) throw new InvalidOptionError('peers', 'a list of different ids', value)
  return peers
}

/**
 * A peer as it may be said: an id, or what the simulation needs to know of it.
 *
 * @throws {InvalidOptionError} it is neither
 */
export function peerSpec(value: unknown, name: string): PeerSpec {
  const loose = typeof value === 'string' ? { id: value } : value
  if (!isPlainObject(loose)) throw new InvalidOptionError(name, 'an id or {id, seeds, isFirstGeneration}', value)
  const { id, seeds, isFirstGeneration = false } = looseOptions(loose, name, ['id', 'seeds', 'isFirstGeneration'])
  if (!isName(id)) throw new InvalidOptionError(`${name}.id`, `a text of 1 to ${NAME_BYTES_MAX} bytes`, id)
  if (seeds !== undefined && !(Array.isArray(seeds) && seeds.every(isName))) {
    throw new InvalidOptionError(`${name}.seeds`, 'a list of ids', seeds)
  }
  if (typeof isFirstGeneration !== 'boolean') {
    throw new InvalidOptionError(`${name}.isFirstGeneration`, 'a boolean', isFirstGeneration)
  }
  return { id, isFirstGeneration, ...(seeds === undefined ? {} : { seeds: seeds as readonly string[] }) }
}

/** The engine checks its own options; only the seeds are not for it to be told. */
function engineOption(value: unknown): Omit<EngineOptions, 'seeds'> {
  if (isPlainObject(value) && value['seeds'] !== undefined) {
    throw new InvalidOptionError(
      'engine.seeds',
      'left out: the seeds of each peer stand with the peers',
      value['seeds'],
    )
  }
  return value as Omit<EngineOptions, 'seeds'>
}

function traceOption(value: unknown): TraceSink | undefined {
  if (value !== undefined && typeof value !== 'function') {
    throw new InvalidOptionError('trace', 'a function that takes a line', value)
  }
  return value as TraceSink | undefined
}

function choice<T extends string>(name: string, value: unknown, choices: readonly T[]): T {
  const chosen = choices.find((one) => one === value)
  if (chosen === undefined) throw new InvalidOptionError(name, choices.map((one) => `'${one}'`).join(' or '), value)
  return chosen
}

/** The address of a machine: what first-generation peers need as well as what the others do. */
export function addressOf(name: string, hasFirstGeneration: boolean): JsonValue {
  return hasFirstGeneration ? { host: name, port: 9742 } : name
}
