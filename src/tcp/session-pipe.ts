/**
 * A socket as the pipe of a session: the same bytes, the same back-pressure, and an end that both sides share. Security
 * decides when it is open and whom the other side may claim to be.
 */

import type { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { type Direction, type PeerRef, type SenderRef, TransportError } from '../core/index.ts'
import type { Pipe, PipeReceiver } from '../transports/index.ts'
import { type RefusalError, refusalBy, refusalLine } from './refusal.ts'
import type { SecuredConnection, Security } from './security.ts'

/** Whose socket it is. */
export interface SessionPipeFacts {
  readonly direction: Direction
  readonly peer: PeerRef | undefined
  readonly security: Security
  /** What the other side of an accepted socket has proven to hold the key of. */
  readonly certificate?: X509Certificate | undefined
}

/** How a line begins by which the other side says that it lets nobody in. */
const REFUSAL_START = Buffer.from('{"refusal":')

/** The pipe over one socket, which is its own from now on. */
export class SessionPipe implements Pipe, SecuredConnection {
  readonly direction: Direction
  readonly peer: PeerRef | undefined
  peerCertificate: X509Certificate | undefined
  readonly #socket: Socket
  readonly #security: Security
  #receiver: PipeReceiver | undefined
  #opening: { resolve(): void; reject(error: Error): void } | undefined
  #isHeld = false
  #hasHeard: boolean
  #error: Error | undefined
  #refusal: RefusalError | undefined
  #isClosed = false
  #isTold = false

  /** @param socket - with `allowHalfOpen`; nobody else reads from it or writes to it */
  constructor(socket: Socket, facts: SessionPipeFacts) {
    this.#socket = socket
    this.#security = facts.security
    this.direction = facts.direction
    this.peer = facts.peer
    this.peerCertificate = facts.certificate
    this.#hasHeard = facts.direction === 'inbound'
    socket.pause()
    socket.on('data', (chunk: Buffer) => this.#onData(chunk))
    socket.on('drain', () => this.#receiver?.onDrain())
    socket.on('end', () => socket.end())
    socket.on('error', (error: Error) => {
      this.#error ??= facts.security.explain(this, error)
    })
    socket.on('close', () => this.#onClose())
  }

  /**
   * Waits until a dialled socket is open, and the other side has shown who it is where it has to.
   *
   * @throws {TransportError} as a rejection: it cannot be reached, or is not let in
   */
  opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#opening = { resolve, reject }
      this.#socket.once('connect', () => {
        if (!this.#isHeld) this.#open()
      })
      this.#security.admit(this, this.#socket)
    })
  }

  receive(receiver: PipeReceiver): void {
    this.#receiver = receiver
    if (this.#isClosed) process.nextTick(() => this.#tellClosed())
  }

  write(parts: readonly Uint8Array[]): boolean {
    const socket = this.#socket
    if (!socket.writable) return true
    // All parts leave in one system call, without being copied into one.
    socket.cork()
    for (const part of parts) socket.write(part)
    socket.uncork()
    return !socket.writableNeedDrain
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  end(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  authenticate(claimed: SenderRef): boolean {
    const isAllowed = this.#security.screen(this, { sender: { ...claimed } })
    if (!isAllowed && this.#refusal !== undefined) throw this.#refusal
    return isAllowed && this.peerCertificate !== undefined
  }

  hold(): void {
    this.#isHeld = true
  }

  release(): void {
    this.#isHeld = false
    this.#open()
  }

  /** Before it is open it is ended with a line that says why; afterwards the session has words of its own. */
  refuse(error: RefusalError): void {
    this.#refusal = error
    if (this.#opening === undefined) return
    this.#error = error
    this.#socket.resume()
    this.#socket.end(refusalLine(error))
  }

  fail(error: Error): void {
    this.#error ??= error
    this.#socket.destroy()
  }

  #open(): void {
    const opening = this.#opening
    this.#opening = undefined
    opening?.resolve()
  }

  #onData(chunk: Buffer): void {
    if (this.#opening !== undefined) return
    const isFirst = !this.#hasHeard
    this.#hasHeard = true
    const refusal = isFirst ? this.#refusalIn(chunk) : undefined
    if (refusal === undefined) this.#receiver?.onBytes(chunk)
    else this.fail(refusal)
  }

  /** The other side of a dialled socket may answer with a refusal in place of a session. */
  #refusalIn(chunk: Buffer): Error | undefined {
    if (REFUSAL_START.compare(chunk, 0, REFUSAL_START.length) !== 0) return undefined
    try {
      return refusalBy(this, JSON.parse(chunk.toString('utf8')))
    } catch {
      return undefined // It is no line of that kind, and will not begin a session either.
    }
  }

  #onClose(): void {
    this.#isClosed = true
    const opening = this.#opening
    this.#opening = undefined
    opening?.reject(this.#connectError())
    this.#tellClosed()
  }

  #connectError(): Error {
    if (this.#error instanceof TransportError) return this.#error
    const problem = this.#error?.message || 'no address could be reached'
    const facts = { peer: this.peer, direction: this.direction, cause: this.#error } as const
    return new TransportError('GOSSIP_CONNECT_FAILED', problem, facts)
  }

  #tellClosed(): void {
    if (this.#isTold || this.#receiver === undefined) return
    this.#isTold = true
    this.#receiver.onClosed(this.#error)
  }
}
