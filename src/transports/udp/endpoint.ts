/** One end of the wire as the network names it: an IP address and a port, in one spelling each. */

import { isIP } from 'node:net'

/** Where packets go and come from. */
export interface Endpoint {
  /** In the shortest spelling; IPv4 within IPv6 is IPv4. */
  readonly ip: string
  readonly port: number
  readonly family: 4 | 6
  /** One text per endpoint, for tables. */
  readonly key: string
}

const MAPPED = /^::ffff:(?<ip>\d+\.\d+\.\d+\.\d+)$/i

/**
 * The endpoint of an IP address. The address that means any of this machine's own is taken for the loopback.
 *
 * @returns undefined if the text is no IP address, or one of many receivers: multicast and broadcast
 */
export function endpointOf(address: string, port: number): Endpoint | undefined {
  const ip = MAPPED.exec(address)?.groups?.['ip'] ?? address
  if (isIP(ip) === 4) return isForMany(ip) ? undefined : endpoint4(ip === '0.0.0.0' ? '127.0.0.1' : ip, port)
  if (isIP(ip) !== 6 || ip.toLowerCase().startsWith('ff')) return undefined
  const short = shortest(ip)
  return endpoint6(short === '::' ? '::1' : short, port)
}

/** Whether an address is one of this machine only. */
export function isLoopback(ip: string): boolean {
  return ip.startsWith('127.') || ip === '::1' || MAPPED.exec(ip)?.groups?.['ip']?.startsWith('127.') === true
}

function endpoint4(ip: string, port: number): Endpoint {
  return { ip, port, family: 4, key: `${ip}:${port}` }
}

function endpoint6(ip: string, port: number): Endpoint {
  return { ip, port, family: 6, key: `[${ip}]:${port}` }
}

function isForMany(ip: string): boolean {
  return Number(ip.slice(0, ip.indexOf('.'))) >= 224
}

/** An address with a zone has no other spelling that matters: it is told by the system. */
function shortest(ip: string): string {
  try {
    return new URL(`http://[${ip}]`).hostname.slice(1, -1)
  } catch {
    return ip
  }
}
