/** Addresses of peers: `{"url": "udp://host:port"}`, or the url alone. They come from the network too. */

import { isPlainObject, type JsonValue } from '../../core/index.ts'
import { addressesOf } from '../wire/index.ts'

/** Where a peer is reached: a name or an IP address, and a port. */
export interface UdpAddress {
  readonly host: string
  /** 1 to 65,535. */
  readonly port: number
}

const HOST_UNITS_MAX = 255
const URL_FORM = /^udp:\/\/(?:\[(?<bracketed>[^\s\p{Cc}[\]/]+)\]|(?<bare>[^\s\p{Cc}[\]/:]+)):(?<port>\d{1,5})\/?$/u

/**
 * The first UDP address among those of a peer: its own, else one of its `also`.
 *
 * @param value - from the network or from options
 * @returns undefined if there is none
 */
export function parseUdpAddress(value: unknown): UdpAddress | undefined {
  for (const address of addressesOf(value as JsonValue)) {
    const url: unknown = isPlainObject(address) ? address['url'] : address
    const parsed = typeof url === 'string' ? parseUrl(url) : undefined
    if (parsed !== undefined) return parsed
  }
  return undefined
}

/** The canonical form of an address. */
export function udpAddressOf({ host, port }: UdpAddress): { readonly url: string } {
  return { url: `udp://${host.includes(':') ? `[${host}]` : host}:${port}` }
}

function parseUrl(url: string): UdpAddress | undefined {
  if (url.length > HOST_UNITS_MAX + 32) return undefined
  const { bracketed, bare, port } = URL_FORM.exec(url)?.groups ?? {}
  const host = bracketed ?? bare
  const number = Number(port)
  if (host === undefined || host.length > HOST_UNITS_MAX || number < 1 || number > 65_535) return undefined
  return { host, port: number }
}
