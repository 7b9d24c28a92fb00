/**
 * What tests of the TCP transport share: transports on free ports that are closed afterwards, raw sockets, and
 * recordings of what a transport told, to wait on with a deadline.
 */

import { once } from 'node:events'
import { createRequire } from 'node:module'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Hello, JsonValue, SenderRef, TransportEvents } from '../../src/core/index.ts'
import { type TcpOptions, TcpTransport } from '../../src/tcp/index.ts'

/** Long enough for a busy machine; reached only by a failing test. */
const DEADLINE_MS = 20_000

/** One event of a transport. */
export interface Told {
  readonly event: keyof TransportEvents
  readonly facts: readonly unknown[]
}

/** An error as tests look at it. */
export interface ToldError extends Error {
  readonly code: string
  readonly peer: unknown
  readonly direction: 'inbound' | 'outbound'
}

/** All that a transport told, in order. */
export class Recording {
  readonly all: Told[] = []
  #wake: () => void = () => {}

  /** Attaches a listener to every event. */
  constructor(transport: TcpTransport) {
    const keep =
      (event: Told['event']) =>
      (...facts: unknown[]): void => {
        this.all.push({ event, facts })
        this.#wake()
      }
    for (const event of ['digest', 'deltas', 'error', 'hello', 'rpc', 'listening'] as const) {
      transport.on(event, keep(event))
    }
  }

  /** The facts of every event of one kind. */
  of(event: Told['event']): (readonly unknown[])[] {
    return this.all.filter((told) => told.event === event).map((told) => told.facts)
  }

  /** Every error told. */
  get errors(): ToldError[] {
    return this.of('error').map(([error]) => error as ToldError)
  }

  /** Waits until an event of one kind was told `times` times, and gives the facts of the last of these. */
  async heard(event: Told['event'], times: number = 1): Promise<readonly unknown[]> {
    await this.until(() => this.of(event).length >= times, `${event} ${times} times`)
    return this.of(event)[times - 1] as readonly unknown[]
  }

  /** Waits for an error with a code. */
  async error(code: string): Promise<ToldError> {
    const found = (): ToldError | undefined => this.errors.find((error) => error.code === code)
    await this.until(() => found() !== undefined, `an error ${code}`)
    return found() as ToldError
  }

  /** Waits for a condition, looked at whenever something is told. */
  async until(condition: () => boolean, what: string): Promise<void> {
    const endMs = performance.now() + DEADLINE_MS
    while (!condition()) {
      if (performance.now() > endMs) throw new Error(`waited in vain for ${what}; told: ${this.#shown()}`)
      await Promise.race([new Promise<void>((wake) => (this.#wake = wake)), delay(50)])
    }
  }

  #shown(): string {
    return this.all
      .map(({ event, facts: [first] }) => `${event} ${String((first as { code?: string })?.code)}`)
      .join(', ')
  }
}

/** Waits for a condition that nobody tells of. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const endMs = performance.now() + DEADLINE_MS
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`waited in vain for ${what}`)
    await delay(5)
  }
}

/** Lets time pass where nothing else can be waited for. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** A hello of a node of one cluster. */
export function helloOf(id: string, facts: Partial<Hello> = {}): Hello {
  return { protocolVersion: 1, clusterId: 'test', id, generation: 1, features: [], valueBytesMax: 1_024, ...facts }
}

/** A transport with its recording and identity. */
export interface Node {
  readonly transport: TcpTransport
  readonly told: Recording
  readonly ref: SenderRef
  readonly port: number
}

/** Opens things and closes them again. */
export class Fixture {
  #transports: TcpTransport[] = []
  #sockets: Socket[] = []
  #servers: Server[] = []

  /** A listening transport that was introduced under `id`. */
  async node(id: string, options: TcpOptions = {}, hello: Partial<Hello> = {}): Promise<Node> {
    const transport = new TcpTransport({ host: '127.0.0.1', port: 0, ...options })
    transport.introduce(helloOf(id, hello))
    return await this.#listening(id, transport)
  }

  /** A listening transport that was never introduced. */
  async alone(id: string, options: TcpOptions = {}): Promise<Node> {
    return await this.#listening(id, new TcpTransport({ host: '127.0.0.1', port: 0, ...options }))
  }

  /** Sees to it that a transport is closed. */
  keep(transport: TcpTransport): TcpTransport {
    this.#transports.push(transport)
    return transport
  }

  /** A raw connection to a port. */
  async socket(port: number, allowHalfOpen: boolean = true, from: string = '127.0.0.1'): Promise<Socket> {
    const socket = connect({ port, host: '127.0.0.1', localAddress: from, allowHalfOpen, noDelay: true })
    socket.on('error', () => {})
    this.#sockets.push(socket)
    await once(socket, 'connect')
    return socket
  }

  /** A raw server on a free port. */
  async server(onSocket: (socket: Socket) => unknown): Promise<number> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {})
      this.#sockets.push(socket)
      void onSocket(socket)
    })
    this.#servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return portOf(server.address() as unknown as JsonValue)
  }

  /** Closes everything. */
  async closeAll(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await Promise.all(this.#transports.map((transport) => transport.close()))
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))))
    this.#transports = []
    this.#sockets = []
    this.#servers = []
  }

  async #listening(id: string, transport: TcpTransport): Promise<Node> {
    this.keep(transport)
    const told = new Recording(transport)
    await transport.listen()
    const address = transport.address as JsonValue
    return { transport, told, ref: { id, transport: address }, port: portOf(address) }
  }
}

/** The port of an address. */
export function portOf(address: JsonValue | undefined): number {
  return (address as { port: number }).port
}

/** All bytes a socket gives until its end. */
export async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  if (!socket.readableEnded && !socket.destroyed) await Promise.race([once(socket, 'end'), once(socket, 'close')])
  return Buffer.concat(chunks)
}

/** Resolves when a socket is gone. */
export async function gone(socket: Socket): Promise<void> {
  socket.resume()
  if (!socket.closed) await once(socket, 'close')
}

/** The transport of the first generation, as it was published. */
export interface OldTransport {
  digest(remote: object, local: object, digest: unknown): void
  deltas(remote: object, local: object, deltas: unknown): void
  rpc(remote: object, payload: unknown): void
  listen(options?: unknown, callback?: () => void): void
  close(callback?: () => void): void
  on(event: string, listener: (...facts: never[]) => void): void
  readonly server: Server
}

/** The class of {@link OldTransport}. */
export const OldTransport = createRequire(import.meta.url)('gossipmonger-tcp-transport') as new (
  options?: object,
) => OldTransport
