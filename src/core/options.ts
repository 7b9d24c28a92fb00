/** Options of a node: the engine's, and what the driver adds around it. */

import {
  ENGINE_OPTION_NAMES,
  type EngineOptions,
  type ResolvedEngineOptions,
  resolveEngineOptions,
} from './engine/index.ts'
import { InvalidOptionError, MissingTransportError } from './errors.ts'
import type { JsonValue } from './json/index.ts'
import { admitJson } from './json/index.ts'
import { booleanOption, integerIn, looseOptions, orDefault } from './option-rules.ts'
import type { Transport } from './ports.ts'
import { isName, NAME_BYTES_MAX, parseTransport } from './reconcile/index.ts'
import type { Storage } from './storage-port.ts'
import { runtimeSystem, type System } from './system.ts'

/** Who a node is. */
export interface PeerInfo {
  /** Its name in the cluster: 1 to 256 bytes of Unicode text. */
  readonly id: string
  /** The address peers reach it at. @defaultValue the transport's own, once it listens */
  readonly transport?: JsonValue | undefined
  /** Anything others may want to know of it; read as `peer.metadata`. */
  readonly metadata?: JsonValue | undefined
}

/** What an embedder may say. */
export interface GossipmongerOptions extends EngineOptions {
  /** What moves the messages: `new TcpTransport()` of `gossipmonger-engine/tcp`, or any other. */
  transport: Transport
  /** Whether nodes of npm `gossipmonger` 0.1.x may be neighbours. @defaultValue false */
  acceptOldPeers?: boolean
  /** How long `close({leave: true})` waits for the goodbye to be taken, ms. @defaultValue 3 · gossipIntervalMs, at most 5_000 */
  leaveTimeoutMs?: number
  /**
   * Keeps the generation, the own keys and the addresses of peers for the next life: `new FileStorage({path})` of
   * `gossipmonger-engine/storage`, or any other. It is opened and closed with the node. @defaultValue nothing is kept
   */
  storage?: Storage
  /** Most peers whose addresses are kept in the storage. @defaultValue 64 */
  storedPeersMax?: number
  /** Time, timers and chance; a simulator supplies its own. @defaultValue the runtime's */
  system?: System
}

/** Nothing left open. */
export interface ResolvedOptions {
  readonly id: string
  readonly advertised: JsonValue | undefined
  readonly metadata: JsonValue | undefined
  readonly transport: Transport
  readonly acceptOldPeers: boolean
  readonly leaveTimeoutMs: number
  readonly storage: Storage | undefined
  readonly storedPeersMax: number
  readonly system: System
  readonly engine: ResolvedEngineOptions
}

const PEER_FIELDS = ['id', 'transport', 'metadata']
const DRIVER_OPTION_NAMES = ['transport', 'acceptOldPeers', 'leaveTimeoutMs', 'storage', 'storedPeersMax', 'system']
const SYSTEM_METHODS = ['now', 'wallClockMs', 'random', 'startTimer']
const LEAVE_TIMEOUT_MS_MAX = 5_000

/**
 * Copies, fills, checks and freezes everything a node is made with.
 *
 * @throws {InvalidOptionError} an unknown, mistyped or out-of-range option
 * @throws {MissingTransportError} no transport
 */
export function resolveOptions(peer: PeerInfo, options: GossipmongerOptions): ResolvedOptions {
  const info = looseOptions(peer, 'peer', PEER_FIELDS)
  const known = [...DRIVER_OPTION_NAMES, ...ENGINE_OPTION_NAMES]
  const loose = looseOptions(options, 'options', known)
  const transport = transportOption(loose['transport'])
  const hasBulk = typeof transport.bulk === 'function'
  const engine = resolveEngineOptions(only(loose, ENGINE_OPTION_NAMES), { hasBulk })
  const leaveTimeoutMs = Math.min(3 * engine.gossipIntervalMs, LEAVE_TIMEOUT_MS_MAX)
  return Object.freeze({
    id: idOption(info['id']),
    advertised: addressOption(info['transport']),
    metadata: info['metadata'] === undefined ? undefined : admitJson(info['metadata']).value,
    transport,
    acceptOldPeers: booleanOption('acceptOldPeers', orDefault(loose['acceptOldPeers'], false)),
    leaveTimeoutMs: integerIn('leaveTimeoutMs', orDefault(loose['leaveTimeoutMs'], leaveTimeoutMs), 0, 3_600_000),
    storage: storageOption(loose['storage'], engine.valueBytesMax),
    storedPeersMax: integerIn('storedPeersMax', orDefault(loose['storedPeersMax'], 64), 0, 1_024),
    system: systemOption(orDefault(loose['system'], runtimeSystem)),
    engine,
  })
}

function only(loose: Readonly<Record<string, unknown>>, names: readonly string[]): EngineOptions {
  return Object.fromEntries(Object.entries(loose).filter(([name]) => names.includes(name)))
}

function idOption(value: unknown): string {
  if (!isName(value)) throw new InvalidOptionError('peer.id', `a text of 1 to ${NAME_BYTES_MAX} bytes`, value)
  return value
}

function addressOption(value: unknown): JsonValue | undefined {
  if (value === undefined) return undefined
  try {
    return parseTransport(value, 'peer.transport')
  } catch {
    throw new InvalidOptionError('peer.transport', 'an address: JSON of at most 1 KiB', value)
  }
}

function transportOption(value: unknown): Transport {
  if (value === undefined || value === null) throw new MissingTransportError()
  assertMethods('transport', value, ['digest', 'deltas', 'on', 'off'])
  return value as Transport
}

function storageOption(value: unknown, valueBytesMax: number): Storage | undefined {
  if (value === undefined) return undefined
  assertMethods('storage', value, ['open', 'append', 'close'])
  const storage = value as Storage
  if (storage.valueBytesMax !== undefined && storage.valueBytesMax < valueBytesMax) {
    const rule = `at most ${storage.valueBytesMax}, the largest value that the storage keeps`
    throw new InvalidOptionError('valueBytesMax', rule, valueBytesMax)
  }
  return storage
}

function systemOption(value: unknown): System {
  assertMethods('system', value, SYSTEM_METHODS)
  return value as System
}

function assertMethods(name: string, value: unknown, methods: readonly string[]): void {
  const fields = Object(value) as Record<string, unknown>
  for (const method of methods) {
    if (typeof fields[method] !== 'function')
      throw new InvalidOptionError(name, `an object with a method ${method}`, value)
  }
}
