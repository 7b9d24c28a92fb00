/** Addresses of peers: `{host, port}`, or `'host:port'` as people write seeds. They come from the network too. */

import { isPlainObject, type JsonValue } from '../core/index.ts'
import { addressesOf } from '../transports/index.ts'

/** Where a peer listens. */
export interface TcpAddress {
  readonly host: string
  readonly port: number
}

const HOST_UNITS_MAX = 255

/**
 * Reads an address: `{host, port}` with a number or digits as port, `'name:9742'`, `'10.0.0.1:9742'`, `'[::1]:9742'`.
 *
 * @returns the address, or undefined if the value is none
 */
export function parseAddress(value: unknown): TcpAddress | undefined {
  if (typeof value === 'string') return parseText(value)
  return isPlainObject(value) ? checked(value['host'], value['port']) : undefined
}

/** The first address of this form among all that a peer has. */
export function findAddress(value: unknown): TcpAddress | undefined {
  for (const address of addressesOf(value as JsonValue)) {
    const found = parseAddress(address)
    if (found !== undefined) return found
  }
  return undefined
}

/** One text per address, for tables. */
export function addressKey({ host, port }: TcpAddress): string {
  return `${host}:${port}`
}

function parseText(text: string): TcpAddress | undefined {
  const colon = text.lastIndexOf(':')
  const host = text.slice(0, Math.max(0, colon))
  // Without brackets an IPv6 address and a port cannot be told apart.
  if (host.includes(':') && !host.startsWith('[')) return undefined
  return checked(host, text.slice(colon + 1))
}

function checked(host: unknown, port: unknown): TcpAddress | undefined {
  const bare = parseHost(host)
  const number = typeof port === 'string' && /^\d{1,5}$/.test(port) ? Number(port) : port
  if (bare === undefined || typeof number !== 'number' || !Number.isInteger(number)) return undefined
  return number >= 1 && number <= 65_535 ? { host: bare, port: number } : undefined
}

function parseHost(host: unknown): string | undefined {
  if (typeof host !== 'string' || host === '' || host.length > HOST_UNITS_MAX) return undefined
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
  // Control characters and blanks are in no name, and some of them make the resolver throw.
  return bare !== '' && /^[^\s\p{Cc}[\]/]+$/u.test(bare) ? bare : undefined
}
