/** What the tests of UDP work with: transports on loopback, raw sockets of strangers, and a relay that sees every packet. */

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Hello, JsonValue, SenderRef } from '../../../src/core/index.ts'
import { type UdpOptions, UdpTransport } from '../../../src/transports/index.ts'

/** The loopback address of everything here. */
export const HOST = '127.0.0.1'
/** How long anything may take before a test gives up, ms. */
const PATIENCE_MS = 10_000

/** A transport and what it told. */
export class Ear {
  readonly transport: UdpTransport
  readonly id: string
  readonly heard: { readonly kind: string; readonly sender: SenderRef; readonly payload: unknown }[] = []
  readonly errors: (Error & { readonly code: string })[] = []
  readonly hellos: Hello[] = []

  constructor(id: string, options: UdpOptions = {}) {
    this.id = id
    this.transport = new UdpTransport({ host: HOST, port: 0, handshakeTimeoutMs: 2_000, ...options })
    for (const kind of ['digest', 'deltas', 'datagram'] as const) {
      this.transport.on(kind, (sender: SenderRef, payload: unknown) => this.heard.push({ kind, sender, payload }))
    }
    this.transport.on('error', (error) => this.errors.push(error as Ear['errors'][number]))
    this.transport.on('hello', (_, hello) => this.hellos.push(hello))
    this.transport.introduce(helloOf(id))
  }

  /** Where it is reached. */
  get port(): number {
    return portOf(this.transport.address)
  }

  get codes(): string[] {
    return this.errors.map(({ code }) => code)
  }

  get payloads(): unknown[] {
    return this.heard.map(({ payload }) => payload)
  }

  /** Sends a digest to a port, as itself. */
  say(port: number, payload: JsonValue): void {
    const self = { id: this.id, transport: this.transport.address ?? null }
    this.transport.digest({ transport: urlOf(port) }, self, payload)
  }
}

/** A hello of the tests' cluster. */
export function helloOf(id: string, facts: Partial<Hello> = {}): Hello {
  return { protocolVersion: 1, clusterId: 'c', id, generation: 1, features: [], valueBytesMax: 9, ...facts }
}

/** The canonical address of a loopback port. */
export function urlOf(port: number): { readonly url: string } {
  return { url: `udp://${HOST}:${port}` }
}

/** The port of an address. */
export function portOf(address: JsonValue | undefined): number {
  return Number(
    String((address as { url: string }).url)
      .split(':')
      .at(-1),
  )
}

/** Waits until something is true; tries `again` now and then. */
export async function until(what: string, isTrue: () => boolean, again: () => void = () => {}): Promise<void> {
  const endMs = performance.now() + PATIENCE_MS
  for (let turn = 1; !isTrue(); turn++) {
    if (performance.now() > endMs) throw new Error(`never came true: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
    if (turn % 10 === 1) again()
  }
}

/** A bare socket: a stranger, or an address that never answers. */
export class Stranger {
  readonly socket: Socket = createSocket('udp4')
  readonly packets: Buffer[] = []

  async open(): Promise<this> {
    this.socket.on('message', (packet) => this.packets.push(packet))
    this.socket.bind(0, HOST)
    await once(this.socket, 'listening')
    return this
  }

  get port(): number {
    return this.socket.address().port
  }

  get receivedBytes(): number {
    return this.packets.reduce((sum, { length }) => sum + length, 0)
  }

  send(packet: Uint8Array, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.send(packet, port, HOST, (error) => (error === null ? resolve() : reject(error)))
    })
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.socket.close(resolve))
  }
}

/** Stands between whoever sends to it and a target, passes packets on both ways, and keeps what it saw. */
export class Relay {
  readonly #outside = new Stranger()
  readonly #inside = new Stranger()
  /** Packets towards the target, and those back. */
  readonly there: Buffer[] = []
  readonly back: Buffer[] = []
  /** Whether a packet passes. */
  passes: (packet: Buffer, isBack: boolean) => boolean = () => true
  #targetPort: number
  #clientPort = 0

  constructor(targetPort: number) {
    this.#targetPort = targetPort
  }

  async open(): Promise<this> {
    await Promise.all([this.#outside.open(), this.#inside.open()])
    this.#outside.socket.on('message', (packet, { port }) => {
      this.#clientPort = port
      this.there.push(packet)
      if (this.passes(packet, false)) void this.#inside.send(packet, this.#targetPort)
    })
    this.#inside.socket.on('message', (packet) => {
      this.back.push(packet)
      if (this.passes(packet, true)) void this.#outside.send(packet, this.#clientPort)
    })
    return this
  }

  get port(): number {
    return this.#outside.port
  }

  /** From now on somebody else is behind it. */
  redirect(targetPort: number): void {
    this.#targetPort = targetPort
  }

  /** Sends a packet to the target from where all others came. */
  inject(packet: Uint8Array): Promise<void> {
    return this.#inside.send(packet, this.#targetPort)
  }

  /** Sends a packet to the client in the target's name. */
  injectBack(packet: Uint8Array): Promise<void> {
    return this.#outside.send(packet, this.#clientPort)
  }

  async close(): Promise<void> {
    await Promise.all([this.#outside.close(), this.#inside.close()])
  }
}

/** Closes what a test has opened, whatever became of it. */
export class Openings {
  #opened: { close(): unknown }[] = []

  add<T extends { close(): unknown }>(opened: T): T {
    this.#opened.push(opened)
    return opened
  }

  /** A transport that listens. */
  async ear(id: string, options: UdpOptions = {}): Promise<Ear> {
    const ear = new Ear(id, options)
    this.add(ear.transport)
    await ear.transport.listen()
    return ear
  }

  async stranger(): Promise<Stranger> {
    return this.add(await new Stranger().open())
  }

  async relay(targetPort: number): Promise<Relay> {
    return this.add(await new Relay(targetPort).open())
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.splice(0).map((each) => each.close()))
  }
}
