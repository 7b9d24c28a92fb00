/** Options of a ring, and what it asks of a node. */

import {
  InvalidOptionError,
  integerIn,
  type JsonValue,
  type KnownPeer,
  looseOptions,
  type NodeEvents,
  orDefault,
  type PeerView,
  runtimeSystem,
  type System,
  type WatchOptions,
} from '../core/index.ts'
import { durationIn } from './duration.ts'
import type { RingPeer } from './events.ts'

/** The part of a `Gossipmonger` that a ring uses. */
export interface RingNode {
  readonly id: string
  readonly generation: number
  readonly address: JsonValue | undefined
  readonly metadata: JsonValue | undefined
  peer(peerId: string): PeerView | undefined
  peers(): readonly PeerView[]
  knownPeers(): readonly KnownPeer[]
  /** Ends with the node. */
  watch(options: WatchOptions): AsyncIterable<unknown>
  on<E extends keyof NodeEvents>(event: E, listener: NodeEvents[E]): unknown
  off<E extends keyof NodeEvents>(event: E, listener: NodeEvents[E]): unknown
}

/** What an embedder may say. `virtualNodes` and `isMember` must be the same everywhere: nodes that differ never agree. */
export interface RingOptions {
  /** How many members are responsible for a value: `ownersOf` names so many, and `isResponsibleFor` is true of them. @defaultValue 1 */
  readonly replicas?: number
  /** Places of each member on the ring, 1 to 1,024: more share the load more evenly, and cost memory and time. @defaultValue 128 */
  readonly virtualNodes?: number
  /**
   * Whether a peer takes part; asked of live peers and of this node, when they come, when their metadata changes and once
   * in every service interval. Its metadata may not have arrived yet. @defaultValue all do
   */
  readonly isMember?: (peer: RingPeer) => boolean
  /**
   * How long members must stay the same before the status is `joined`, and how often `isMember` is asked again: ms or a
   * text such as `'10s'`, 10 ms to a day. @defaultValue 10_000
   */
  readonly serviceIntervalMs?: number | string
  /** Time and timers; a simulator supplies its own. @defaultValue the runtime's */
  readonly system?: Pick<System, 'now' | 'startTimer'>
}

/** Nothing left open. */
export interface ResolvedRingOptions {
  readonly replicas: number
  readonly virtualNodes: number
  readonly isMember: (peer: RingPeer) => boolean
  readonly serviceIntervalMs: number
  readonly system: Pick<System, 'now' | 'startTimer'>
}

/** Most owners that may be asked for: as many as a node knows peers. */
export const OWNERS_MAX = 65_536

const VIRTUAL_NODES_MAX = 1_024
const SERVICE_INTERVAL_MS_MIN = 10
const SERVICE_INTERVAL_MS_MAX = 86_400_000

const DEFAULTS: ResolvedRingOptions = Object.freeze({
  replicas: 1,
  virtualNodes: 128,
  isMember: () => true,
  serviceIntervalMs: 10_000,
  system: runtimeSystem,
})

/**
 * Copies, fills, checks and freezes.
 *
 * @throws {InvalidOptionError} an unknown, mistyped or out-of-range option
 */
export function resolveRingOptions(options: RingOptions | undefined): ResolvedRingOptions {
  const loose = looseOptions(options, 'options', Object.keys(DEFAULTS))
  const option = (name: keyof RingOptions): unknown => orDefault(loose[name], DEFAULTS[name])
  const interval = option('serviceIntervalMs')
  return Object.freeze({
    replicas: integerIn('replicas', option('replicas'), 1, OWNERS_MAX),
    virtualNodes: integerIn('virtualNodes', option('virtualNodes'), 1, VIRTUAL_NODES_MAX),
    isMember: functionOption('isMember', option('isMember')) as ResolvedRingOptions['isMember'],
    serviceIntervalMs: durationIn('serviceIntervalMs', interval, SERVICE_INTERVAL_MS_MIN, SERVICE_INTERVAL_MS_MAX),
    system: withMethods('system', option('system'), ['now', 'startTimer']) as ResolvedRingOptions['system'],
  })
}

/**
 * The node a ring is made for.
 *
 * @throws {InvalidOptionError} it is something else
 */
export function nodeOption(value: unknown): RingNode {
  return withMethods('node', value, ['peer', 'peers', 'knownPeers', 'watch', 'on', 'off']) as RingNode
}

function functionOption(name: string, value: unknown): unknown {
  if (typeof value !== 'function') throw new InvalidOptionError(name, 'a function', value)
  return value
}

function withMethods(name: string, value: unknown, methods: readonly string[]): unknown {
  const fields = Object(value) as Record<string, unknown>
  for (const method of methods) {
    if (typeof fields[method] !== 'function')
      throw new InvalidOptionError(name, `an object with a method ${method}`, value)
  }
  return value
}
