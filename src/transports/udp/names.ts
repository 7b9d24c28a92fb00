/** Names of hosts as endpoints. What was found is remembered for a while, so that gossip does not ask for every message. */

import { type LookupAddress, lookup } from 'node:dns'
import { isIP } from 'node:net'
import type { UdpAddress } from './address.ts'
import { type Endpoint, endpointOf } from './endpoint.ts'

/** How long an answer is remembered, ms. */
export const NAME_MS = 10_000
/** Names that are remembered; the oldest is forgotten. */
export const NAMES_MAX = 1_024
/** Addresses of one name that are asked. */
export const NAME_ADDRESSES_MAX = 4

/** How a name is looked up; Node's `dns.lookup` with all addresses. */
export type Lookup = (
  host: string,
  callback: (error: Error | null, addresses: readonly { readonly address: string }[]) => void,
) => void

interface Remembered {
  readonly addresses: readonly string[]
  readonly foundMs: number
}

/** Names and what they mean. */
export class Names {
  readonly #lookup: Lookup
  readonly #remembered = new Map<string, Remembered>()

  constructor(lookUp: Lookup = lookupAll) {
    this.#lookup = lookUp
  }

  /** The endpoints of an address that takes no looking up: of an IP address, or of a name that is remembered. */
  known({ host, port }: UdpAddress, nowMs: number): readonly Endpoint[] | undefined {
    if (isIP(host) !== 0) return endpointsOf([host], port)
    const remembered = this.#remembered.get(host)
    if (remembered === undefined || nowMs - remembered.foundMs > NAME_MS) return undefined
    return endpointsOf(remembered.addresses, port)
  }

  /** Finds the endpoints of an address; calls back once, within this call or later, with at least one or an error. */
  find(address: UdpAddress, nowMs: number, callback: (found: readonly Endpoint[] | Error) => void): void {
    const { host, port } = address
    const known = this.known(address, nowMs)
    if (known !== undefined) {
      callback(known.length > 0 ? known : new Error(`${host} is no address of one peer`))
      return
    }
    this.#lookup(host, (error, found) => {
      const addresses = (found ?? []).map((each) => each.address).slice(0, NAME_ADDRESSES_MAX)
      if (error === null) this.#remember(host, { addresses, foundMs: nowMs })
      const endpoints = endpointsOf(addresses, port)
      callback(endpoints.length > 0 ? endpoints : (error ?? new Error(`${host} has no address of one peer`)))
    })
  }

  #remember(host: string, remembered: Remembered): void {
    this.#remembered.delete(host)
    this.#remembered.set(host, remembered)
    const [oldest] = this.#remembered.keys()
    if (this.#remembered.size > NAMES_MAX && oldest !== undefined) this.#remembered.delete(oldest)
  }
}

function endpointsOf(addresses: readonly string[], port: number): readonly Endpoint[] {
  return addresses.map((address) => endpointOf(address, port)).filter((endpoint) => endpoint !== undefined)
}

function lookupAll(host: string, callback: Parameters<Lookup>[1]): void {
  lookup(host, { all: true, verbatim: true }, (error, addresses: LookupAddress[]) => callback(error, addresses))
}
