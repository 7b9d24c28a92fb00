/** Whose connection it is: the address of the socket, or the one that a trusted proxy names. */

import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/** Tells clients apart by address. */
export class ClientAddresses {
  readonly #trusted = new BlockList()

  /** @param trustedProxies - addresses or subnets, checked before */
  constructor(trustedProxies: readonly string[]) {
    for (const each of trustedProxies) {
      const [address = '', prefix] = each.split('/', 2)
      const family = familyOf(address)
      if (prefix === undefined) this.#trusted.addAddress(address, family)
      else this.#trusted.addSubnet(address, Number(prefix), family)
    }
  }

  /**
   * The address of the client. `x-forwarded-for` is read from its end, where our own proxies write, up to the first
   * address that is none of them; `x-real-ip` where there is no such header. Anybody can send either, so from anybody
   * else they mean nothing.
   */
  of({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): string {
    let client = plain(socket.remoteAddress ?? '')
    if (!this.#isTrusted(client)) return client
    const forwarded = headers['x-forwarded-for'] ?? headers['x-real-ip'] ?? ''
    const hops = (Array.isArray(forwarded) ? forwarded.join(',') : forwarded).split(',').map((hop) => plain(hop.trim()))
    for (const hop of hops.reverse()) {
      if (isIP(hop) === 0) break
      client = hop
      if (!this.#isTrusted(client)) break
    }
    return client
  }

  #isTrusted(address: string): boolean {
    return isIP(address) !== 0 && this.#trusted.check(address, familyOf(address))
  }
}

/** An IPv4 address as such, also where a socket of both families shows it as IPv6; without brackets. */
function plain(address: string): string {
  return address.replace(/^\[(.*)\]$/, '$1').replace(/^::ffff:(?=\d+\.)/i, '')
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}
