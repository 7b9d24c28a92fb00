/** Options of the TCP transport: loose in, resolved and checked here, trusted everywhere else. */

import { booleanOption, InvalidOptionError, integerIn, type LooseOptions, looseOptions } from '../core/index.ts'
import {
  DEFENCE_DEFAULTS,
  type DefenceLimits,
  type DefenceOptions,
  ENVELOPE_BYTES_MAX,
  type ResolvedSessionOptions,
  resolveDefenceOptions,
  resolveSessionOptions,
  SESSION_DEFAULTS,
  type SessionOptions,
} from '../transports/index.ts'
import { type ResolvedTlsOptions, resolveTlsOptions, type TlsOptions } from './tls/index.ts'

/** Where to listen. */
export interface TcpListenOptions {
  /** Name or IP address to bind. @defaultValue the advertised host */
  host?: string | undefined
  /** Port to bind; 0 takes a free one. @defaultValue the advertised port */
  port?: number | undefined
}

/** What a TCP transport can be told. The address is the advertised one: where other peers reach this one. */
export interface TcpOptions extends DefenceOptions {
  /** Advertised name or IP address. @defaultValue 'localhost' */
  host?: string | undefined
  /** Advertised port; 0 advertises the one that was bound. @defaultValue 9742 */
  port?: number | undefined
  /** Certificates for mutual TLS. @defaultValue plain text, on this machine only */
  tls?: TlsOptions | undefined
  /** Allows plain text to and from other machines, where everybody on the way can read and forge it. @defaultValue false */
  plainText?: boolean | undefined
  /**
   * Whether a peer that takes a message and ends without a word, as the first generation does, has thereby shown that it
   * is where it says. Give it where the node has `acceptOldPeers`; without it, what such peers are sent stays within
   * `replyFactorMax`. @defaultValue false
   */
  acceptOldPeers?: boolean | undefined
  /**
   * Longest message, in bytes of its line. Raising it raises the memory one message may take while it is read, by
   * about thirty times the difference. @defaultValue 4_194_304
   */
  frameBytesMax?: number | undefined
  /** How long a connection may take to open, ms. @defaultValue 5_000 */
  connectTimeoutMs?: number | undefined
  /** How long an inbound connection may stay without a byte, and a peer without answering a hello, ms. @defaultValue 10_000 */
  handshakeTimeoutMs?: number | undefined
  /** How long one message may take to arrive, from its first byte to its last, ms. @defaultValue 60_000 */
  frameTimeoutMs?: number | undefined
  /**
   * Bytes a second that a message has to arrive with, after its first five seconds, so that nobody can drip one until
   * `frameTimeoutMs`. @defaultValue 4_096
   */
  frameBytesPerSecondMin?: number | undefined
  /** How long a connection may stay silent, or take nothing that waits for it, ms. @defaultValue 60_000 */
  idleTimeoutMs?: number | undefined
  /** How long `close()` waits for peers to take what was already written, ms. @defaultValue 500 */
  closeTimeoutMs?: number | undefined
  /** Connections that other peers may hold open at once. @defaultValue 1_024 */
  inboundConnectionsMax?: number | undefined
  /** Connections that this transport holds open at once; the least recently used gives way. @defaultValue 256 */
  connectionsMax?: number | undefined
  /** Addresses whose dialect is remembered; the least recently used is forgotten. @defaultValue 4_096 */
  peersMax?: number | undefined
  /** Messages that wait for one peer; the oldest is dropped. @defaultValue 64 */
  queueMessagesMax?: number | undefined
  /** Bytes that wait for one peer; the oldest message is dropped. @defaultValue 8_388_608 */
  queueBytesMax?: number | undefined
  /** Bytes that wait for all peers together, those in sockets included; beyond, messages are dropped. @defaultValue 67_108_864 */
  outboundBytesMax?: number | undefined
  /** Bytes of messages that have begun to arrive, all connections together; the largest is dropped. @defaultValue 67_108_864 */
  inboundBytesMax?: number | undefined
  /** Limits and times of sessions; `windowBytes` is 1_048_576 here, and times are those above unless given. */
  session?: SessionOptions | undefined
}

/** Limits with every field filled. Names and units as in {@link TcpOptions}. */
export interface TcpLimits extends DefenceLimits {
  readonly frameBytesMax: number
  readonly connectTimeoutMs: number
  readonly handshakeTimeoutMs: number
  readonly frameTimeoutMs: number
  readonly frameBytesPerSecondMin: number
  readonly idleTimeoutMs: number
  readonly closeTimeoutMs: number
  readonly inboundConnectionsMax: number
  readonly connectionsMax: number
  readonly peersMax: number
  readonly queueMessagesMax: number
  readonly queueBytesMax: number
  readonly outboundBytesMax: number
  readonly inboundBytesMax: number
}

/** Options with every field filled. */
export interface ResolvedTcpOptions extends TcpLimits {
  readonly host: string
  readonly port: number
  readonly acceptOldPeers: boolean
  /** Whether `port` is what to advertise, or the bound one is. */
  readonly isPortAdvertised: boolean
  readonly tls: ResolvedTlsOptions | undefined
  readonly plainText: boolean
  readonly session: ResolvedSessionOptions
}

/** The host that is advertised unless another is given. */
const DEFAULT_HOST = 'localhost'
/** The port of the first generation. */
const DEFAULT_PORT = 9_742

/** What holds unless something else is asked for. */
export const DEFAULTS: TcpLimits = Object.freeze({
  ...DEFENCE_DEFAULTS,
  frameBytesMax: 4 * 2 ** 20,
  connectTimeoutMs: 5_000,
  handshakeTimeoutMs: 10_000,
  frameTimeoutMs: 60_000,
  frameBytesPerSecondMin: 4_096,
  idleTimeoutMs: 60_000,
  closeTimeoutMs: 500,
  inboundConnectionsMax: 1_024,
  connectionsMax: 256,
  peersMax: 4_096,
  queueMessagesMax: 64,
  queueBytesMax: 8 * 2 ** 20,
  outboundBytesMax: 64 * 2 ** 20,
  inboundBytesMax: 64 * 2 ** 20,
})

/** A timer of the runtime cannot wait longer. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1
/** Longest text that the runtime can make of a line, with room to spare. */
const BYTES_MAX = 2 ** 28

const RANGES: {
  readonly [name in Exclude<keyof TcpLimits, keyof DefenceLimits>]: readonly [min: number, max: number]
} = {
  frameBytesMax: [ENVELOPE_BYTES_MAX + 1_024, BYTES_MAX],
  connectTimeoutMs: [1, TIMEOUT_MS_MAX],
  handshakeTimeoutMs: [1, TIMEOUT_MS_MAX],
  frameTimeoutMs: [1, TIMEOUT_MS_MAX],
  frameBytesPerSecondMin: [1, 2 ** 30],
  idleTimeoutMs: [1, TIMEOUT_MS_MAX],
  closeTimeoutMs: [0, TIMEOUT_MS_MAX],
  inboundConnectionsMax: [1, 2 ** 20],
  connectionsMax: [1, 2 ** 20],
  peersMax: [1, 2 ** 20],
  queueMessagesMax: [1, 2 ** 20],
  queueBytesMax: [1, 2 ** 40],
  outboundBytesMax: [1, 2 ** 40],
  inboundBytesMax: [1, 2 ** 40],
}

/**
 * Checks options and fills what was left out.
 *
 * @throws {InvalidOptionError} an option is unknown, of the wrong type or out of range, or two contradict each other
 */
export function resolveTcpOptions(options?: TcpOptions): ResolvedTcpOptions {
  const names = ['host', 'port', 'tls', 'plainText', 'session', 'acceptOldPeers', ...Object.keys(DEFAULTS)]
  const given: LooseOptions = looseOptions(options, 'options', names)
  const limits: { -readonly [name in keyof TcpLimits]: number } = { ...DEFAULTS, ...resolveDefenceOptions(given) }
  for (const name of Object.keys(RANGES) as (keyof typeof RANGES)[]) {
    if (given[name] !== undefined) limits[name] = integerIn(name, given[name], ...RANGES[name])
  }
  for (const name of ['queueBytesMax', 'outboundBytesMax', 'inboundBytesMax'] as const) {
    if (limits[name] >= limits.frameBytesMax) continue
    throw new InvalidOptionError(name, `at least frameBytesMax, ${limits.frameBytesMax}`, limits[name])
  }
  const port = resolvePort(given['port'], DEFAULT_PORT)
  const isPortAdvertised = given['port'] !== undefined && port !== 0
  const tls = given['tls'] === undefined ? undefined : resolveTlsOptions(given['tls'])
  const plainText = given['plainText'] !== undefined && booleanOption('plainText', given['plainText'])
  if (tls !== undefined && plainText) throw new InvalidOptionError('plainText', 'false where tls is given', plainText)
  const old = given['acceptOldPeers']
  const acceptOldPeers = old !== undefined && booleanOption('acceptOldPeers', old)
  const session = resolveSessions(options?.session, limits)
  const host = resolveHost(given['host'], DEFAULT_HOST)
  return Object.freeze({ ...limits, acceptOldPeers, host, port, isPortAdvertised, tls, plainText, session })
}

/** Distances are long on TCP, so windows are large; times are those of other connections. */
function resolveSessions(options: SessionOptions | undefined, limits: TcpLimits): ResolvedSessionOptions {
  const { connectTimeoutMs, handshakeTimeoutMs, closeTimeoutMs } = limits
  // What is no object is refused as such, and not by its parts.
  const given = resolveSessionOptions(options, 'options.session') && options
  return resolveSessionOptions(
    { windowBytes: 4 * SESSION_DEFAULTS.windowBytes, connectTimeoutMs, handshakeTimeoutMs, closeTimeoutMs, ...given },
    'options.session',
  )
}

/**
 * Checks where to listen and fills what was left out from the advertised address.
 *
 * @throws {InvalidOptionError} as {@link resolveTcpOptions}
 */
export function resolveListenOptions(
  options: TcpListenOptions | undefined,
  advertised: { readonly host: string; readonly port: number },
): { readonly host: string; readonly port: number } {
  const given: LooseOptions = looseOptions(options, 'options', ['host', 'port'])
  return { host: resolveHost(given['host'], advertised.host), port: resolvePort(given['port'], advertised.port) }
}

function resolveHost(value: unknown, otherwise: string): string {
  if (value === undefined) return otherwise
  if (typeof value === 'string' && /^[^\s\p{Cc}]{1,255}$/u.test(value)) return value
  throw new InvalidOptionError('host', 'a host name or IP address', value)
}

function resolvePort(value: unknown, otherwise: number): number {
  return value === undefined ? otherwise : integerIn('port', value, 0, 65_535)
}
