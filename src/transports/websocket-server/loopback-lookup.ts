/** Looks names up for whoever speaks plain text, which is for this machine alone. */

import { type LookupAddress, lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { isLoopbackIp } from '../loopback/index.ts'

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
