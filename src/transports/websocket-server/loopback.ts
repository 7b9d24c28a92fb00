/** What is this machine alone, so that nobody else can read what is said there in plain text. */

import { type LookupAddress, lookup } from 'node:dns'
import { BlockList, isIP, isIPv4, type LookupFunction } from 'node:net'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

/** Whether a host, as it stands in urls and options, is this machine for certain. */
export function isLoopbackHost(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  return bare.toLowerCase() === 'localhost' || isLoopbackIp(bare)
}

/**
 * Resolves a name to its loopback addresses only.
 *
 * @param refused - what to fail with if it has none
 */
export function loopbackLookup(refused: (found: readonly string[]) => Error): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      const own = addresses?.filter(({ address }) => isLoopbackIp(address)) ?? []
      const [first] = own as [LookupAddress | undefined]
      if (error !== null) callback(error, [])
      else if (first === undefined) callback(refused(addresses.map(({ address }) => address)), [])
      else if (options.all === true) callback(null, own)
      else callback(null, first.address, first.family)
    })
  }
}

function isLoopbackIp(address: string): boolean {
  return isIP(address) !== 0 && LOOPBACK.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}
