/**
 * No security but where the packets go: without `plainText: true` nothing is sent to, and nobody is heard from, another
 * machine. A name is resolved first, and only its loopback addresses are dialled.
 */

import { type LookupAddress, lookup } from 'node:dns'
import { connect, createServer, isIP, type LookupFunction, Socket } from 'node:net'
import { InvalidOptionError, TransportError } from '../core/index.ts'
import { isLoopbackHost, isLoopbackIp } from '../transports/index.ts'
import type { TcpAddress } from './address.ts'
import { RefusalError, refusalBy } from './refusal.ts'
import type { Door, DoorOptions, SecuredConnection, Security } from './security.ts'

/** First byte of a TLS handshake; in UTF-8 a control character that begins no JSON text. */
const TLS_HANDSHAKE = 0x16

/** Plain text. */
export class PlainText implements Security {
  readonly findsDialects = true
  readonly #isAllowedAnywhere: boolean

  /** @param isAllowedAnywhere - the option `plainText` */
  constructor(isAllowedAnywhere: boolean) {
    this.#isAllowedAnywhere = isAllowedAnywhere
  }

  assertMayListenAt(host: string): void {
    if (this.#isAllowedAnywhere || isLoopbackHost(host)) return
    const rule =
      'this machine alone (127.0.0.1, ::1 or localhost) unless tls: { ca, cert, key } is given, or plainText: true where the network is trusted'
    throw new InvalidOptionError('host', rule, host)
  }

  createDoor({ highWaterMark, onSocket }: DoorOptions): Door {
    return { server: createServer({ allowHalfOpen: true, noDelay: true, highWaterMark }, onSocket), dispose: () => {} }
  }

  dial({ host, port }: TcpAddress, writableHighWaterMark: number): Socket {
    const options = { host, port, allowHalfOpen: true, noDelay: true, writableHighWaterMark }
    if (this.#isAllowedAnywhere) return connect(options)
    // An address is connected to without a look-up.
    if (isIP(host) !== 0 && !isLoopbackIp(host)) return new Socket().destroy(refused({ host, port }))
    return connect({ ...options, lookup: loopbackLookup(port) })
  }

  admit(): void {}

  screen(connection: SecuredConnection, value: unknown): boolean {
    const refusal = refusalBy(connection, value)
    if (refusal !== undefined) connection.fail(refusal)
    return refusal === undefined
  }

  screenStart(connection: SecuredConnection, bytes: Uint8Array): boolean {
    if (bytes[0] !== TLS_HANDSHAKE) return true
    const facts = { problem: 'the peer speaks TLS', reason: 'one side speaks TLS, the other plain text' }
    connection.refuse(new RefusalError('GOSSIP_TLS_EXPECTED', facts, connection))
    return false
  }

  explain(_connection: SecuredConnection, error: Error): Error {
    return error
  }

  close(): void {}
}

/** Finds only addresses of this machine. */
function loopbackLookup(port: number): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, [])
        return
      }
      const own = addresses.filter(({ address }) => isLoopbackIp(address))
      const [first] = own
      if (first === undefined) callback(refused({ host, port, addresses }), [])
      else if (options.all === true) callback(null, own)
      else callback(null, first.address, first.family)
    })
  }
}

function refused({ addresses, ...address }: TcpAddress & { readonly addresses?: LookupAddress[] }): TransportError {
  const found = addresses === undefined ? '' : ` (${addresses.map((each) => each.address).join(', ')})`
  const problem =
    `${address.host}${found} is another machine, and this transport speaks plain text: ` +
    'give it tls: { ca, cert, key }, or plainText: true where the network is trusted'
  return new TransportError('GOSSIP_PLAIN_TEXT_REFUSED', problem, {
    peer: { transport: address },
    direction: 'outbound',
  })
}
