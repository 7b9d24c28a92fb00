/** The options of a relay: what it lets its clients do, and what it refuses. */

import {
  booleanOption,
  InvalidOptionError,
  integerIn,
  looseOptions,
  orDefault,
  type SenderRef,
} from '../../core/index.ts'

/** What somebody who wants to register says, and what is known of him. */
export interface RelayClaim {
  readonly id: string
  readonly generation: number
  readonly token: string | undefined
  /** Whether the session has proven the id, by a certificate or a key. */
  readonly authenticated: boolean
  /** Who is at the other end of the session; his id is the one that is claimed. */
  readonly remote: SenderRef
}

/**
 * Decides who may register: true, or why not; false without a reason. What it throws refuses too.
 */
export type Authorize = (claim: RelayClaim) => boolean | string | Promise<boolean | string>

/**
 * What becomes of a registration under an id that is registered already, by another session: `'newer'` lets the higher
 * generation have it, `'refuse'` the first one, `'replace'` the last one.
 */
export type DuplicateRule = 'newer' | 'refuse' | 'replace'

/** What a user may say about a relay. Sizes are bytes, times ms. */
export interface RelayServerOptions {
  /** A secret that clients have to know. @defaultValue none: whoever can open a session may register */
  token?: string | undefined
  /** Decides beside the token. @defaultValue everybody may register */
  authorize?: Authorize | undefined
  /** How long `authorize` may take. @defaultValue 10_000 */
  authorizeTimeoutMs?: number | undefined
  /** Only sessions that have proven their id may register. @defaultValue false */
  requiresAuthentication?: boolean | undefined
  /** @defaultValue 'newer' */
  onDuplicate?: DuplicateRule | undefined
  /** Whether clients are told who else is registered. @defaultValue true */
  listClients?: boolean | undefined
  /** Clients at once. @defaultValue 1_024 */
  clientsMax?: number | undefined
  /** Registrations that `authorize` decides on at once. @defaultValue 128 */
  pendingMax?: number | undefined
  /** What one client may send; beyond, it is read later. @defaultValue 1_000 */
  messagesPerSecondMax?: number | undefined
  /** The same, messages and sessions together. @defaultValue 8_388_608 */
  bytesPerSecondMax?: number | undefined
  /** Largest message. @defaultValue 1_048_576 */
  messageBytesMax?: number | undefined
  /** Bytes that wait for one client. @defaultValue 4_194_304 */
  queueBytesMax?: number | undefined
  /** Messages that wait for one client from one other. @defaultValue 256 */
  queueMessagesMax?: number | undefined
  /** Bytes that wait for all clients. @defaultValue 67_108_864 */
  outboundBytesMax?: number | undefined
  /** Peers of a client that are told when it disappears. @defaultValue 256 */
  partnersMax?: number | undefined
  /** Relayed sessions of one client, either way. @defaultValue 256 */
  pipesMax?: number | undefined
}

/** Options with every field filled. */
export type ResolvedRelayServerOptions = Readonly<{
  [name in keyof RelayServerOptions]-?: name extends 'token' | 'authorize'
    ? RelayServerOptions[name]
    : Exclude<RelayServerOptions[name], undefined>
}>

type NumberName = {
  [name in keyof ResolvedRelayServerOptions]: ResolvedRelayServerOptions[name] extends number ? name : never
}[keyof ResolvedRelayServerOptions]

const DEFAULTS: ResolvedRelayServerOptions = Object.freeze({
  token: undefined,
  authorize: undefined,
  authorizeTimeoutMs: 10_000,
  requiresAuthentication: false,
  onDuplicate: 'newer',
  listClients: true,
  clientsMax: 1_024,
  pendingMax: 128,
  messagesPerSecondMax: 1_000,
  bytesPerSecondMax: 8_388_608,
  messageBytesMax: 1_048_576,
  queueBytesMax: 4_194_304,
  queueMessagesMax: 256,
  outboundBytesMax: 67_108_864,
  partnersMax: 256,
  pipesMax: 256,
})

const RANGES: { readonly [name in NumberName]: readonly [min: number, max: number] } = {
  authorizeTimeoutMs: [1, 2 ** 31 - 1],
  clientsMax: [1, 2 ** 20],
  pendingMax: [1, 2 ** 20],
  messagesPerSecondMax: [1, 2 ** 30],
  bytesPerSecondMax: [1_024, 2 ** 40],
  messageBytesMax: [16_384, 2 ** 30],
  queueBytesMax: [16_384, 2 ** 30],
  queueMessagesMax: [1, 2 ** 20],
  outboundBytesMax: [16_384, 2 ** 40],
  partnersMax: [0, 65_536],
  pipesMax: [0, 65_536],
}

/**
 * Checks the options and fills in what was left out.
 *
 * @param name - what the options are called where they were given, for refusals
 * @throws {InvalidOptionError} an option is unknown or out of range, or two contradict each other
 */
export function resolveRelayServerOptions(options?: RelayServerOptions, name = 'options'): ResolvedRelayServerOptions {
  const given = looseOptions(options, name, Object.keys(DEFAULTS))
  const loose: Record<string, unknown> = { ...DEFAULTS }
  for (const key of Object.keys(DEFAULTS)) loose[key] = orDefault(given[key], loose[key])
  for (const key of Object.keys(RANGES) as NumberName[]) integerIn(key, loose[key], ...RANGES[key])
  for (const key of ['requiresAuthentication', 'listClients'] as const) booleanOption(key, loose[key])
  if (!['newer', 'refuse', 'replace'].includes(loose['onDuplicate'] as string)) {
    throw new InvalidOptionError('onDuplicate', "'newer', 'refuse' or 'replace'", loose['onDuplicate'])
  }
  if (loose['token'] !== undefined && (typeof loose['token'] !== 'string' || loose['token'] === '')) {
    throw new InvalidOptionError('token', 'a non-empty text', '(not shown)')
  }
  if (loose['authorize'] !== undefined && typeof loose['authorize'] !== 'function') {
    throw new InvalidOptionError('authorize', 'a function', loose['authorize'])
  }
  const resolved = Object.freeze(loose) as unknown as ResolvedRelayServerOptions
  if (resolved.queueBytesMax < resolved.messageBytesMax + 1_024) {
    const rule = `at least messageBytesMax + 1,024, ${resolved.messageBytesMax + 1_024} or more`
    throw new InvalidOptionError('queueBytesMax', rule, resolved.queueBytesMax)
  }
  return resolved
}
