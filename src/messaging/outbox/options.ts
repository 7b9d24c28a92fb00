/** The options of outboxes: what they mean, what they bound and what is refused. */

import {
  InvalidOptionError,
  integerIn,
  isName,
  looseOptions,
  orDefault,
  runtimeSystem,
  type Storage,
  type System,
} from '../../core/index.ts'
import { TIME_MS_MAX } from '../options.ts'
import { volatileStorage } from './volatile-storage.ts'

/** What a user may say about an outbox. Times are ms, sizes bytes. */
export interface OutboxOptions {
  /** Where messages outlive the process: a place of its own, not the node's. `'memory'`: nowhere. */
  storage: Storage | 'memory'
  /** The cluster of the node: the place belongs to one node of one cluster. @defaultValue 'gossipmonger' */
  clusterId?: string | undefined
  /** Largest payload, as it is sent. @defaultValue 1_044_480 */
  messageBytesMax?: number | undefined
  /** Messages of all peers. @defaultValue 65_536 */
  messagesMax?: number | undefined
  /** Messages for one peer. @defaultValue 16_384 */
  messagesPerPeerMax?: number | undefined
  /** Bytes of all messages, 256 added for each. @defaultValue 67_108_864 */
  bytesMax?: number | undefined
  /** Bytes of messages for one peer, 256 added for each. @defaultValue 33_554_432 */
  bytesPerPeerMax?: number | undefined
  /** How long a message is of use, where `emit` does not say. @defaultValue 604_800_000, a week */
  expiresAfterMs?: number | undefined
  /** How long one attempt waits for the acknowledgement, connecting included. @defaultValue 30_000 */
  ackTimeoutMs?: number | undefined
  /** Pause after a first failure; doubled with each, less up to half by chance. @defaultValue 1_000 */
  retryDelayMs?: number | undefined
  /** Longest such pause. @defaultValue 60_000 */
  retryDelayMsMax?: number | undefined
  /** Refusals after which a message is undeliverable; attempts that reach nobody do not count. @defaultValue 16 */
  attemptsMax?: number | undefined
  /** Whether what is undeliverable is kept, for `retry` and until it expires, or goes at once. @defaultValue 'keep' */
  undeliverable?: 'keep' | 'drop' | undefined
  /** Senders of which is remembered what was handled. @defaultValue 4_096 */
  sendersMax?: number | undefined
  /** Names with handlers. @defaultValue 4_096 */
  handlersMax?: number | undefined
  /** How long `close` waits for handlers that are running. @defaultValue 5_000 */
  closeTimeoutMs?: number | undefined
  /** Time, timers and chance; a simulator passes its own. @defaultValue the runtime's */
  system?: System | undefined
}

/** Options with every field filled. */
export type ResolvedOutboxOptions = Readonly<
  Omit<{ [name in keyof OutboxOptions]-?: Exclude<OutboxOptions[name], undefined> }, 'storage'>
> & { readonly storage: Storage }

/** How one message is taken. */
export interface EmitOptions {
  /**
   * A name of its own, 1 to 256 bytes: while a message of that name waits for the same peer, another one is not taken, and
   * the receipt is the first one's. @defaultValue one that is never used again
   */
  readonly id?: string | undefined
  /** How long it is of use, ms; then it goes. @defaultValue the outbox's */
  readonly expiresAfterMs?: number | undefined
  /** Takes the message back, if it is not durable yet. */
  readonly signal?: AbortSignal | undefined
}

const NUMBERS = Object.freeze({
  messageBytesMax: 1_044_480,
  messagesMax: 65_536,
  messagesPerPeerMax: 16_384,
  bytesMax: 67_108_864,
  bytesPerPeerMax: 33_554_432,
  expiresAfterMs: 604_800_000,
  ackTimeoutMs: 30_000,
  retryDelayMs: 1_000,
  retryDelayMsMax: 60_000,
  attemptsMax: 16,
  sendersMax: 4_096,
  handlersMax: 4_096,
  closeTimeoutMs: 5_000,
})
/** Longest life of a message, ms. */
const EXPIRY_MS_MAX = 2 ** 43

const RANGES: { readonly [name in keyof typeof NUMBERS]: readonly [min: number, max: number] } = {
  messageBytesMax: [1, 2 ** 30],
  messagesMax: [1, 2 ** 24],
  messagesPerPeerMax: [1, 2 ** 24],
  bytesMax: [1_024, 2 ** 40],
  bytesPerPeerMax: [1_024, 2 ** 40],
  expiresAfterMs: [1, EXPIRY_MS_MAX],
  ackTimeoutMs: [1, TIME_MS_MAX],
  retryDelayMs: [1, TIME_MS_MAX],
  retryDelayMsMax: [1, TIME_MS_MAX],
  attemptsMax: [1, 2 ** 30],
  sendersMax: [1, 2 ** 20],
  handlersMax: [1, 2 ** 20],
  closeTimeoutMs: [0, TIME_MS_MAX],
}

const OTHERS = ['storage', 'clusterId', 'undeliverable', 'system']

/**
 * Checks the options and fills in what was left out.
 *
 * @throws {InvalidOptionError} an option is unknown, missing or out of range
 */
export function resolveOutboxOptions(options: OutboxOptions): ResolvedOutboxOptions {
  const given = looseOptions(options, 'options', [...Object.keys(NUMBERS), ...OTHERS])
  const numbers: { -readonly [name in keyof typeof NUMBERS]: number } = { ...NUMBERS }
  for (const name of Object.keys(RANGES) as (keyof typeof NUMBERS)[]) {
    if (given[name] !== undefined) numbers[name] = integerIn(name, given[name], ...RANGES[name])
  }
  if (numbers.retryDelayMsMax < numbers.retryDelayMs) {
    throw new InvalidOptionError(
      'retryDelayMsMax',
      `at least retryDelayMs (${numbers.retryDelayMs})`,
      numbers.retryDelayMsMax,
    )
  }
  return Object.freeze({
    ...numbers,
    storage: storageOption(given['storage']),
    clusterId: clusterOption(orDefault(given['clusterId'], 'gossipmonger')),
    undeliverable: undeliverableOption(orDefault(given['undeliverable'], 'keep')),
    system: systemOption(orDefault(given['system'], runtimeSystem)),
  })
}

/** Checks how long one message is of use, ms; undefined where nothing was said. */
export function expiryOption(value: unknown): number | undefined {
  return value === undefined ? undefined : integerIn('expiresAfterMs', value, 1, EXPIRY_MS_MAX)
}

function storageOption(value: unknown): Storage {
  if (value === 'memory') return volatileStorage()
  const { open, append, close } = Object(value) as Partial<Storage>
  if ([open, append, close].every((method) => typeof method === 'function')) return value as Storage
  throw new InvalidOptionError('storage', "a storage of its own, or 'memory'", value)
}

function clusterOption(value: unknown): string {
  if (isName(value)) return value
  throw new InvalidOptionError('clusterId', 'a text of 1 to 256 bytes', value)
}

function undeliverableOption(value: unknown): 'keep' | 'drop' {
  if (value === 'keep' || value === 'drop') return value
  throw new InvalidOptionError('undeliverable', "'keep' or 'drop'", value)
}

function systemOption(value: unknown): System {
  const { now, wallClockMs, random, startTimer } = Object(value) as Partial<System>
  if ([now, wallClockMs, random, startTimer].every((method) => typeof method === 'function')) return value as System
  throw new InvalidOptionError('system', 'an object with methods now, wallClockMs, random and startTimer', value)
}
