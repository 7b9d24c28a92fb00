/** Options by which a transport defends itself, the same on every transport that strangers can reach. */

import { InvalidOptionError, integerIn, type LooseOptions, numberIn } from '../../core/index.ts'

/** What a transport can be told about strangers. */
export interface DefenceOptions {
  /** Connections that one IP address (IPv6: one /64) may hold open at once. @defaultValue 256 */
  inboundConnectionsPerAddressMax?: number | undefined
  /**
   * Messages read of one peer each second, in the long run; five seconds' worth may come at once. Beyond, it is not read
   * for a while. Gossip takes at most four messages a round of a peer. @defaultValue 2_000
   */
  messagesPerSecondMax?: number | undefined
  /** Bytes read of one peer each second, in the long run; five seconds' worth may come at once. @defaultValue 16_777_216 */
  bytesPerSecondMax?: number | undefined
  /** How long a peer may go on sending as much as is read before it is disconnected, ms. @defaultValue 30_000 */
  rateTimeoutMs?: number | undefined
  /** Points of offences at which an address is kept out; they fade by one a second. @defaultValue 100 */
  offencePointsMax?: number | undefined
  /** How long an address is kept out the first time, ms; each further time twice as long. @defaultValue 1_000 */
  banMs?: number | undefined
  /** How long an address is kept out at most, ms. @defaultValue 600_000 */
  banMsMax?: number | undefined
  /** Addresses whose offences are remembered; the one that offended longest ago is forgotten. @defaultValue 4_096 */
  offendersMax?: number | undefined
  /** Bytes sent to an address that has not proven itself, for each byte that came in its name. @defaultValue 3 */
  replyFactorMax?: number | undefined
  /** Peers whose proof is remembered, and as many that lack one. @defaultValue 4_096 */
  unprovenPeersMax?: number | undefined
}

/** The options with every field filled. Names and units as in {@link DefenceOptions}. */
export interface DefenceLimits {
  readonly inboundConnectionsPerAddressMax: number
  readonly messagesPerSecondMax: number
  readonly bytesPerSecondMax: number
  readonly rateTimeoutMs: number
  readonly offencePointsMax: number
  readonly banMs: number
  readonly banMsMax: number
  readonly offendersMax: number
  readonly replyFactorMax: number
  readonly unprovenPeersMax: number
}

/** What holds unless something else is asked for. */
export const DEFENCE_DEFAULTS: DefenceLimits = Object.freeze({
  inboundConnectionsPerAddressMax: 256,
  messagesPerSecondMax: 2_000,
  bytesPerSecondMax: 16 * 2 ** 20,
  rateTimeoutMs: 30_000,
  offencePointsMax: 100,
  banMs: 1_000,
  banMsMax: 600_000,
  offendersMax: 4_096,
  replyFactorMax: 3,
  unprovenPeersMax: 4_096,
})

/** A timer of the runtime cannot wait longer. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1

const RANGES: { readonly [name in keyof DefenceLimits]: readonly [min: number, max: number] } = {
  inboundConnectionsPerAddressMax: [1, 2 ** 20],
  messagesPerSecondMax: [1, 2 ** 30],
  bytesPerSecondMax: [1_024, 2 ** 40],
  rateTimeoutMs: [1, TIMEOUT_MS_MAX],
  offencePointsMax: [1, 2 ** 30],
  banMs: [1, TIMEOUT_MS_MAX],
  banMsMax: [1, TIMEOUT_MS_MAX],
  offendersMax: [1, 2 ** 20],
  replyFactorMax: [1, 2 ** 20],
  unprovenPeersMax: [1, 2 ** 20],
}

/**
 * Checks these of a transport's options and fills what was left out.
 *
 * @param given - may hold others too, which are not looked at
 * @throws {InvalidOptionError} one is of the wrong type or out of range, or two contradict each other
 */
export function resolveDefenceOptions(given: LooseOptions): DefenceLimits {
  const limits: { -readonly [name in keyof DefenceLimits]: number } = { ...DEFENCE_DEFAULTS }
  for (const name of Object.keys(RANGES) as (keyof DefenceLimits)[]) {
    const value = given[name]
    if (value === undefined) continue
    limits[name] = (name === 'replyFactorMax' ? numberIn : integerIn)(name, value, ...RANGES[name])
  }
  if (limits.banMsMax < limits.banMs) {
    throw new InvalidOptionError('banMsMax', `at least banMs, ${limits.banMs}`, limits.banMsMax)
  }
  return Object.freeze(limits)
}
