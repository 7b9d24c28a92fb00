/** What a WebSocket transport can be told where it also listens: options of the dialling side, and of its server. */

import type { Server as HttpServer } from 'node:http'
import { isIP } from 'node:net'
import {
  booleanOption,
  InvalidOptionError,
  integerIn,
  isPlainObject,
  type LooseOptions,
  looseOptions,
} from '../../core/index.ts'
import { isLoopbackHost } from '../loopback/index.ts'
import { type ResolvedSessionOptions, resolveSessionOptions } from '../session/index.ts'
import {
  DIAL_OPTION_NAMES,
  parseWebSocketUrl,
  type ResolvedWebSocketDialOptions,
  resolveDialFields,
  type WebSocketBrowserOptions,
} from '../websocket/index.ts'

/** Certificates and keys, PEM as text or bytes. */
export interface WebSocketTlsOptions {
  /** Our certificate chain; to listen, and towards servers that ask for one. */
  cert?: string | Uint8Array | undefined
  /** Its private key. */
  key?: string | Uint8Array | undefined
  /** What the key is encrypted with. */
  passphrase?: string | undefined
  /** Authorities that are trusted in place of the runtime's own, one or several. */
  ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined
  /** Whether whoever dials us must show a certificate signed by `ca`. @defaultValue false */
  requireClientCert?: boolean | undefined
}

/** What a WebSocket transport on Node can be told. With none of `url`, `port` and `server` it only dials. */
export interface WebSocketOptions extends WebSocketBrowserOptions {
  /**
   * The advertised url: where others reach this transport, behind a proxy for example. Given alone, it is also where it
   * listens. @defaultValue made from host, bound port and path
   */
  url?: string | undefined
  /** Port to bind; 0 takes a free one. @defaultValue the port of `url`, where no `server` is given */
  port?: number | undefined
  /** Name or IP address to bind. @defaultValue the host of `url` if it is given without a port, else 'localhost' */
  host?: string | undefined
  /** Path of the url at which connections are taken. @defaultValue the path of `url`, else '/' */
  path?: string | undefined
  /** A server of yours that connections arrive at. It has to listen by itself, and is never closed from here. */
  server?: HttpServer | undefined
  /** Makes the server a `wss:` one, and is used for dialling `wss:` urls. */
  tls?: WebSocketTlsOptions | undefined
  /** Allows `ws:`, which anybody on the way can read, beyond this machine: to listen and to dial. @defaultValue false */
  plainText?: boolean | undefined
  /** Pages that may connect, such as 'https://example.org'; what is no page says no origin and may. @defaultValue all */
  origins?: readonly string[] | undefined
  /** Proxies, as addresses or subnets, that are believed when they name the address of a client. @defaultValue none */
  trustedProxies?: readonly string[] | undefined
  /** Connections that others may hold open at once. @defaultValue 1_024 */
  inboundConnectionsMax?: number | undefined
  /** How many of them may come from one address. @defaultValue 256 */
  inboundConnectionsPerAddressMax?: number | undefined
  /** Bytes of messages that have begun to arrive, all connections together; the largest is dropped. @defaultValue 67_108_864 */
  inboundBytesMax?: number | undefined
}

/** Where and how to listen. */
export interface ListenerOptions {
  readonly server: HttpServer | undefined
  readonly host: string
  readonly port: number
  readonly path: string
  /** The advertised url, or undefined to make one of host and bound port. */
  readonly url: string | undefined
  readonly tls: WebSocketTlsOptions | undefined
  readonly plainText: boolean
  readonly origins: readonly string[] | undefined
  readonly trustedProxies: readonly string[]
  readonly handshakeTimeoutMs: number
  readonly inboundConnectionsMax: number
  readonly inboundConnectionsPerAddressMax: number
}

/** Options with every field filled. */
export interface ResolvedWebSocketOptions extends ResolvedWebSocketDialOptions {
  readonly session: ResolvedSessionOptions
  /** Absent: it only dials. */
  readonly listener: ListenerOptions | undefined
  readonly tls: WebSocketTlsOptions | undefined
  readonly plainText: boolean
  readonly inboundBytesMax: number
}

/** What holds unless something else is asked for. */
export const DEFAULTS: {
  readonly inboundConnectionsMax: number
  readonly inboundConnectionsPerAddressMax: number
  readonly inboundBytesMax: number
} = Object.freeze({
  inboundConnectionsMax: 1_024,
  inboundConnectionsPerAddressMax: 256,
  inboundBytesMax: 64 * 2 ** 20,
})

const DEFAULT_HOST = 'localhost'
const SERVER_NAMES = ['url', 'port', 'host', 'path', 'server', 'plainText', 'origins', 'trustedProxies']
const NAMES = [...DIAL_OPTION_NAMES, ...SERVER_NAMES, 'tls', 'session', ...Object.keys(DEFAULTS)]
const TLS_NAMES = ['cert', 'key', 'passphrase', 'ca', 'requireClientCert']

/**
 * Checks options and fills what was left out.
 *
 * @throws {InvalidOptionError} an option is unknown, of the wrong type or out of range, or two contradict each other
 */
export function resolveWebSocketOptions(options?: WebSocketOptions): ResolvedWebSocketOptions {
  const given = looseOptions(options, 'options', NAMES)
  const dial = resolveDialFields(given)
  const numberOf = (name: keyof typeof DEFAULTS, max: number): number =>
    given[name] === undefined ? DEFAULTS[name] : integerIn(name, given[name], 1, max)
  const inboundBytesMax = numberOf('inboundBytesMax', 2 ** 40)
  if (inboundBytesMax < dial.messageBytesMax) {
    throw new InvalidOptionError(
      'inboundBytesMax',
      `at least messageBytesMax, ${dial.messageBytesMax}`,
      inboundBytesMax,
    )
  }
  const tls = resolveTls(given['tls'])
  const place = resolvePlace(given, tls)
  const plainText = given['plainText'] === undefined ? false : booleanOption('plainText', given['plainText'])
  const listener = place && {
    ...place,
    tls,
    plainText,
    origins: given['origins'] === undefined ? undefined : resolveOrigins(given['origins']),
    trustedProxies: resolveProxies(given['trustedProxies']),
    handshakeTimeoutMs: dial.handshakeTimeoutMs,
    inboundConnectionsMax: numberOf('inboundConnectionsMax', 2 ** 20),
    inboundConnectionsPerAddressMax: numberOf('inboundConnectionsPerAddressMax', 2 ** 20),
  }
  if (listener !== undefined && listener.server === undefined) {
    assertMayBePlain(listener, listener.host)
    if (listener.url === undefined) assertNamed(listener.host)
  }
  const session = resolveSessionOptions(options?.session, 'session')
  return Object.freeze({
    ...dial,
    session,
    tls,
    plainText,
    inboundBytesMax,
    listener: listener && Object.freeze(listener),
  })
}

/**
 * Sees to it that nobody gossips in plain text over a network without having said so.
 *
 * @param host - where it is to listen
 * @throws {InvalidOptionError} it is not loopback, there is no TLS, and `plainText` is not true
 */
export function assertMayBePlain(options: Pick<ListenerOptions, 'tls' | 'plainText'>, host: string): void {
  if (options.tls !== undefined || options.plainText || isLoopbackHost(host)) return
  const rule = `true to listen at ${host} without encryption (give tls: {key, cert} instead, or a loopback host)`
  throw new InvalidOptionError('plainText', rule, options.plainText)
}

/**
 * Sees to it that others are given an address that leads here.
 *
 * @param host - where it is to listen, or does
 * @throws {InvalidOptionError} it is every address of the machine, so that none of them can be told
 */
export function assertNamed(host: string): void {
  if (host !== '' && host !== '0.0.0.0' && !/^[0:]+$/.test(host)) return
  throw new InvalidOptionError(
    'url',
    `given where the host is ${JSON.stringify(host)}: it cannot be told to others`,
    undefined,
  )
}

type Place = Pick<ListenerOptions, 'server' | 'host' | 'port' | 'path' | 'url'>

/** Where to listen, if that is wanted. */
function resolvePlace(given: LooseOptions, tls: WebSocketTlsOptions | undefined): Place | undefined {
  const { url: urlGiven, port, server } = given
  if (urlGiven === undefined && port === undefined && server === undefined) {
    const needless = ['host', 'path', 'origins', 'trustedProxies', ...Object.keys(DEFAULTS).slice(0, 2)]
    const name = needless.find((each) => given[each] !== undefined)
    if (name === undefined) return undefined
    throw new InvalidOptionError(name, 'given together with url, port or server', given[name])
  }
  const url = urlGiven === undefined ? undefined : parseWebSocketUrl(urlGiven)
  if (urlGiven !== undefined && url === undefined) {
    throw new InvalidOptionError('url', 'a ws: or wss: url without user or fragment', urlGiven)
  }
  if (server !== undefined) assertServer(server, given)
  else if (tls !== undefined && (tls.cert === undefined || tls.key === undefined)) {
    throw new InvalidOptionError('tls', 'an object with cert and key, in order to listen', given['tls'])
  }
  const parts = url === undefined ? undefined : new URL(url)
  // A url that is all that was said is where it listens; else it is only how others see it.
  const inside = port === undefined && server === undefined ? parts : undefined
  if (inside?.protocol === 'wss:' && tls === undefined) {
    throw new InvalidOptionError(
      'tls',
      'given in order to listen at a wss: url (or give the port behind the proxy)',
      tls,
    )
  }
  if (inside?.protocol === 'ws:' && tls !== undefined)
    throw new InvalidOptionError('url', 'a wss: url with tls', urlGiven)
  return {
    server: server as HttpServer | undefined,
    host: resolveHost(given['host'], inside === undefined ? DEFAULT_HOST : bareHost(inside.hostname)),
    port: port === undefined ? portOf(inside) : integerIn('port', port, 0, 65_535),
    path: resolvePath(given['path'], parts?.pathname ?? '/'),
    url,
  }
}

function assertServer(server: unknown, given: LooseOptions): void {
  const fields = Object(server) as Record<string, unknown>
  if (typeof fields['on'] !== 'function' || typeof fields['address'] !== 'function') {
    throw new InvalidOptionError('server', 'an http.Server or https.Server', server)
  }
  for (const name of ['port', 'host']) {
    if (given[name] !== undefined) throw new InvalidOptionError(name, 'left out where server is given', given[name])
  }
}

function portOf(url: URL | undefined): number {
  if (url === undefined) return 0
  if (url.port !== '') return Number(url.port)
  return url.protocol === 'wss:' ? 443 : 80
}

function resolveHost(value: unknown, otherwise: string): string {
  if (value === undefined) return otherwise
  if (typeof value === 'string' && /^[^\s\p{Cc}/]{1,255}$/u.test(value)) return bareHost(value)
  throw new InvalidOptionError('host', 'a host name or IP address', value)
}

function resolvePath(value: unknown, otherwise: string): string {
  if (value === undefined) return otherwise
  if (typeof value === 'string' && /^\/[^\s\p{Cc}?#]{0,511}$/u.test(value)) return new URL(value, 'ws://x').pathname
  throw new InvalidOptionError('path', 'a path that begins with / and has neither ? nor #', value)
}

function resolveOrigins(value: unknown): readonly string[] {
  const isList = Array.isArray(value) && value.every((each) => typeof each === 'string' && isOrigin(each))
  if (isList) return Object.freeze([...(value as string[])])
  throw new InvalidOptionError('origins', "a list of origins such as 'https://example.org'", value)
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && (new URL(text).origin === text || new URL(text).origin === 'null')
}

function resolveProxies(value: unknown): readonly string[] {
  if (value === undefined) return Object.freeze([])
  const isList = Array.isArray(value) && value.every((each) => typeof each === 'string' && isSubnet(each))
  if (isList) return Object.freeze([...(value as string[])])
  throw new InvalidOptionError('trustedProxies', "a list of IP addresses or subnets such as '10.0.0.0/8'", value)
}

function isSubnet(text: string): boolean {
  const [address = '', prefix] = text.split('/', 2)
  const version = isIP(address)
  if (version === 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128))
}

function resolveTls(value: unknown): WebSocketTlsOptions | undefined {
  if (value === undefined) return undefined
  const given = looseOptions(value, 'tls', TLS_NAMES)
  for (const name of ['cert', 'key', 'passphrase', 'ca']) {
    const parts: readonly unknown[] = name === 'ca' && Array.isArray(given[name]) ? given[name] : [given[name]]
    if (parts.every((part) => part === undefined || typeof part === 'string' || part instanceof Uint8Array)) continue
    throw new InvalidOptionError(`tls.${name}`, 'PEM as text or bytes', given[name])
  }
  if (given['requireClientCert'] !== undefined) booleanOption('tls.requireClientCert', given['requireClientCert'])
  if (given['requireClientCert'] === true && given['ca'] === undefined) {
    throw new InvalidOptionError('tls.ca', 'given with tls.requireClientCert', given['ca'])
  }
  return Object.freeze({ ...(isPlainObject(value) ? (value as WebSocketTlsOptions) : {}) })
}

function bareHost(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
}
