/** What tests of the WebSocket transport share: transports and servers on free ports that are closed afterwards. */

import { type EventEmitter, once } from 'node:events'
import { createServer as createHttpServer, type Server as HttpServer, request } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { WebSocket } from 'ws'
import type { Hello, JsonValue, SenderRef, TransportEvents } from '../../../src/core/index.ts'
import { type WebSocketOptions, WebSocketTransport } from '../../../src/transports/index.ts'

/** Long enough for a busy machine; reached only by a failing test. */
const DEADLINE_MS = 20_000

/** The loopback address that everything listens at. */
export const HOST = '127.0.0.1'
/** What transports without a codec of their own ask for. */
export const SUBPROTOCOL = 'gossipmonger.json'

/** An error as tests look at it. */
export interface ToldError extends Error {
  readonly code: string
  readonly peer: unknown
  readonly direction: 'inbound' | 'outbound'
}

/** A transport with what it told. */
export class Node {
  readonly id: string
  readonly transport: WebSocketTransport
  readonly errors: ToldError[] = []
  readonly messages: (readonly [kind: string, sender: SenderRef, payload: JsonValue])[] = []
  readonly hellos: Hello[] = []

  constructor(id: string, transport: WebSocketTransport) {
    this.id = id
    this.transport = transport
    const keep =
      (kind: string): TransportEvents['digest'] =>
      (sender, payload) =>
        void this.messages.push([kind, sender, payload])
    transport.on('digest', keep('digest')).on('deltas', keep('deltas'))
    transport.on('error', (error) => void this.errors.push(error as ToldError))
    transport.on('hello', (_, hello) => void this.hellos.push(hello))
  }

  /** As it names itself, and as others address it. */
  get ref(): SenderRef {
    return { id: this.id, transport: this.transport.address ?? null }
  }

  get url(): string {
    return (this.transport.address as { url: string }).url
  }

  /** Sends a digest. */
  send(to: { readonly id?: string; readonly transport: JsonValue }, payload: JsonValue): void {
    this.transport.digest(to, this.ref, payload)
  }

  /** Whether a payload has arrived here. */
  has(payload: JsonValue): boolean {
    return this.messages.some(([, , each]) => JSON.stringify(each) === JSON.stringify(payload))
  }

  /** Waits for a payload. */
  async received(payload: JsonValue): Promise<void> {
    await until(
      () => this.has(payload),
      `${this.id} to receive ${JSON.stringify(payload)}, not ${this.codes.join(', ')}`,
    )
  }

  /** Waits for an error. */
  async told(code: string): Promise<ToldError> {
    const found = (): ToldError | undefined => this.errors.find((error) => error.code === code)
    await until(() => found() !== undefined, `${this.id} to tell ${code}, not ${this.codes.join(', ')}`)
    return found() as ToldError
  }

  /** The codes of all errors so far. */
  get codes(): readonly string[] {
    return this.errors.map(({ code }) => code)
  }
}

/** Waits for a condition that nobody tells of. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const endMs = performance.now() + DEADLINE_MS
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

/** Waits for an event. */
export async function soon(emitter: EventEmitter, event: string): Promise<readonly unknown[]> {
  try {
    return (await once(emitter, event, { signal: AbortSignal.timeout(DEADLINE_MS) })) as unknown[]
  } catch (cause) {
    throw new Error(`waited in vain for ${event}`, { cause })
  }
}

/** A hello of a node of one cluster. */
export function helloOf(id: string, facts: Partial<Hello> = {}): Hello {
  return { protocolVersion: 1, clusterId: 'test', id, generation: 1, features: [], valueBytesMax: 1_024, ...facts }
}

/** Opens things and closes them again. */
export class Fixture {
  readonly #closers: (() => unknown)[] = []

  /** A transport that listens, introduced under its id. */
  async listener(id: string, options: WebSocketOptions = {}, hello: Partial<Hello> = {}): Promise<Node> {
    const own = options.server === undefined ? { host: HOST, port: 0 } : {}
    return this.node(id, { ...own, ...options }, hello)
  }

  /** A transport that only dials. */
  dialler(id: string, options: WebSocketOptions = {}, hello: Partial<Hello> = {}): Promise<Node> {
    return this.node(id, options, hello)
  }

  /** A transport as its options say. */
  async node(id: string, options: WebSocketOptions, hello: Partial<Hello> = {}): Promise<Node> {
    const transport = new WebSocketTransport(options)
    this.#closers.push(() => transport.close())
    const node = new Node(id, transport)
    transport.introduce(helloOf(id, hello))
    await transport.listen()
    return node
  }

  /** A web server of the embedder's. */
  async httpServer(): Promise<HttpServer> {
    const server = createHttpServer((_, response) => void response.end('a page'))
    server.listen(0, HOST)
    await once(server, 'listening')
    this.#closers.push(() => {
      server.closeAllConnections()
      server.close()
    })
    return server
  }

  /** A raw server; sockets are closed with it. */
  async rawServer(onSocket: (socket: Socket) => void): Promise<{ server: Server; url: string }> {
    const sockets: Socket[] = []
    const server = createServer((socket) => {
      socket.on('error', () => {})
      sockets.push(socket)
      onSocket(socket)
    })
    server.listen(0, HOST)
    await once(server, 'listening')
    this.#closers.push(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    return { server, url: `ws://${HOST}:${(server.address() as AddressInfo).port}/` }
  }

  /** A bare WebSocket, as a stranger would open it. */
  socket(url: string, subprotocol: string = SUBPROTOCOL, headers: Record<string, string> = {}): WebSocket {
    const socket = new WebSocket(url, subprotocol, { headers })
    socket.on('error', () => {})
    this.#closers.push(() => socket.terminate())
    return socket
  }

  /** A bare TCP connection. */
  rawSocket(url: string): Socket {
    const socket = connect({ port: Number(new URL(url).port), host: HOST })
    socket.on('error', () => {})
    this.#closers.push(() => socket.destroy())
    return socket
  }

  /** Closes all of it. */
  async close(): Promise<void> {
    await Promise.all(this.#closers.splice(0).map((close) => close()))
  }
}

/** The status of an ordinary request. */
export async function statusOf(url: string): Promise<number | undefined> {
  const sent = request(url.replace(/^ws/, 'http')).end()
  const [response] = (await once(sent, 'response')) as [{ statusCode?: number; resume(): void }]
  response.resume()
  return response.statusCode
}

/** The status by which a WebSocket was refused, and the reason given. */
export async function refusalOf(socket: WebSocket): Promise<readonly [status: number | undefined, code: unknown]> {
  const [sent, response] = (await soon(socket, 'unexpected-response')) as unknown as [
    { destroy(): void },
    { statusCode?: number; headers: Record<string, unknown> },
  ]
  sent.destroy()
  return [response.statusCode, response.headers['x-gossipmonger-error']]
}
