/**
 * Where connections arrive: at a server of our own, or at one of the embedder's. Who comes in is decided here: path,
 * origin, number, codec. A newcomer at the limit replaces the oldest that has not said who it is, else is refused.
 */

import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer, Server as HttpsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { LifecycleError, TransportError } from '../../core/index.ts'
import { PIECE_BYTES_MAX, SESSION_SUBPROTOCOL, type SocketOpener, SocketPipe } from '../websocket/index.ts'
import { ClientAddresses } from './client-address.ts'
import { type Guest, Guests } from './guests.ts'
import { REFUSAL_HEADER } from './node-platform.ts'
import { acceptedSocket } from './node-socket.ts'
import { assertMayBePlain, assertNamed, type ListenerOptions } from './options.ts'
import { type RefusalCode, Refusals } from './refusals.ts'
import { SilentSockets } from './silent-sockets.ts'
import { tlsContext } from './tls-context.ts'

/** A client by its address. */
export interface ClientRef {
  readonly transport: { readonly host: string; readonly port: number }
}

/** What a listener asks of its transport. */
export interface ListenerPorts {
  readonly now: () => number
  readonly subprotocol: string
  readonly messageBytesMax: number
  /** Takes a connection. */
  accept(open: SocketOpener, peer: ClientRef): Guest
  /** Takes a connection that is for a session. */
  acceptSession(pipe: SocketPipe): void
  tellError(error: Error): void
}

interface Refusal {
  readonly status: string
  readonly code: RefusalCode
  readonly problem: string
}

/** Longest head of a request, bytes: an own server reads no more of it. */
const HEADER_BYTES_MAX = 16_384

/** Accepts connections. One listener listens once. */
export class Listener {
  readonly #options: ListenerOptions
  readonly #ports: ListenerPorts
  readonly #server: HttpServer
  /** By what was asked for: gossip, sessions. */
  readonly #sockets: ReadonlyMap<string, WebSocketServer>
  readonly #clients: ClientAddresses
  readonly #guests: Guests
  readonly #silent: SilentSockets | undefined
  readonly #refusals: Refusals
  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void =>
    this.#upgrade(request, socket, head)
  #abort: () => void = () => {}
  #isClosing = false

  constructor(options: ListenerOptions, ports: ListenerPorts) {
    this.#options = options
    this.#ports = ports
    this.#clients = new ClientAddresses(options.trustedProxies)
    this.#refusals = new Refusals(ports.now, (error) => ports.tellError(error))
    this.#guests = new Guests(options, (problem, peer) => this.#refusals.add('GOSSIP_CONNECTION_LIMIT', problem, peer))
    this.#server = options.server ?? newServer(options)
    this.#silent = options.server === undefined ? new SilentSockets(this.#server) : undefined
    this.#sockets = new Map([
      [ports.subprotocol, this.#newSockets(ports.subprotocol, ports.messageBytesMax)],
      [SESSION_SUBPROTOCOL, this.#newSockets(SESSION_SUBPROTOCOL, PIECE_BYTES_MAX)],
    ])
  }

  /** Refusals of all kinds so far. */
  get refused(): number {
    return this.#refusals.total
  }

  /**
   * Binds an address, or waits until the embedder's server is bound.
   *
   * @returns the url to be reached at
   * @throws {TransportError} `GOSSIP_ADDRESS_IN_USE` or `GOSSIP_LISTEN_FAILED`
   * @throws {InvalidOptionError} the embedder's server listens in plain text beyond this machine
   * @throws {LifecycleError} `GOSSIP_ABORTED`: it was closed before it listened
   */
  async listen(): Promise<string> {
    const { server } = this.#options
    if (server === undefined || !server.listening) await this.#listening()
    const url = this.#advertised()
    this.#server.on('upgrade', this.#onUpgrade)
    return url
  }

  /** Reports what has piled up. Worth calling once a second. */
  poll(): void {
    this.#refusals.poll()
  }

  /** A connection is gone. */
  onClosed(guest: Guest): void {
    this.#guests.delete(guest)
  }

  /** Stops accepting. Resolves when a server of our own and all its sockets are gone. */
  async close(): Promise<void> {
    this.#isClosing = true
    this.#abort()
    this.#server.off('upgrade', this.#onUpgrade)
    for (const sockets of this.#sockets.values()) sockets.close()
    if (this.#options.server !== undefined) return
    this.#silent?.destroyAll()
    // It calls back with an error if it never listened, which is as closed as can be.
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #listening(): Promise<void> {
    const { host, port, server } = this.#options
    return new Promise((resolve, reject) => {
      const onError = (error: Error): void => end(() => reject(listenError({ host, port }, error)))
      const onListening = (): void => end(resolve)
      const end = (settle: () => void): void => {
        this.#server.off('error', onError)
        this.#server.off('listening', onListening)
        settle()
      }
      this.#abort = () =>
        end(() => reject(new LifecycleError('GOSSIP_ABORTED', 'the transport was closed before it listened')))
      this.#server.once('error', onError)
      this.#server.once('listening', onListening)
      if (server === undefined) this.#listenAt(host, port)
    })
  }

  #listenAt(host: string, port: number): void {
    this.#server.on('error', (cause) => {
      // Before it listens the error ends the attempt; afterwards it is about one connection.
      if (!this.#server.listening) return
      this.#ports.tellError(new TransportError('GOSSIP_ACCEPT_FAILED', cause.message, { direction: 'inbound', cause }))
    })
    this.#server.on('clientError', (cause: Error, socket) => {
      this.#refuse(undefined, socket, {
        status: '400 Bad Request',
        code: 'GOSSIP_UPGRADE_MALFORMED',
        problem: `what came is no HTTP request: ${cause.message}`,
      })
    })
    this.#server.on('listening', () => {
      // Some releases of Node open the socket although it was closed while the name was looked up.
      if (this.#isClosing) this.#server.close()
    })
    this.#server.listen({ host, port })
  }

  #advertised(): string {
    const { server, url, path } = this.#options
    const bound = this.#server.address()
    const isSecure = this.#server instanceof HttpsServer
    const address = typeof bound === 'object' && bound !== null ? bound : { address: '', port: 0 }
    if (server !== undefined && !isSecure && address.port !== 0) assertMayBePlain(this.#options, address.address)
    if (url !== undefined) return url
    const host = server === undefined ? this.#options.host : address.address
    assertNamed(host)
    return new URL(`${isSecure ? 'wss' : 'ws'}://${host.includes(':') ? `[${host}]` : host}:${address.port}${path}`)
      .href
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (pathOf(request) !== this.#options.path) {
      // Somebody else at the same server may want it.
      if (this.#server.listenerCount('upgrade') === 1) answer(socket, '404 Not Found', undefined)
      return
    }
    this.#silent?.forget(request.socket)
    const client = this.#clients.of(request)
    const subprotocol = offered(request).find((name) => this.#sockets.has(name)) ?? ''
    const sockets = this.#sockets.get(subprotocol)
    const refusal = this.#refusalOf(request, client)
    if (refusal !== undefined || sockets === undefined) {
      this.#refuse(request, socket, refusal ?? this.#unsupported(request))
      return
    }
    sockets.handleUpgrade(request, socket, head, (accepted) => {
      const open = acceptedSocket(accepted, socket)
      const peer = { transport: { host: client, port: request.socket.remotePort ?? 0 } }
      const guest = subprotocol === SESSION_SUBPROTOCOL ? this.#acceptSession(open) : this.#ports.accept(open, peer)
      this.#guests.add(guest, client)
    })
  }

  #acceptSession(open: SocketOpener): Guest {
    const pipe: SocketPipe = new SocketPipe(open, () => this.#guests.delete(pipe))
    this.#ports.acceptSession(pipe)
    return pipe
  }

  #newSockets(subprotocol: string, maxPayload: number): WebSocketServer {
    const handleProtocols = (): string => subprotocol
    const options = { noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload, handleProtocols }
    return new WebSocketServer(options).on('wsClientError', (error, socket, request) => {
      this.#refuse(request, socket, {
        status: '400 Bad Request',
        code: 'GOSSIP_UPGRADE_MALFORMED',
        problem: error.message,
      })
    })
  }

  #unsupported(request: IncomingMessage): Refusal {
    const theirs = JSON.stringify(offered(request).join(', ').slice(0, 200))
    const problem = `the peer offers ${theirs}, this node ${this.#ports.subprotocol}`
    return { status: '400 Bad Request', code: 'GOSSIP_CODEC_UNSUPPORTED', problem }
  }

  #refusalOf({ headers }: IncomingMessage, client: string): Refusal | undefined {
    const { origins } = this.#options
    if (this.#isClosing)
      return { status: '503 Service Unavailable', code: 'GOSSIP_CONNECTION_LIMIT', problem: 'closing' }
    if (origins !== undefined && headers.origin !== undefined && !origins.includes(headers.origin)) {
      const problem = `a page of ${JSON.stringify(headers.origin.slice(0, 200))} is not among the origins allowed`
      return { status: '403 Forbidden', code: 'GOSSIP_ORIGIN_REFUSED', problem }
    }
    const problem = this.#guests.makeRoom(client)
    return problem === undefined
      ? undefined
      : { status: '503 Service Unavailable', code: 'GOSSIP_CONNECTION_LIMIT', problem }
  }

  #refuse(request: IncomingMessage | undefined, socket: Duplex, { status, code, problem }: Refusal): void {
    const host = request === undefined ? '' : this.#clients.of(request)
    answer(socket, status, code)
    this.#refusals.add(code, problem, host === '' ? undefined : { transport: { host } })
  }
}

function newServer(options: ListenerOptions): HttpServer {
  const { tls, handshakeTimeoutMs } = options
  const limits = {
    // It holds for the headers too, and for who does not even begin.
    requestTimeout: handshakeTimeoutMs,
    connectionsCheckingInterval: Math.min(1_000, handshakeTimeoutMs),
    maxHeaderSize: HEADER_BYTES_MAX,
  }
  if (tls === undefined) return createServer(limits, explain)
  const isAsked = tls.requireClientCert === true
  const clients = { requestCert: isAsked, rejectUnauthorized: isAsked, handshakeTimeout: handshakeTimeoutMs }
  return createSecureServer({ ...limits, ...clients, ...tlsContext(tls) }, explain)
}

/** There is nothing here but WebSockets. */
function explain(_: IncomingMessage, response: ServerResponse): void {
  response.writeHead(426, { 'content-type': 'text/plain', upgrade: 'websocket', connection: 'close' })
  response.end('This is a WebSocket endpoint.')
}

/** Ends a connection that is not taken, with a word why where there is one. */
function answer(socket: Duplex, status: string, code: RefusalCode | undefined): void {
  socket.on('error', () => {}) // Nobody is told of a peer that was not let in, and would not even hear why.
  const reason = code === undefined ? '' : `${REFUSAL_HEADER}: ${code}\r\n`
  if (!socket.writable) socket.destroy()
  else
    socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n${reason}content-length: 0\r\n\r\n`, () => socket.destroy())
}

function offered({ headers }: IncomingMessage): string[] {
  return (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
}

function pathOf({ url = '' }: IncomingMessage): string | undefined {
  return URL.canParse(url, 'ws://x') ? new URL(url, 'ws://x').pathname : undefined
}

function listenError(address: { readonly host: string; readonly port: number }, cause: Error): TransportError {
  const code = 'code' in cause && cause.code === 'EADDRINUSE' ? 'GOSSIP_ADDRESS_IN_USE' : 'GOSSIP_LISTEN_FAILED'
  return new TransportError(code, cause.message, { peer: { transport: address }, direction: 'inbound', cause })
}
