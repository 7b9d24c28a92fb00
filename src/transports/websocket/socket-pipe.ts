/**
 * A WebSocket of its own as the bytes of a session: every binary message is a piece of them, cut anywhere. What waits in
 * the socket is how the writer learns to wait.
 */

import { MalformedMessageError, TransportError } from '../../core/index.ts'
import type { Encoded } from '../codec/index.ts'
import { joinBytes, type Pipe, type PipeReceiver } from '../session/index.ts'
import { isQuiet } from './connection-error.ts'
import type { Socket, SocketEnding, SocketOpener } from './socket.ts'

/** What a session's socket is asked for by. */
export const SESSION_SUBPROTOCOL = 'gossipmonger.session'
/** Longest message: small enough that a receiver need not hold much of one that is still arriving. */
export const PIECE_BYTES_MAX = 65_536
/** Bytes that wait in the socket before `write` says to wait. */
const HIGH_WATER_BYTES = 262_144
/** Bytes that are kept for a receiver that has paused, where the platform cannot stop the other side. */
const HELD_BYTES_MAX = 4_194_304

/** What a session tells of its end where nothing was wrong. */
const CLOSE_NORMAL = 1_000

/** One end of a session's bytes. */
export class SocketPipe implements Pipe {
  /** Whether the other side has sent anything. */
  hasSpoken = false
  readonly #socket: Socket
  readonly #onGone: () => void
  #onOpen: () => void = () => {}
  #receiver: PipeReceiver | undefined
  readonly #held: Uint8Array[] = []
  #heldBytes = 0
  #isPaused = true
  #isBlocked = false
  #isTelling = false
  #fault: Error | undefined
  #ending: { readonly error: Error | undefined } | undefined
  #isDestroyed = false

  /** @param onGone - called once, when the socket is gone */
  constructor(open: SocketOpener, onGone: () => void) {
    this.#onGone = onGone
    this.#socket = open({
      onOpen: () => this.#onOpen(),
      onMessage: (message) => this.#onMessage(message),
      onAlive: () => {},
      onPending: () => {},
      onSent: () => this.#onSent(),
      onFault: (_, cause) => this.#break(new MalformedMessageError(`on a session's socket: ${cause.message}`)),
      onClosed: (ending) => this.#onClosed(ending),
    })
  }

  /**
   * Waits for a dialled socket to open.
   *
   * @throws {Error} as a rejection: it did not, as the platform says it
   */
  opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#onOpen = resolve
      this.#receiver = {
        onBytes: () => {},
        onDrain: () => {},
        onClosed: (error) => reject(error ?? new Error('the socket was closed')),
      }
    })
  }

  receive(receiver: PipeReceiver): void {
    this.#receiver = receiver
    this.#tellSoon()
  }

  write(parts: readonly Uint8Array[]): boolean {
    const bytes = joinBytes(parts)
    for (let at = 0; at < bytes.length; at += PIECE_BYTES_MAX) {
      this.#socket.send(bytes.length <= PIECE_BYTES_MAX ? bytes : bytes.subarray(at, at + PIECE_BYTES_MAX))
    }
    this.#isBlocked ||= this.#socket.bufferedBytes >= HIGH_WATER_BYTES
    return !this.#isBlocked
  }

  pause(): void {
    this.#isPaused = true
    this.#socket.pause()
  }

  resume(): void {
    this.#isPaused = false
    this.#socket.resume()
    this.#tellSoon()
  }

  end(): void {
    // What was not read yet is what its end was not waited for.
    this.#socket.resume()
    this.#socket.close(CLOSE_NORMAL, '')
  }

  destroy(): void {
    if (this.#isDestroyed) return
    this.#isDestroyed = true
    this.#held.length = 0
    this.#socket.destroy()
  }

  #onMessage(message: Encoded): void {
    this.hasSpoken = true
    if (this.#isDestroyed || this.#fault !== undefined) return
    if (typeof message === 'string') {
      this.#break(new MalformedMessageError("a text came on a session's socket"))
      return
    }
    if (message.length === 0) return
    this.#held.push(message)
    this.#heldBytes += message.length
    if (this.#heldBytes > HELD_BYTES_MAX) {
      const problem = `over ${HELD_BYTES_MAX} bytes came before anybody could read them`
      this.#break(new TransportError('GOSSIP_BUFFER_FULL', problem, { direction: 'inbound' }))
      return
    }
    this.#tell()
  }

  #onSent(): void {
    if (!this.#isBlocked || this.#socket.bufferedBytes > HIGH_WATER_BYTES / 2) return
    this.#isBlocked = false
    if (this.#ending === undefined) this.#receiver?.onDrain()
  }

  #break(fault: Error): void {
    this.#fault ??= fault
    this.destroy()
  }

  #onClosed({ code, reason, error }: SocketEnding): void {
    const isClean = this.#fault === undefined && isQuiet(code)
    const because = reason === '' ? (error?.message ?? `code ${code}`) : `${code}, ${reason}`
    this.#ending = {
      error: isClean ? undefined : (this.#fault ?? error ?? new Error(`the connection ended: ${because}`)),
    }
    this.#onGone()
    this.#tell()
  }

  #tellSoon(): void {
    queueMicrotask(() => this.#tell())
  }

  /** Tells all that has arrived. What a receiver does in between may end, pause or hand over the pipe. */
  #tell(): void {
    if (this.#isTelling) return
    this.#isTelling = true
    while (!this.#isPaused && !this.#isDestroyed && this.#receiver !== undefined) {
      const bytes = this.#held.shift()
      if (bytes === undefined) break
      this.#heldBytes -= bytes.length
      this.#receiver.onBytes(bytes)
    }
    this.#isTelling = false
    if (this.#ending === undefined || this.#receiver === undefined) return
    if (this.#held.length > 0 && !this.#isDestroyed) return // It was paused; what has arrived is told first.
    const { error } = this.#ending
    const receiver = this.#receiver
    this.#receiver = { onBytes: () => {}, onDrain: () => {}, onClosed: () => {} }
    receiver.onClosed(error)
  }
}
