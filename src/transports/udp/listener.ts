/** How a transport comes to listen: the addresses of its host are tried until one can be bound. */

import { lookup } from 'node:dns/promises'
import { InvalidOptionError, LifecycleError, TransportError } from '../../core/index.ts'
import { type UdpAddress, udpAddressOf } from './address.ts'
import { isLoopback } from './endpoint.ts'
import type { BoundAddress } from './sockets.ts'

/** The machine does not have this address, or no such addresses at all: another of the same name may do. */
const ELSEWHERE = ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL']

/**
 * Binds a host's address.
 *
 * @param mustStayHome - packets are plain, and may not leave this machine
 * @param bind - binds an IP address
 * @throws {InvalidOptionError} as a rejection: it is an address that others reach, and must not be
 * @throws {TransportError} as a rejection: `GOSSIP_ADDRESS_IN_USE`, `GOSSIP_LISTEN_FAILED`
 * @throws {LifecycleError} as a rejection: it was closed meanwhile
 */
export async function listenAt(
  { host, port }: UdpAddress,
  mustStayHome: boolean,
  bind: (ip: string, port: number) => Promise<BoundAddress>,
): Promise<BoundAddress> {
  const ips = await addressesOfHost(host, port)
  const open = mustStayHome ? ips.find((ip) => !isLoopback(ip)) : undefined
  if (open !== undefined) {
    const rule = `true, or keys be given, to listen beyond this machine, at ${open}: packets are readable on the way`
    throw new InvalidOptionError('plainText', rule, false)
  }
  for (const [i, ip] of ips.entries()) {
    try {
      return await bind(ip, port)
    } catch (error) {
      const isLast = i === ips.length - 1
      if (error instanceof LifecycleError) throw error
      if (isLast || !ELSEWHERE.includes(codeOf(error))) throw listenError({ host, port }, error)
    }
  }
  throw listenError({ host, port }, new Error(`${host} has no address`))
}

async function addressesOfHost(host: string, port: number): Promise<readonly string[]> {
  try {
    return (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address)
  } catch (error) {
    throw listenError({ host, port }, error)
  }
}

function listenError(address: UdpAddress, cause: unknown): TransportError {
  const code = codeOf(cause) === 'EADDRINUSE' ? 'GOSSIP_ADDRESS_IN_USE' : 'GOSSIP_LISTEN_FAILED'
  const problem = cause instanceof Error ? cause.message : String(cause)
  return new TransportError(code, problem, { peer: { transport: udpAddressOf(address) }, direction: 'inbound', cause })
}

function codeOf(error: unknown): string {
  return String((Object(error) as { code?: unknown }).code)
}
