/** Options that every WebSocket transport takes, those of browsers included: loose in, resolved and checked here. */

import { InvalidOptionError, integerIn, isPlainObject, type LooseOptions, looseOptions } from '../../core/index.ts'
import { type Codec, jsonCodec } from '../codec/index.ts'

/** What a WebSocket transport can be told, wherever it runs. */
export interface WebSocketDialOptions {
  /** How messages are encoded; both sides have to use the same. @defaultValue jsonCodec */
  codec?: Codec | undefined
  /** Longest WebSocket message, both ways, bytes. @defaultValue 4_194_304 */
  messageBytesMax?: number | undefined
  /** How long a connection may take to open, ms. @defaultValue 5_000 */
  connectTimeoutMs?: number | undefined
  /** How long the other side may take to say who it is, once the connection is open, ms. @defaultValue 10_000 */
  handshakeTimeoutMs?: number | undefined
  /** After so long without anything from the other side it is asked for a sign of life, ms. @defaultValue 20_000 */
  pingIntervalMs?: number | undefined
  /** How long that sign may take, and with it a long message that is still arriving, ms. @defaultValue 20_000 */
  pongTimeoutMs?: number | undefined
  /** How long a connection is kept without a message, and one whose peer takes nothing, ms. @defaultValue 60_000 */
  idleTimeoutMs?: number | undefined
  /** How long `close()` waits for peers to take what was already sent, ms. @defaultValue 500 */
  closeTimeoutMs?: number | undefined
  /** Shortest time between two dials of one address; doubles with every failure, ms. @defaultValue 100 */
  redialDelayMs?: number | undefined
  /** Longest time between two dials of one address that has something to be told, ms. @defaultValue 2_000 */
  redialDelayMsMax?: number | undefined
  /** Connections that this transport holds open at once; the one silent longest gives way. @defaultValue 256 */
  connectionsMax?: number | undefined
  /** Peers for whom messages may wait; the least recently used is forgotten. @defaultValue 4_096 */
  peersMax?: number | undefined
  /** Messages that wait for one peer; the oldest is dropped. @defaultValue 64 */
  queueMessagesMax?: number | undefined
  /** Bytes that wait for one peer; the oldest message is dropped. @defaultValue 8_388_608 */
  queueBytesMax?: number | undefined
  /** Bytes that wait for all peers together, those in sockets included; beyond, messages are dropped. @defaultValue 67_108_864 */
  outboundBytesMax?: number | undefined
}

/** Limits with every field filled. Names and units as in {@link WebSocketDialOptions}. */
export interface WebSocketLimits {
  readonly messageBytesMax: number
  readonly connectTimeoutMs: number
  readonly handshakeTimeoutMs: number
  readonly pingIntervalMs: number
  readonly pongTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly closeTimeoutMs: number
  readonly redialDelayMs: number
  readonly redialDelayMsMax: number
  readonly connectionsMax: number
  readonly peersMax: number
  readonly queueMessagesMax: number
  readonly queueBytesMax: number
  readonly outboundBytesMax: number
}

/** Options with every field filled. */
export interface ResolvedWebSocketDialOptions extends WebSocketLimits {
  readonly codec: Codec
}

/** What holds unless something else is asked for. */
export const DEFAULTS: WebSocketLimits = Object.freeze({
  messageBytesMax: 4 * 2 ** 20,
  connectTimeoutMs: 5_000,
  handshakeTimeoutMs: 10_000,
  pingIntervalMs: 20_000,
  pongTimeoutMs: 20_000,
  idleTimeoutMs: 60_000,
  closeTimeoutMs: 500,
  redialDelayMs: 100,
  redialDelayMsMax: 2_000,
  connectionsMax: 256,
  peersMax: 4_096,
  queueMessagesMax: 64,
  queueBytesMax: 8 * 2 ** 20,
  outboundBytesMax: 64 * 2 ** 20,
})

/** The names of all options here. */
export const DIAL_OPTION_NAMES: readonly string[] = Object.freeze(['codec', ...Object.keys(DEFAULTS)])

/** A timer of the runtime cannot wait longer. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1
/** Longest text that the runtime can make of a message, with room to spare. */
const BYTES_MAX = 2 ** 28
/** What a payload may take at least, whatever the codec. */
const PAYLOAD_BYTES_MIN = 1_024

const RANGES: { readonly [name in keyof WebSocketLimits]: readonly [min: number, max: number] } = {
  messageBytesMax: [PAYLOAD_BYTES_MIN, BYTES_MAX],
  connectTimeoutMs: [1, TIMEOUT_MS_MAX],
  handshakeTimeoutMs: [1, TIMEOUT_MS_MAX],
  pingIntervalMs: [1, TIMEOUT_MS_MAX],
  pongTimeoutMs: [1, TIMEOUT_MS_MAX],
  idleTimeoutMs: [1, TIMEOUT_MS_MAX],
  closeTimeoutMs: [0, TIMEOUT_MS_MAX],
  redialDelayMs: [1, 60_000],
  redialDelayMsMax: [1, 3_600_000],
  connectionsMax: [1, 2 ** 20],
  peersMax: [1, 2 ** 20],
  queueMessagesMax: [1, 2 ** 20],
  queueBytesMax: [1, 2 ** 40],
  outboundBytesMax: [1, 2 ** 40],
}

/**
 * Checks options and fills what was left out.
 *
 * @throws {InvalidOptionError} an option is unknown, of the wrong type or out of range, or two contradict each other
 */
export function resolveWebSocketDialOptions(options?: WebSocketDialOptions): ResolvedWebSocketDialOptions {
  return resolveDialFields(looseOptions(options, 'options', DIAL_OPTION_NAMES))
}

/** The same for options among which there are others, whose names were checked. */
export function resolveDialFields(given: LooseOptions): ResolvedWebSocketDialOptions {
  const limits: { -readonly [name in keyof WebSocketLimits]: number } = { ...DEFAULTS }
  for (const name of Object.keys(RANGES) as (keyof WebSocketLimits)[]) {
    if (given[name] !== undefined) limits[name] = integerIn(name, given[name], ...RANGES[name])
  }
  const codec = resolveCodec(given['codec'])
  const bytesMin = codec.overheadBytesMax + PAYLOAD_BYTES_MIN
  if (limits.messageBytesMax < bytesMin) {
    throw new InvalidOptionError('messageBytesMax', `at least ${bytesMin} with this codec`, limits.messageBytesMax)
  }
  for (const name of ['queueBytesMax', 'outboundBytesMax'] as const) {
    if (limits[name] >= limits.messageBytesMax) continue
    throw new InvalidOptionError(name, `at least messageBytesMax, ${limits.messageBytesMax}`, limits[name])
  }
  if (limits.redialDelayMsMax < limits.redialDelayMs) {
    throw new InvalidOptionError(
      'redialDelayMsMax',
      `at least redialDelayMs, ${limits.redialDelayMs}`,
      limits.redialDelayMsMax,
    )
  }
  return Object.freeze({ ...limits, codec })
}

function resolveCodec(value: unknown): Codec {
  if (value === undefined) return jsonCodec
  const fields = (isPlainObject(value) ? value : Object(value)) as Record<string, unknown>
  const { name, overheadBytesMax } = fields
  const isCodec =
    typeof name === 'string' &&
    /^[a-z0-9.-]{1,64}$/.test(name) &&
    Number.isInteger(overheadBytesMax) &&
    typeof fields['encode'] === 'function' &&
    typeof fields['decode'] === 'function'
  if (!isCodec) throw new InvalidOptionError('codec', 'a codec with name, overheadBytesMax, encode and decode', value)
  return value as Codec
}
