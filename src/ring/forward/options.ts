/** Options of forwarders and of what they forward, and what they ask of a messenger. */

import {
  booleanOption,
  InvalidOptionError,
  integerIn,
  isName,
  looseOptions,
  orDefault,
  runtimeSystem,
  type System,
} from '../../core/index.ts'
import type { LibraryArea } from '../../messaging/index.ts'
import { Ring } from '../ring.ts'

/** The part of a `Messenger` that a forwarder uses. */
export interface ForwardMessenger {
  area(area: string): LibraryArea
  tellError(error: Error): void
}

/** What a user may say about a forwarder. Times are ms. */
export interface ForwarderOptions {
  /** Whose messages these are, where a messenger serves several rings: the same on every node. @defaultValue `'ring'` */
  readonly name?: string
  /** How long a request waits, all attempts included. @defaultValue 10_000 */
  readonly requestTimeoutMs?: number
  /** How often somebody is asked, for one request. @defaultValue 16 */
  readonly attemptsMax?: number
  /** First pause when nobody is left to ask; each further one of a request is twice as long. @defaultValue 100 */
  readonly retryAfterMs?: number
  /** Longest pause. @defaultValue 3_200 */
  readonly retryAfterMsMax?: number
  /** Requests and sends that may be under way. @defaultValue 4_096 */
  readonly requestsMax?: number
  /** Names with handlers. @defaultValue 4_096 */
  readonly handlersMax?: number
  /** Timers, and chance for the length of pauses; a simulator passes its own. @defaultValue the runtime's */
  readonly system?: Pick<System, 'startTimer' | 'random'>
}

/** How one-way messages are forwarded. */
export interface ForwardSendOptions {
  /** How long reaching the owner may take. @defaultValue the forwarder's `requestTimeoutMs` */
  readonly timeoutMs?: number | undefined
  /** Gives up. */
  readonly signal?: AbortSignal | undefined
  /** @defaultValue the forwarder's */
  readonly attemptsMax?: number | undefined
}

/** How requests are forwarded. */
export interface ForwardRequestOptions extends ForwardSendOptions {
  /**
   * When the next owner may be asked. `'unsent'`: only where it is certain that the last one did nothing, so that the
   * request is carried out at most once. `'always'`: also when its session was lost, or the ring has replaced it, so that
   * several owners may carry it out; the first answer counts. @defaultValue `'unsent'`; with `anyOwner` `'always'`
   */
  readonly retry?: 'unsent' | 'always' | undefined
  /** Any of the ring's `replicas` owners may answer, this node first if it is one. @defaultValue false */
  readonly anyOwner?: boolean | undefined
  /** With `anyOwner`: silence after which the next replica is asked as well. @defaultValue only after a failure */
  readonly stallAfterMs?: number | undefined
}

/** Options of a forwarder with every field filled. */
export type ResolvedForwarderOptions = Readonly<Required<ForwarderOptions>>

/** Options of a request with every field filled. */
export interface ResolvedForwardRequest {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  readonly attemptsMax: number
  readonly mayRepeat: boolean
  readonly isForAny: boolean
  readonly stallAfterMs: number | undefined
}

const DEFAULTS = Object.freeze({
  name: 'ring',
  requestTimeoutMs: 10_000,
  attemptsMax: 16,
  retryAfterMs: 100,
  retryAfterMsMax: 3_200,
  requestsMax: 4_096,
  handlersMax: 4_096,
  system: runtimeSystem,
})

/** Longest time that a timer can wait, ms. */
export const TIME_MS_MAX: number = 2 ** 31 - 1
const ATTEMPTS_MAX = 256
const TABLE_MAX = 2 ** 20
const NAME_BYTES_MAX = 64
const SEND_FIELDS = ['timeoutMs', 'signal', 'attemptsMax']

/**
 * Checks the options of a forwarder and fills in what was left out.
 *
 * @throws {InvalidOptionError} an option is unknown or out of range
 */
export function resolveForwarderOptions(options: ForwarderOptions | undefined): ResolvedForwarderOptions {
  const given = { ...DEFAULTS, ...defined(looseOptions(options, 'options', Object.keys(DEFAULTS))) }
  const retryAfterMs = integerIn('retryAfterMs', given.retryAfterMs, 1, TIME_MS_MAX)
  return Object.freeze({
    name: nameOption(given.name),
    requestTimeoutMs: integerIn('requestTimeoutMs', given.requestTimeoutMs, 1, TIME_MS_MAX),
    attemptsMax: integerIn('attemptsMax', given.attemptsMax, 1, ATTEMPTS_MAX),
    retryAfterMs,
    retryAfterMsMax: integerIn('retryAfterMsMax', given.retryAfterMsMax, retryAfterMs, TIME_MS_MAX),
    requestsMax: integerIn('requestsMax', given.requestsMax, 1, TABLE_MAX),
    handlersMax: integerIn('handlersMax', given.handlersMax, 1, TABLE_MAX),
    system: systemOption(given.system),
  })
}

/**
 * Checks the options of a request and fills in what was left out.
 *
 * @throws {InvalidOptionError} an option is unknown, out of range, or goes with none of the others
 */
export function resolveRequest(
  options: ForwardRequestOptions | undefined,
  { requestTimeoutMs, attemptsMax }: ResolvedForwarderOptions,
): ResolvedForwardRequest {
  const given = defined(looseOptions(options, 'options', [...SEND_FIELDS, 'retry', 'anyOwner', 'stallAfterMs']))
  const { anyOwner = false, retry = anyOwner === true ? 'always' : 'unsent', stallAfterMs, signal } = given
  const isForAny = booleanOption('anyOwner', anyOwner)
  if (retry !== 'unsent' && retry !== 'always') {
    throw new InvalidOptionError('retry', "'unsent' or 'always'", retry)
  }
  if (stallAfterMs !== undefined && !(isForAny && retry === 'always')) {
    throw new InvalidOptionError('stallAfterMs', "used with anyOwner: true and retry: 'always'", stallAfterMs)
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new InvalidOptionError('signal', 'an AbortSignal', signal)
  }
  return {
    timeoutMs: integerIn('timeoutMs', orDefault(given['timeoutMs'], requestTimeoutMs), 0, TIME_MS_MAX),
    signal,
    attemptsMax: integerIn('attemptsMax', orDefault(given['attemptsMax'], attemptsMax), 1, ATTEMPTS_MAX),
    mayRepeat: retry === 'always',
    isForAny,
    stallAfterMs: stallAfterMs === undefined ? undefined : integerIn('stallAfterMs', stallAfterMs, 0, TIME_MS_MAX),
  }
}

/** As {@link resolveRequest} does, for what nobody answers. */
export function resolveSend(
  options: ForwardSendOptions | undefined,
  resolved: ResolvedForwarderOptions,
): ResolvedForwardRequest {
  return resolveRequest(looseOptions(options, 'options', SEND_FIELDS), resolved)
}

/**
 * The ring a forwarder follows.
 *
 * @throws {InvalidOptionError} it is something else
 */
export function ringOption(value: unknown): Ring {
  if (value instanceof Ring) return value
  throw new InvalidOptionError('ring', 'a Ring', value)
}

/**
 * The messenger a forwarder is made for.
 *
 * @throws {InvalidOptionError} it is something else
 */
export function messengerOption(value: unknown): ForwardMessenger {
  const { area, tellError } = Object(value) as Partial<ForwardMessenger>
  if (typeof area === 'function' && typeof tellError === 'function') return value as ForwardMessenger
  throw new InvalidOptionError('messenger', 'a Messenger', value)
}

function defined(given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

function nameOption(value: unknown): string {
  if (isName(value) && new TextEncoder().encode(value).length <= NAME_BYTES_MAX) return value
  throw new InvalidOptionError('name', `a text of 1 to ${NAME_BYTES_MAX} bytes`, value)
}

function systemOption(value: unknown): ResolvedForwarderOptions['system'] {
  const { random, startTimer } = Object(value) as Partial<System>
  if (typeof random === 'function' && typeof startTimer === 'function') return value as System
  throw new InvalidOptionError('system', 'an object with methods startTimer and random', value)
}
