/** The option `tls`: loose in, resolved here. What its paths lead to is read elsewhere. */

import { InvalidOptionError, integerIn, type LooseOptions, looseOptions } from '../../core/index.ts'
import { certificateNamesPeer, type PeerIdRule } from './peer-id-rules.ts'

/** Who this node is, and whom it believes. A text with `-----BEGIN` in it is PEM; any other is the path of a PEM file. */
export interface TlsOptions {
  /** The authorities whose certificates are believed; those of the system are not. Several in one file, or an array. */
  ca: string | readonly string[]
  /** This node's certificate, followed by those between it and its authority, if any. */
  cert: string
  /** The key of the certificate. */
  key: string
  /** What the key is encrypted with. @defaultValue it is not encrypted */
  passphrase?: string | undefined
  /** Which ids a certificate may speak for. @defaultValue certificateNamesPeer */
  peerIdRule?: PeerIdRule | undefined
  /** How often files that were given by their paths are read again, ms. @defaultValue 5_000 */
  reloadIntervalMs?: number | undefined
  /** Newcomers that may be showing their certificates at once; the oldest gives way. @defaultValue 256 */
  handshakesMax?: number | undefined
}

/** Options with every field filled. */
export interface ResolvedTlsOptions {
  readonly ca: readonly string[]
  readonly cert: string
  readonly key: string
  readonly passphrase: string | undefined
  readonly peerIdRule: PeerIdRule
  readonly reloadIntervalMs: number
  readonly handshakesMax: number
}

/** What holds unless something else is asked for. */
export const TLS_DEFAULTS: Pick<ResolvedTlsOptions, 'peerIdRule' | 'reloadIntervalMs' | 'handshakesMax'> =
  Object.freeze({
    peerIdRule: certificateNamesPeer,
    reloadIntervalMs: 5_000,
    handshakesMax: 256,
  })

const NAMES = ['ca', 'cert', 'key', 'passphrase', 'peerIdRule', 'reloadIntervalMs', 'handshakesMax']
const AUTHORITIES_MAX = 64
const TIMEOUT_MS_MAX = 2 ** 31 - 1
const WAY_OUT = 'gossipmonger keygen makes all three'

/**
 * Checks the option and fills what was left out.
 *
 * @throws {InvalidOptionError} one of ca, cert and key is missing, or an option is unknown or of the wrong type
 */
export function resolveTlsOptions(options: unknown): ResolvedTlsOptions {
  if (options === undefined) throw new InvalidOptionError('tls', '{ ca, cert, key }', options)
  const given: LooseOptions = looseOptions(options, 'tls', NAMES)
  const { reloadIntervalMs, handshakesMax } = TLS_DEFAULTS
  return Object.freeze({
    ca: authorities(given['ca']),
    cert: source('tls.cert', given['cert']),
    key: source('tls.key', given['key']),
    passphrase: passphrase(given['passphrase']),
    peerIdRule: rule(given['peerIdRule']),
    reloadIntervalMs: integerIn(
      'tls.reloadIntervalMs',
      given['reloadIntervalMs'] === undefined ? reloadIntervalMs : given['reloadIntervalMs'],
      10,
      TIMEOUT_MS_MAX,
    ),
    handshakesMax: integerIn(
      'tls.handshakesMax',
      given['handshakesMax'] === undefined ? handshakesMax : given['handshakesMax'],
      1,
      65_536,
    ),
  })
}

/** Whether a text is PEM rather than a path. */
export function isPem(text: string): boolean {
  return text.includes('-----BEGIN')
}

function authorities(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (list.length === 0 || list.length > AUTHORITIES_MAX) {
    throw new InvalidOptionError('tls.ca', `PEM texts or paths, 1 to ${AUTHORITIES_MAX}`, value)
  }
  return Object.freeze(list.map((each) => source('tls.ca', each)))
}

/** Never shows the text itself: it may be a key. */
function source(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value
  const rule = `PEM or the path of a PEM file, and ca, cert and key go together (${WAY_OUT})`
  throw new InvalidOptionError(name, rule, value)
}

function passphrase(value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  throw new InvalidOptionError('tls.passphrase', 'a text', value)
}

function rule(value: unknown): PeerIdRule {
  if (value === undefined) return TLS_DEFAULTS.peerIdRule
  if (typeof value === 'function') return value as PeerIdRule
  throw new InvalidOptionError('tls.peerIdRule', '(id, certificate) => true, or why not', value)
}
