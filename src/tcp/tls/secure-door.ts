/**
 * Where newcomers show their certificates. Whoever begins with anything but a handshake of TLS is told so in plain text,
 * and whoever takes too long gives up his place; neither reaches the rest of the transport. Whether the certificate is
 * believed is decided behind the door, so that the one who is turned away can be told why.
 */

import { createServer, type Server, type Socket } from 'node:net'
import {
  createServer as createTlsServer,
  type SecureContextOptions,
  type TLSSocket,
  type Server as TlsServer,
} from 'node:tls'
import { type PeerRef, TransportError } from '../../core/index.ts'
import { RepeatedReport } from '../../transports/index.ts'
import { refusalLine } from '../refusal.ts'
import type { Door, DoorOptions } from '../security.ts'
import { plainTextSpoken, tlsProblem } from './problem.ts'

/** A record of TLS that carries a handshake begins with this byte. */
const HANDSHAKE = 0x16

/** Somebody who has not shown who he is. */
interface Newcomer {
  readonly socket: Socket
  readonly timer: NodeJS.Timeout
}

/** One door. */
export class SecureDoor implements Door {
  readonly server: Server
  readonly #tls: TlsServer
  readonly #options: DoorOptions
  readonly #handshakesMax: number
  /** By both ends of the connection, oldest first. */
  readonly #newcomers = new Map<string, Newcomer>()
  readonly #crowding: RepeatedReport

  /** @param context - what this side shows, and whom it believes */
  constructor(context: SecureContextOptions, handshakesMax: number, options: DoorOptions) {
    this.#options = options
    this.#handshakesMax = handshakesMax
    this.#crowding = new RepeatedReport(options.now, (times) => this.#tellCrowding(times))
    // Refusing is left to `admit`, which looks at the verdict before a byte is read.
    this.#tls = createTlsServer({ ...context, requestCert: true, rejectUnauthorized: false })
    this.#tls.on('secureConnection', (socket: TLSSocket) => this.#onSecured(socket))
    this.#tls.on('tlsClientError', (error: Error, socket: TLSSocket) => this.#onFailed(socket, error))
    const { highWaterMark } = options
    this.server = createServer({ allowHalfOpen: true, noDelay: true, highWaterMark }, (socket) => this.#greet(socket))
  }

  /** What to show, and whom to believe, from the next newcomer on. */
  renew(context: SecureContextOptions): void {
    this.#tls.setSecureContext(context)
  }

  dispose(): void {
    for (const { socket } of this.#newcomers.values()) socket.destroy()
  }

  #greet(socket: Socket): void {
    socket.on('error', () => {}) // What matters is told where it is noticed; a newcomer that goes away does not.
    if (this.#options.isClosedTo(socket.remoteAddress ?? '')) {
      socket.destroy()
      return
    }
    const key = keyOf(socket)
    this.#makeRoom()
    const timer = setTimeout(() => this.#onLate(socket), this.#options.handshakeTimeoutMs)
    this.#newcomers.set(key, { socket, timer })
    socket.once('close', () => this.#forget(key))
    socket.once('readable', () => {
      const chunk = socket.read() as Buffer | null
      if (chunk === null)
        socket.destroy() // It ended before it began.
      else if (chunk[0] === HANDSHAKE) {
        socket.unshift(chunk)
        this.#tls.emit('connection', socket)
      } else this.#refusePlainText(socket)
    })
  }

  #makeRoom(): void {
    const [oldest] = this.#newcomers
    if (oldest === undefined || this.#newcomers.size < this.#handshakesMax) return
    this.#crowding.add()
    this.#forget(oldest[0])
    oldest[1].socket.destroy()
  }

  /** He reads it if he expects lines. His place is his until he has ended, or the time is up. */
  #refusePlainText(socket: Socket): void {
    const refusal = plainTextSpoken(sideOf(socket))
    socket.resume()
    socket.end(refusalLine(refusal))
    this.#options.tellError(refusal)
  }

  #onSecured(socket: TLSSocket): void {
    const key = keyOf(socket)
    // Whoever was told to go in the same turn is gone.
    if (!this.#newcomers.has(key)) socket.destroy()
    this.#forget(key)
    if (!socket.destroyed) this.#options.onSocket(socket)
  }

  #onFailed(socket: TLSSocket, error: Error): void {
    const side = sideOf(socket)
    socket.destroy()
    if (!this.#forget(keyOf(socket))) return
    const problem = tlsProblem(side, error)
    const isTold = problem !== error
    this.#options.tellError(
      isTold
        ? problem
        : new TransportError('GOSSIP_TLS_FAILED', `no secure connection came about: ${error.message}`, {
            ...side,
            cause: error,
          }),
    )
  }

  #onLate(socket: Socket): void {
    const isRefused = socket.writableEnded
    socket.destroy()
    if (isRefused) return
    const problem = `the peer showed no certificate for ${this.#options.handshakeTimeoutMs} ms`
    this.#options.tellError(new TransportError('GOSSIP_HANDSHAKE_TIMEOUT', problem, sideOf(socket)))
  }

  #forget(key: string): boolean {
    clearTimeout(this.#newcomers.get(key)?.timer)
    return this.#newcomers.delete(key)
  }

  #tellCrowding(times: number): void {
    const problem = `${times} newcomers were dropped: tls.handshakesMax is ${this.#handshakesMax}`
    this.#options.tellError(new TransportError('GOSSIP_CONNECTION_LIMIT', problem, { direction: 'inbound' }))
  }
}

/** The runtime wraps a socket in another without saying which; the ends of the connection are the same. */
function keyOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`
}

function sideOf({ remoteAddress, remotePort }: Socket): { peer: PeerRef | undefined; direction: 'inbound' } {
  const isKnown = remoteAddress !== undefined && remotePort !== undefined
  return { peer: isKnown ? { transport: { host: remoteAddress, port: remotePort } } : undefined, direction: 'inbound' }
}
