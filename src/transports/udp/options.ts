/** Options of the UDP transport: loose in, resolved and checked here, trusted everywhere else. */

import { booleanOption, InvalidOptionError, integerIn, type LooseOptions, looseOptions } from '../../core/index.ts'
import type { UdpKey } from './key-ring.ts'

/** Where to listen. */
export interface UdpListenOptions {
  /** Name or IP address to bind; `'::'` takes IPv4 too. @defaultValue the advertised host */
  host?: string | undefined
  /** Port to bind; 0 takes a free one. @defaultValue the advertised port */
  port?: number | undefined
}

/** What a UDP transport can be told. The address is the advertised one: where other peers reach this one. */
export interface UdpOptions {
  /** Advertised name or IP address. @defaultValue 'localhost' */
  host?: string | undefined
  /** Advertised port; 0 advertises the one that was bound. @defaultValue 9742 */
  port?: number | undefined
  /** Keys that the cluster shares, at most 16: the first encrypts, all decrypt. Left out, packets are plain. */
  keys?: readonly UdpKey[] | undefined
  /** Allows plain packets to and from other machines, where there are no keys. @defaultValue false */
  plainText?: boolean | undefined
  /** Largest packet that is ever sent. What passes everywhere unbroken is about 1,200. @defaultValue 1_200 */
  packetBytesMax?: number | undefined
  /** How long a peer may take to answer before it counts as not there, ms. @defaultValue 5_000 */
  handshakeTimeoutMs?: number | undefined
  /** How long a connection may stay silent, ms. @defaultValue 120_000 */
  idleTimeoutMs?: number | undefined
  /** Connections that are remembered; the one silent longest is forgotten. @defaultValue 4_096 */
  connectionsMax?: number | undefined
  /** Connections that others have opened and not used yet; the oldest is forgotten. @defaultValue 256 */
  strangersMax?: number | undefined
  /** Addresses that are remembered; the least recently used is forgotten. @defaultValue 4_096 */
  peersMax?: number | undefined
  /** Addresses that are dialled at once; beyond, messages are dropped. @defaultValue 256 */
  dialsMax?: number | undefined
  /** Messages that wait for one peer; the oldest is dropped. @defaultValue 64 */
  queueMessagesMax?: number | undefined
  /** Bytes that wait for one peer; the oldest message is dropped. @defaultValue 1_048_576 */
  queueBytesMax?: number | undefined
  /** Bytes that wait for all peers together, those in sockets included; beyond, messages are dropped. @defaultValue 16_777_216 */
  outboundBytesMax?: number | undefined
}

/** Limits with every field filled. Names and units as in {@link UdpOptions}. */
export interface UdpLimits {
  readonly packetBytesMax: number
  readonly handshakeTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly connectionsMax: number
  readonly strangersMax: number
  readonly peersMax: number
  readonly dialsMax: number
  readonly queueMessagesMax: number
  readonly queueBytesMax: number
  readonly outboundBytesMax: number
}

/** Options with every field filled. */
export interface ResolvedUdpOptions extends UdpLimits {
  readonly host: string
  readonly port: number
  /** Whether `port` is what to advertise, or the bound one is. */
  readonly isPortAdvertised: boolean
  /** To be checked by the ring. */
  readonly keys: unknown
  readonly plainText: boolean
}

/** What holds unless something else is asked for. */
export const DEFAULTS: UdpLimits = Object.freeze({
  packetBytesMax: 1_200,
  handshakeTimeoutMs: 5_000,
  idleTimeoutMs: 120_000,
  connectionsMax: 4_096,
  strangersMax: 256,
  peersMax: 4_096,
  dialsMax: 256,
  queueMessagesMax: 64,
  queueBytesMax: 2 ** 20,
  outboundBytesMax: 16 * 2 ** 20,
})

const DEFAULT_HOST = 'localhost'
const DEFAULT_PORT = 9_742
/** A timer of the runtime cannot wait longer. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1

const RANGES: { readonly [name in keyof UdpLimits]: readonly [min: number, max: number] } = {
  // The upper end is what IPv4 can carry.
  packetBytesMax: [512, 65_507],
  handshakeTimeoutMs: [1, TIMEOUT_MS_MAX],
  idleTimeoutMs: [1, TIMEOUT_MS_MAX],
  connectionsMax: [1, 2 ** 20],
  strangersMax: [1, 2 ** 20],
  peersMax: [1, 2 ** 20],
  dialsMax: [1, 2 ** 20],
  queueMessagesMax: [1, 2 ** 20],
  queueBytesMax: [1, 2 ** 30],
  outboundBytesMax: [1, 2 ** 30],
}

/**
 * Checks options and fills what was left out.
 *
 * @throws {InvalidOptionError} an option is unknown, of the wrong type or out of range, or two contradict each other
 */
export function resolveUdpOptions(options?: UdpOptions): ResolvedUdpOptions {
  const known = ['host', 'port', 'keys', 'plainText', ...Object.keys(DEFAULTS)]
  const given: LooseOptions = looseOptions(options, 'options', known)
  const limits: { -readonly [name in keyof UdpLimits]: number } = { ...DEFAULTS }
  for (const name of Object.keys(RANGES) as (keyof UdpLimits)[]) {
    if (given[name] !== undefined) limits[name] = integerIn(name, given[name], ...RANGES[name])
  }
  for (const name of ['queueBytesMax', 'outboundBytesMax'] as const) {
    if (limits[name] >= limits.packetBytesMax) continue
    throw new InvalidOptionError(name, `at least packetBytesMax, ${limits.packetBytesMax}`, limits[name])
  }
  const plainText = given['plainText'] === undefined ? false : booleanOption('plainText', given['plainText'])
  if (plainText && given['keys'] !== undefined) {
    throw new InvalidOptionError('plainText', 'false or left out where there are keys', plainText)
  }
  const port = resolvePort(given['port'], DEFAULT_PORT)
  const isPortAdvertised = given['port'] !== undefined && port !== 0
  const host = resolveHost(given['host'], DEFAULT_HOST)
  return Object.freeze({ ...limits, host, port, isPortAdvertised, keys: given['keys'], plainText })
}

/**
 * Checks where to listen and fills what was left out from the advertised address.
 *
 * @throws {InvalidOptionError} as {@link resolveUdpOptions}
 */
export function resolveUdpListenOptions(
  options: UdpListenOptions | undefined,
  advertised: { readonly host: string; readonly port: number },
): { readonly host: string; readonly port: number } {
  const given: LooseOptions = looseOptions(options, 'options', ['host', 'port'])
  return { host: resolveHost(given['host'], advertised.host), port: resolvePort(given['port'], advertised.port) }
}

function resolveHost(value: unknown, otherwise: string): string {
  if (value === undefined) return otherwise
  if (typeof value === 'string' && /^[^\s\p{Cc}[\]/]{1,255}$/u.test(value)) return value
  throw new InvalidOptionError('host', 'a host name or IP address', value)
}

function resolvePort(value: unknown, otherwise: number): number {
  return value === undefined ? otherwise : integerIn('port', value, 0, 65_535)
}
