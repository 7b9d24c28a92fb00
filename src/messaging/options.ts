/** The options of messengers: what they mean, what they bound and what is refused. */

import { InvalidOptionError, integerIn, looseOptions, orDefault, runtimeSystem, type System } from '../core/index.ts'

/** What a user may say about a messenger. Times are ms, sizes bytes. */
export interface MessengerOptions {
  /** How long a request waits for its answer, connecting included. @defaultValue 10_000 */
  requestTimeoutMs?: number | undefined
  /** How long opening a stream may take, connecting included. @defaultValue 10_000 */
  openTimeoutMs?: number | undefined
  /** Requests to one peer that wait for answers. @defaultValue 4_096 */
  requestsMax?: number | undefined
  /** Requests of one peer that are being handled. @defaultValue 1_024 */
  inboundRequestsMax?: number | undefined
  /** Names with handlers, and names with listeners of streams. @defaultValue 4_096 */
  handlersMax?: number | undefined
  /** Ports that are open. They are gossiped in one value, so `valueBytesMax` bounds them too. @defaultValue 256 */
  servicesMax?: number | undefined
  /** Bytes of messages to one peer that wait behind what its session takes. @defaultValue 8_388_608 */
  queueBytesMax?: number | undefined
  /** Peers that a broadcast is being sent to at the same time. @defaultValue 32 */
  broadcastPeersMax?: number | undefined
  /** Worker threads with handlers, on Node. @defaultValue 16 */
  workersMax?: number | undefined
  /** Plug-ins that are loaded. @defaultValue 64 */
  pluginsMax?: number | undefined
  /** How long the start of a plug-in may take, and as long its stop. @defaultValue 10_000 */
  pluginTimeoutMs?: number | undefined
  /** Whether a peer may pair with this node. @defaultValue everybody may */
  acceptsPair?: ((peerId: string) => boolean) | undefined
  /** Time and timers; a simulator passes its own. @defaultValue the runtime's */
  system?: System | undefined
}

/** Options with every field filled. */
export type ResolvedMessengerOptions = Readonly<{
  [name in keyof MessengerOptions]-?: Exclude<MessengerOptions[name], undefined>
}>

const DEFAULTS = Object.freeze({
  requestTimeoutMs: 10_000,
  openTimeoutMs: 10_000,
  requestsMax: 4_096,
  inboundRequestsMax: 1_024,
  handlersMax: 4_096,
  servicesMax: 256,
  queueBytesMax: 8_388_608,
  broadcastPeersMax: 32,
  workersMax: 16,
  pluginsMax: 64,
  pluginTimeoutMs: 10_000,
})

/** Longest time that a timer can wait, ms. */
export const TIME_MS_MAX: number = 2 ** 31 - 1

const RANGES: { readonly [name in keyof typeof DEFAULTS]: readonly [min: number, max: number] } = {
  requestTimeoutMs: [1, TIME_MS_MAX],
  openTimeoutMs: [1, TIME_MS_MAX],
  requestsMax: [1, 2 ** 20],
  inboundRequestsMax: [1, 2 ** 20],
  handlersMax: [1, 2 ** 20],
  servicesMax: [1, 65_535],
  queueBytesMax: [1_024, 2 ** 30],
  broadcastPeersMax: [1, 4_096],
  workersMax: [1, 1_024],
  pluginsMax: [1, 4_096],
  pluginTimeoutMs: [1, TIME_MS_MAX],
}

/**
 * Checks the options and fills in what was left out.
 *
 * @throws {InvalidOptionError} an option is unknown or out of range
 */
export function resolveMessengerOptions(options?: MessengerOptions): ResolvedMessengerOptions {
  const given = looseOptions(options, 'options', [...Object.keys(DEFAULTS), 'acceptsPair', 'system'])
  const resolved: { -readonly [name in keyof typeof DEFAULTS]: number } = { ...DEFAULTS }
  for (const name of Object.keys(RANGES) as (keyof typeof DEFAULTS)[]) {
    if (given[name] !== undefined) resolved[name] = integerIn(name, given[name], ...RANGES[name])
  }
  return Object.freeze({
    ...resolved,
    acceptsPair: acceptsOption(orDefault(given['acceptsPair'], () => true)),
    system: systemOption(orDefault(given['system'], runtimeSystem)),
  })
}

function acceptsOption(value: unknown): ResolvedMessengerOptions['acceptsPair'] {
  if (typeof value !== 'function') throw new InvalidOptionError('acceptsPair', 'a function', value)
  return value as ResolvedMessengerOptions['acceptsPair']
}

function systemOption(value: unknown): System {
  const { now, startTimer } = Object(value) as Partial<System>
  if (typeof now === 'function' && typeof startTimer === 'function') return value as System
  throw new InvalidOptionError('system', 'an object with methods now and startTimer', value)
}
