/**
 * The listening socket and the connections that others opened. Their number is bounded: a newcomer replaces the
 * oldest that has said nothing, so that silent connections keep nobody out; if all have spoken it is refused.
 */

import type { Server, Socket } from 'node:net'
import { LifecycleError, type PeerRef, TransportError } from '../core/index.ts'
import { RepeatedReport } from '../transports/index.ts'
import type { TcpAddress } from './address.ts'
import { Connection, type ConnectionOwner, SOCKET_BYTES_MAX } from './connection.ts'
import { connectionError } from './connection-error.ts'
import type { ConnectionShared } from './connection-shared.ts'
import type { TcpLimits } from './options.ts'
import type { Door } from './security.ts'

/** What a listener asks of its transport. */
export interface ListenerPorts {
  onLine(connection: Connection, value: unknown): void
  /** A socket is for a session; `head` is what was read from it, `from` the connection it was. */
  onSession(socket: Socket, head: Uint8Array, from: Connection): void
  /** Whether sessions are taken. */
  takesSessions(): boolean
  onDrain(connection: Connection): void
  onClosed(connection: Connection): void
  tellError(error: Error): void
  /** A connection was accepted; deadlines are to be kept from now on. */
  onOpened(): void
}

/** Accepts connections. One listener listens once. */
export class Listener {
  /** Every connection that was accepted and is not gone. */
  readonly connections: Set<Connection> = new Set()

  readonly #limits: TcpLimits
  readonly #shared: ConnectionShared
  readonly #ports: ListenerPorts
  readonly #door: Door
  readonly #server: Server
  readonly #owner: ConnectionOwner
  /** Connections without a readable message yet, oldest first. */
  readonly #silent = new Set<Connection>()
  readonly #refusals: RepeatedReport
  #abort: () => void = () => {}
  #isClosing = false

  /** @param ports - see {@link ListenerPorts} */
  constructor(limits: TcpLimits, shared: ConnectionShared, ports: ListenerPorts) {
    this.#limits = limits
    this.#shared = shared
    this.#ports = ports
    this.#owner = this.#newOwner()
    this.#refusals = new RepeatedReport(shared.now, (times) => this.#tellRefusals(times))
    this.#door = shared.security.createDoor({
      highWaterMark: SOCKET_BYTES_MAX,
      handshakeTimeoutMs: limits.handshakeTimeoutMs,
      now: shared.now,
      onSocket: (socket) => this.#accept(socket),
      tellError: (error) => ports.tellError(error),
    })
    this.#server = this.#door.server
  }

  /**
   * Binds an address.
   *
   * @returns the bound port
   * @throws {TransportError} `GOSSIP_ADDRESS_IN_USE` or `GOSSIP_LISTEN_FAILED`
   * @throws {LifecycleError} `GOSSIP_ABORTED`: it was closed before it listened
   */
  listen({ host, port }: { readonly host: string; readonly port: number }): Promise<number> {
    return new Promise((resolve, reject) => {
      const onError = (error: Error): void => reject(listenError({ host, port }, error))
      this.#abort = () => reject(new LifecycleError('GOSSIP_ABORTED', 'the transport was closed before it listened'))
      this.#server.once('error', onError)
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', onError)
        this.#server.on('error', (error) => this.#tellAcceptError(error))
        // Some releases of Node open the socket although it was closed while the name was looked up.
        if (this.#isClosing) this.#server.close()
        const bound = this.#server.address()
        resolve(typeof bound === 'object' && bound !== null ? bound.port : port)
      })
    })
  }

  /** A connection said something that could be read, so it no longer gives way to newcomers. */
  onSpoken(connection: Connection): void {
    this.#silent.delete(connection)
  }

  /** Reports what has piled up. Worth calling once a second. */
  poll(): void {
    this.#refusals.poll()
  }

  /** Stops accepting, and ends every connection. Resolves when the listening socket and all connections are gone. */
  async close(): Promise<void> {
    this.#isClosing = true
    this.#abort()
    this.#door.dispose()
    for (const connection of this.connections) {
      connection.mute()
      connection.end()
    }
    // It calls back with an error if it never listened, which is as closed as can be.
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #accept(socket: Socket): void {
    if (this.#isClosing || !this.#hasRoom()) {
      socket.on('error', () => {}) // Nobody is told of a peer that was not let in.
      socket.destroy()
      return
    }
    const connection = new Connection(socket, { purpose: 'inbound', peer: peerOf(socket) }, this.#owner, this.#shared)
    this.connections.add(connection)
    this.#silent.add(connection)
    this.#ports.onOpened()
  }

  /** Whether there is room for one more, which is made if somebody can be spared. */
  #hasRoom(): boolean {
    if (this.connections.size < this.#limits.inboundConnectionsMax) return true
    this.#refusals.add()
    const [oldestSilent] = this.#silent
    if (oldestSilent === undefined) return false
    oldestSilent.destroy()
    // It is off the books at once; its socket is gone a turn later.
    this.connections.delete(oldestSilent)
    this.#silent.delete(oldestSilent)
    return true
  }

  #newOwner(): ConnectionOwner {
    return {
      onLine: (connection, value) => this.#ports.onLine(connection, value),
      onSession: (connection, head) => {
        if (!this.#ports.takesSessions()) return false
        // From here on the bounds on handshakes of sessions hold.
        this.onSpoken(connection)
        this.#ports.onSession(connection.handOver(), head, connection)
        return true
      },
      onDrain: (connection) => this.#ports.onDrain(connection),
      onRemoteEnd: (connection) => connection.end(),
      onFailed: (connection, error) => this.#ports.tellError(connectionError(connection, error)),
      onClosed: (connection) => {
        this.connections.delete(connection)
        this.#silent.delete(connection)
        this.#ports.onClosed(connection)
      },
    }
  }

  #tellRefusals(times: number): void {
    const limit = this.#limits.inboundConnectionsMax
    const problem = `${times} connections were refused or dropped: inboundConnectionsMax is ${limit}`
    this.#ports.tellError(new TransportError('GOSSIP_CONNECTION_LIMIT', problem, { direction: 'inbound' }))
  }

  #tellAcceptError(cause: Error): void {
    this.#ports.tellError(new TransportError('GOSSIP_ACCEPT_FAILED', cause.message, { direction: 'inbound', cause }))
  }
}

/** Has to be asked for while the socket is open. */
function peerOf({ remoteAddress, remotePort }: Socket): PeerRef | undefined {
  if (remoteAddress === undefined || remotePort === undefined) return undefined
  return { transport: { host: remoteAddress, port: remotePort } }
}

function listenError(address: TcpAddress, cause: Error): TransportError {
  const code = 'code' in cause && cause.code === 'EADDRINUSE' ? 'GOSSIP_ADDRESS_IN_USE' : 'GOSSIP_LISTEN_FAILED'
  return new TransportError(code, cause.message, { peer: { transport: address }, direction: 'inbound', cause })
}
