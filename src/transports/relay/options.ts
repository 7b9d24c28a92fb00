/** The options of a relay transport: what they mean and what is refused. */

import {
  booleanOption,
  InvalidOptionError,
  integerIn,
  type JsonValue,
  jsonBytes,
  looseOptions,
  type Transport,
} from '../../core/index.ts'
import { type Codec, jsonCodec } from '../codec/index.ts'
import { type ResolvedSessionOptions, resolveSessionOptions, type SessionOptions } from '../session/index.ts'
import { parseRelayAddress } from './relay-address.ts'
import {
  type RelayServerOptions,
  type ResolvedRelayServerOptions,
  resolveRelayServerOptions,
} from './server-options.ts'

/** A token for the own relay, or for each relay that is asked to pass something on. */
export type RelayToken = string | ((relay: JsonValue) => string | undefined | Promise<string | undefined>)

/** What a user may say about a relay transport. Sizes are bytes, times ms. */
export interface RelayTransportOptions {
  /** What reaches relays, and whoever can be dialled: any transport with sessions. The relay transport opens and closes it. */
  carrier: Transport
  /**
   * The address of the relay to register with; `true`: this node is a relay itself. Left out: neither, and clients of
   * relays can be spoken to all the same.
   */
  relay?: JsonValue | undefined
  /** What this node's own relay lets its clients do; with `relay: true` only. */
  server?: RelayServerOptions | undefined
  /** What relays that want one are told. A text is told to the own relay only. @defaultValue none */
  token?: RelayToken | undefined
  /** Whether the carrier accepts connections too. @defaultValue false with the address of a relay, else true */
  listens?: boolean | undefined
  /** Other relays that are dialled to reach their clients, at once; 0: none. @defaultValue 16 */
  relaysMax?: number | undefined
  /** Such a relay is left after so long without a message. @defaultValue 60_000 */
  relayIdleTimeoutMs?: number | undefined
  /** Largest message, its envelope included. @defaultValue 1_048_576 */
  messageBytesMax?: number | undefined
  /** Bytes that wait for one relay. @defaultValue 4_194_304 */
  queueBytesMax?: number | undefined
  /** Messages that wait for one peer. @defaultValue 256 */
  queueMessagesMax?: number | undefined
  /** Peers behind relays that are remembered; the one longest silent is forgotten. @defaultValue 4_096 */
  peersMax?: number | undefined
  /** How long dialling a relay and registering may take. @defaultValue 10_000 */
  registerTimeoutMs?: number | undefined
  /** How soon a lost registration is tried again; each failure doubles it. @defaultValue 500 */
  retryDelayMs?: number | undefined
  /** How rarely it is tried at last. @defaultValue 30_000 */
  retryDelayMsMax?: number | undefined
  /** Called when the registration with the own relay comes or goes. */
  onRegistration?: ((isRegistered: boolean) => void) | undefined
  /** How messages are written. @defaultValue jsonCodec */
  codec?: Codec | undefined
  /** Limits and times of relayed sessions. */
  session?: SessionOptions | undefined
}

/** Options with every field filled. */
export interface ResolvedRelayTransportOptions {
  readonly carrier: Transport
  /** The address of the own relay. */
  readonly home: JsonValue | undefined
  /** Of the own relay server; undefined: this node is none. */
  readonly server: ResolvedRelayServerOptions | undefined
  readonly token: RelayToken | undefined
  readonly listens: boolean
  readonly relaysMax: number
  readonly relayIdleTimeoutMs: number
  readonly messageBytesMax: number
  readonly queueBytesMax: number
  readonly queueMessagesMax: number
  readonly peersMax: number
  readonly registerTimeoutMs: number
  readonly retryDelayMs: number
  readonly retryDelayMsMax: number
  readonly onRegistration: (isRegistered: boolean) => void
  readonly codec: Codec
  readonly session: ResolvedSessionOptions
}

const NUMBERS = {
  relaysMax: [16, 0, 4_096],
  relayIdleTimeoutMs: [60_000, 10, 2 ** 31 - 1],
  messageBytesMax: [1_048_576, 16_384, 2 ** 30],
  queueBytesMax: [4_194_304, 16_384, 2 ** 30],
  queueMessagesMax: [256, 1, 2 ** 20],
  peersMax: [4_096, 1, 2 ** 20],
  registerTimeoutMs: [10_000, 1, 2 ** 31 - 1],
  retryDelayMs: [500, 1, 2 ** 31 - 1],
  retryDelayMsMax: [30_000, 1, 2 ** 31 - 1],
} as const

const NAMES = [
  ...['carrier', 'relay', 'server', 'token', 'listens', 'onRegistration', 'codec', 'session'],
  ...Object.keys(NUMBERS),
]

/** Longest address of a relay, so that it fits into an address together with the longest id. */
const RELAY_BYTES_MAX = 512

/**
 * Checks the options and fills in what was left out.
 *
 * @throws {InvalidOptionError} an option is unknown, missing or out of range, or two contradict each other
 */
export function resolveRelayTransportOptions(options: RelayTransportOptions): ResolvedRelayTransportOptions {
  const given = looseOptions(options, 'options', NAMES)
  const numbers = Object.fromEntries(
    Object.entries(NUMBERS).map(([name, [otherwise, min, max]]) => {
      return [name, integerIn(name, given[name] ?? otherwise, min, max)]
    }),
  ) as { readonly [name in keyof typeof NUMBERS]: number }
  const { relay, server, token, codec = jsonCodec } = options
  if (relay !== true && server !== undefined) {
    throw new InvalidOptionError('server', 'left out unless relay is true', server)
  }
  if (token !== undefined && typeof token !== 'string' && typeof token !== 'function') {
    throw new InvalidOptionError('token', 'a text or a function', '(not shown)')
  }
  if (numbers.retryDelayMsMax < numbers.retryDelayMs) {
    throw new InvalidOptionError('retryDelayMsMax', 'at least retryDelayMs', numbers.retryDelayMsMax)
  }
  if (numbers.queueBytesMax < numbers.messageBytesMax + 1_024) {
    const rule = `at least messageBytesMax + 1,024, ${numbers.messageBytesMax + 1_024} or more`
    throw new InvalidOptionError('queueBytesMax', rule, numbers.queueBytesMax)
  }
  return Object.freeze({
    ...numbers,
    carrier: checkedCarrier(options.carrier),
    home: homeOf(relay),
    server: relay === true ? resolveRelayServerOptions(server, 'options.server') : undefined,
    token,
    listens: booleanOption('listens', options.listens ?? (relay === undefined || relay === true)),
    onRegistration: functionOption('onRegistration', options.onRegistration ?? (() => {})),
    codec: checkedCodec(codec),
    session: resolveSessionOptions(options.session, 'options.session'),
  })
}

function homeOf(relay: JsonValue | undefined): JsonValue | undefined {
  if (relay === undefined || relay === true) return undefined
  const isAddress = relay !== null && relay !== false && relay !== ''
  if (!isAddress || parseRelayAddress(relay) !== undefined || jsonBytes(relay) > RELAY_BYTES_MAX) {
    throw new InvalidOptionError('relay', `true, or an address of at most ${RELAY_BYTES_MAX} bytes`, relay)
  }
  return relay
}

function checkedCarrier(carrier: unknown): Transport {
  const fields = Object(carrier) as Record<string, unknown>
  const isCarrier = ['digest', 'deltas', 'on', 'off', 'introduce', 'connect'].every(
    (method) => typeof fields[method] === 'function',
  )
  if (isCarrier) return carrier as Transport
  throw new InvalidOptionError('carrier', 'a transport with sessions', carrier)
}

function checkedCodec(codec: unknown): Codec {
  const { encode, decode, overheadBytesMax } = Object(codec) as Partial<Codec>
  if (typeof encode === 'function' && typeof decode === 'function' && typeof overheadBytesMax === 'number') {
    return codec as Codec
  }
  throw new InvalidOptionError('codec', 'a codec', codec)
}

function functionOption(name: string, value: unknown): (isRegistered: boolean) => void {
  if (typeof value === 'function') return value as (isRegistered: boolean) => void
  throw new InvalidOptionError(name, 'a function', value)
}
