/** What a transport says it can do and cannot do. Cases run only where these call for them. */

import { booleanOption, looseOptions } from '../../core/index.ts'

/** Every field is false unless set. The strengths call for more cases; the weaknesses soften some. */
export interface Capabilities {
  /** It has `listen`, and others reach it at its `address` from then on. */
  readonly listens?: boolean
  /** `createTransport` honours `request.address`: two transports can be told to listen at one address. */
  readonly addressable?: boolean
  /** The same object may `listen` again after `close`. */
  readonly canReopen?: boolean
  /** It has transports that only dial: `createTransport` honours `request.role`. They are answered on the way they came. */
  readonly diallers?: boolean
  /** Messages of one kind from one sender to one receiver never overtake each other. */
  readonly ordered?: boolean
  /** It has a `maxMessageBytes`. */
  readonly limited?: boolean
  /** A message to an address where nobody is becomes an `error` event. */
  readonly reportsUnreachable?: boolean
  /** It has `rpc`. */
  readonly rpc?: boolean
  /** It has `introduce`, and tells `hello`. */
  readonly hello?: boolean
  /** It has `connect`, and tells `session`. */
  readonly sessions?: boolean
  /** It has `bulk`, and tells `bulk`. */
  readonly bulk?: boolean
  /** A weakness: messages may vanish without a word. */
  readonly lossy?: boolean
  /** A weakness: a message may arrive more than once. */
  readonly duplicates?: boolean
  /** A weakness: a message that still waits may give way to a newer one of its kind. */
  readonly newestWins?: boolean
}

/** Nothing left open; `stated` are those the author said something about. */
export type ResolvedCapabilities = Required<Capabilities> & { readonly stated: ReadonlySet<string> }

const NONE: Required<Capabilities> = Object.freeze({
  listens: false,
  addressable: false,
  canReopen: false,
  diallers: false,
  ordered: false,
  limited: false,
  reportsUnreachable: false,
  rpc: false,
  hello: false,
  sessions: false,
  bulk: false,
  lossy: false,
  duplicates: false,
  newestWins: false,
})

/**
 * Checks the capabilities and fills in what was left out.
 *
 * @throws {InvalidOptionError} one is unknown or no boolean
 */
export function resolveCapabilities(value: unknown): ResolvedCapabilities {
  const loose = looseOptions(value, 'fixture.capabilities', Object.keys(NONE))
  const said = Object.entries(loose).filter(([, flag]) => flag !== undefined)
  const flags = said.map(([name, flag]) => [name, booleanOption(`fixture.capabilities.${name}`, flag)])
  return Object.freeze({ ...NONE, ...Object.fromEntries(flags), stated: new Set(said.map(([name]) => name)) })
}
