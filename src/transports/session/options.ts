/** The options of sessions: what they mean, what they bound and what is refused. */

import { InvalidOptionError, integerIn, looseOptions } from '../../core/index.ts'
import { FRAME_LENGTH_MAX } from './frame.ts'

/** What a user may say about the sessions of a transport. Sizes are bytes, times ms. */
export interface SessionOptions {
  /** Longest frame, both ways; of two nodes the smaller figure holds. @defaultValue 1_048_576 */
  frameBytesMax?: number | undefined
  /** Bytes of a channel that may be under way or unread. Higher is faster over long ways. @defaultValue 262_144 */
  windowBytes?: number | undefined
  /**
   * Bytes that all channels of a session may have under way or unread. Half of it is shared out evenly, the other half
   * makes the windows of those that open first as large as they may be. @defaultValue 33_554_432
   */
  unreadBytesMax?: number | undefined
  /** Channels of a session that either side may have open. @defaultValue 1_024 */
  channelsMax?: number | undefined
  /** Bytes of frames that wait before `send` says false. @defaultValue 262_144 */
  highWaterBytes?: number | undefined
  /** Bytes of frames that may wait; beyond, `send` throws. @defaultValue 8_388_608 */
  frameQueueBytesMax?: number | undefined
  /** Bytes of answers that may wait for a peer that asks and does not read; beyond, the session ends. @defaultValue 8_388_608 */
  answerBytesMax?: number | undefined
  /** Silence after which the peer is asked whether it is there. @defaultValue 15_000 */
  keepAliveMs?: number | undefined
  /** Silence after which the session counts as lost. @defaultValue 45_000 */
  silenceTimeoutMs?: number | undefined
  /** How long opening a connection may take. @defaultValue 10_000 */
  connectTimeoutMs?: number | undefined
  /** How long both hellos may take. @defaultValue 10_000 */
  handshakeTimeoutMs?: number | undefined
  /** How long the end of a session may take. @defaultValue 1_000 */
  closeTimeoutMs?: number | undefined
  /** Sessions that a transport has at once. @defaultValue 1_024 */
  sessionsMax?: number | undefined
  /** Connections that others have opened and not yet introduced. @defaultValue 128 */
  handshakesMax?: number | undefined
}

/** Options with every field filled. */
export type ResolvedSessionOptions = Readonly<{ [name in keyof SessionOptions]-?: number }>

/** What holds unless something else is asked for. */
export const DEFAULTS: ResolvedSessionOptions = Object.freeze({
  frameBytesMax: 1_048_576,
  windowBytes: 262_144,
  unreadBytesMax: 33_554_432,
  channelsMax: 1_024,
  highWaterBytes: 262_144,
  frameQueueBytesMax: 8_388_608,
  answerBytesMax: 8_388_608,
  keepAliveMs: 15_000,
  silenceTimeoutMs: 45_000,
  connectTimeoutMs: 10_000,
  handshakeTimeoutMs: 10_000,
  closeTimeoutMs: 1_000,
  sessionsMax: 1_024,
  handshakesMax: 128,
})

const TIME_MS_MAX = 2 ** 31 - 1
const BYTES_MAX = 2 ** 30

const RANGES: { readonly [name in keyof ResolvedSessionOptions]: readonly [min: number, max: number] } = {
  frameBytesMax: [1_024, FRAME_LENGTH_MAX],
  windowBytes: [1_024, BYTES_MAX],
  unreadBytesMax: [4_096, 2 ** 40],
  channelsMax: [1, 65_535],
  highWaterBytes: [1, BYTES_MAX],
  frameQueueBytesMax: [1_024, BYTES_MAX],
  answerBytesMax: [65_536, BYTES_MAX],
  keepAliveMs: [1, TIME_MS_MAX],
  silenceTimeoutMs: [2, TIME_MS_MAX],
  connectTimeoutMs: [1, TIME_MS_MAX],
  handshakeTimeoutMs: [1, TIME_MS_MAX],
  closeTimeoutMs: [0, TIME_MS_MAX],
  sessionsMax: [1, 2 ** 20],
  handshakesMax: [1, 2 ** 20],
}

/** Smallest part of `unreadBytesMax` that can be a channel's for certain. */
const SHARE_BYTES_MIN = 256

/**
 * Checks the options and fills in what was left out.
 *
 * @param name - what the options are called where they were given, for refusals
 * @throws {InvalidOptionError} an option is unknown or out of range, or two contradict each other
 */
export function resolveSessionOptions(options?: SessionOptions, name: string = 'options'): ResolvedSessionOptions {
  const given = looseOptions(options, name, Object.keys(DEFAULTS))
  const resolved: { -readonly [field in keyof ResolvedSessionOptions]: number } = { ...DEFAULTS }
  for (const field of Object.keys(RANGES) as (keyof ResolvedSessionOptions)[]) {
    if (given[field] !== undefined) resolved[field] = integerIn(field, given[field], ...RANGES[field])
  }
  assertAtLeast(resolved, 'silenceTimeoutMs', resolved.keepAliveMs + 1, 'more than keepAliveMs')
  assertAtLeast(resolved, 'frameQueueBytesMax', resolved.frameBytesMax, 'at least frameBytesMax')
  assertAtLeast(resolved, 'unreadBytesMax', 4 * resolved.channelsMax * SHARE_BYTES_MIN, 'at least 1,024 · channelsMax')
  return Object.freeze(resolved)
}

function assertAtLeast(
  options: ResolvedSessionOptions,
  field: keyof ResolvedSessionOptions,
  min: number,
  rule: string,
): void {
  if (options[field] < min) throw new InvalidOptionError(field, `${rule}, ${min} or more`, options[field])
}
