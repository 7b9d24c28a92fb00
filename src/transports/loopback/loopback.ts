/** Which hosts are this machine alone, so that nobody else can read or write what is said in plain text. */

import { BlockList, isIP, isIPv4 } from 'node:net'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

/** Whether an IP address belongs to the loopback interface: 127.0.0.0/8, ::1, and the former as IPv6. */
export function isLoopbackIp(address: string): boolean {
  if (isIP(address) === 0) return false
  return LOOPBACK.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}

/** Whether a host, as people write it, is this machine for certain: such an address, or `localhost`. */
export function isLoopbackHost(host: string): boolean {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
  return bare.toLowerCase() === 'localhost' || isLoopbackIp(bare)
}
