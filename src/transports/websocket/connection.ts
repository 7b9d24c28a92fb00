/**
 * One WebSocket with its moments of progress and the bytes it holds. It knows nothing of hellos or peers beyond what its
 * owner notes on it.
 */

import type { Direction, Hello, PeerRef, SenderRef } from '../../core/index.ts'
import type { Encoded } from '../codec/index.ts'
import type { ByteBudget } from '../wire/index.ts'
import { closingError, codeOf, faultError } from './connection-error.ts'
import { PING_TEXT, PONG_TEXT, type Socket, type SocketEnding, type SocketOpener } from './socket.ts'

/** Who is told what happens. Calls come from socket events or a sweep, never from inside a method of the connection. */
export interface ConnectionOwner {
  /** A dialled connection is open. */
  onOpen(connection: Connection): void
  /** A message arrived. */
  onMessage(connection: Connection, message: Encoded): void
  /** Something left; there may be room again. */
  onSent(connection: Connection): void
  /** It cannot go on. Told at most once, before `onClosed`, and not when it was ended on purpose. */
  onFailed(connection: Connection, error: Error): void
  /** The socket is gone. */
  onClosed(connection: Connection): void
}

/** What all connections of a transport share. */
export interface ConnectionShared {
  readonly messageBytesMax: number
  /** Bytes on their way out. */
  readonly outbound: ByteBudget
  /** Monotonic time, ms. */
  readonly now: () => number
  /** Whether this node says who it is, and so expects the same of others. */
  readonly isIntroduced: () => boolean
  /** A connection holds more or less of a message that is still arriving. */
  readonly onPending: (connection: Connection, addedBytes: number) => void
}

/** What a connection is made of. */
export interface ConnectionFacts {
  /** Who dialled. */
  readonly direction: Direction
  /** Where it comes from, or where it is to lead. */
  readonly peer: PeerRef
  readonly open: SocketOpener
}

/** Bytes that may wait in a socket before more is held back: enough to keep it busy, little enough to lose. */
export const SOCKET_BYTES_MAX: number = 256 * 1_024

/** The reasons of a closing handshake that is nobody's fault. */
export const CLOSE_NORMAL = 1_000
/** Closed since this side goes away. */
export const CLOSE_AWAY = 1_001

type State = 'opening' | 'open' | 'closing' | 'closed'

/** One connection. */
export class Connection {
  readonly direction: Direction
  /** When it was dialled or accepted, and then when it opened. */
  openedMs: number
  /** The other side, once it said who it is. */
  remote: SenderRef | undefined
  /** The other side's hello, once accepted. */
  hello: Hello | undefined
  /** Whether our hello was sent. */
  saidHello = false
  /** Whether a message of the other side could be read. */
  hasSpoken = false
  /** When the connection opened, or anything last arrived. */
  lastReadMs: number
  /** When a message last came or went. */
  lastMessageMs: number
  /** Since when a sign of life is awaited. */
  pingedMs: number | undefined
  /** Since when it is closing. */
  closingMs: number | undefined
  /** Since when nothing has left although something waits. */
  blockedSinceMs: number | undefined
  /** Bytes of a message that is still arriving. */
  pendingBytes = 0

  readonly #dialledPeer: PeerRef
  readonly #owner: ConnectionOwner
  readonly #shared: ConnectionShared
  readonly #socket: Socket
  #state: State
  #heldBytes = 0
  #isMuted = false

  constructor(facts: ConnectionFacts, owner: ConnectionOwner, shared: ConnectionShared) {
    this.direction = facts.direction
    this.#dialledPeer = facts.peer
    this.#owner = owner
    this.#shared = shared
    this.openedMs = shared.now()
    this.lastReadMs = this.openedMs
    this.lastMessageMs = this.openedMs
    this.#state = facts.direction === 'inbound' ? 'open' : 'opening'
    this.#socket = facts.open({
      onOpen: () => this.#onOpen(),
      onMessage: (message) => this.#onMessage(message),
      onAlive: () => this.#onAlive(),
      onPending: (bytes) => this.#onPending(bytes),
      onSent: () => this.#onSent(),
      onFault: (fault, cause) => this.fail(faultError(this, { fault, cause, bytesMax: shared.messageBytesMax })),
      onClosed: (ending) => this.#onClosed(ending),
    })
  }

  /** The other side, as far as it is known. */
  get peer(): PeerRef {
    return this.remote ?? this.#dialledPeer
  }

  get state(): State {
    return this.#state
  }

  /** Whether nothing more is read from it. */
  get isMuted(): boolean {
    return this.#isMuted
  }

  /** Whether messages may go both ways: it is open and, where this node says who it is, both sides have. */
  get isReady(): boolean {
    if (this.#state !== 'open') return false
    return !this.#shared.isIntroduced() || (this.hello !== undefined && this.saidHello)
  }

  /** Whether more can be sent without piling up, here or in all connections together. */
  get hasRoom(): boolean {
    this.#settle()
    return this.#heldBytes < SOCKET_BYTES_MAX && this.#shared.outbound.hasRoom(0)
  }

  /**
   * Sends a message; ignored unless open.
   *
   * @param bytes - its size
   */
  send(message: Encoded, bytes: number): void {
    if (this.#state !== 'open') return
    this.lastMessageMs = this.#shared.now()
    this.#heldBytes += bytes
    this.#shared.outbound.add(bytes)
    this.#socket.send(message)
    this.#settle()
  }

  /** Asks the other side for a sign of life. */
  ping(): void {
    this.pingedMs = this.#shared.now()
    this.#socket.ping()
  }

  /** Begins the closing handshake. What was sent before leaves, and what still comes is read. */
  end(code: number, reason: string): void {
    if (this.#state !== 'open' && this.#state !== 'opening') return
    const wasOpen = this.#state === 'open'
    this.#state = 'closing'
    this.closingMs = this.#shared.now()
    if (wasOpen) this.#socket.close(code, reason)
    else this.#socket.destroy()
  }

  /** Ignores all that arrives from now on. */
  mute(): void {
    this.#isMuted = true
  }

  /** Tells the owner why it cannot go on, and closes it with that reason. */
  fail(error: Error): void {
    if (this.#state === 'closing' || this.#state === 'closed') return
    this.mute()
    const { close, reason } = codeOf(error)
    this.end(close, reason)
    this.#owner.onFailed(this, error)
  }

  /** Tells the owner why it cannot go on, and drops it with all that has arrived. */
  drop(error: Error): void {
    this.fail(error)
    this.destroy()
  }

  /** Drops the socket. `onClosed` follows. */
  destroy(): void {
    if (this.#state === 'closed') return
    this.mute()
    this.#state = 'closing'
    this.closingMs ??= this.#shared.now()
    this.#socket.destroy()
  }

  #onOpen(): void {
    if (this.#state !== 'opening') return
    this.#state = 'open'
    this.#onAlive()
    this.openedMs = this.lastReadMs
    this.lastMessageMs = this.lastReadMs
    this.#owner.onOpen(this)
  }

  #onMessage(message: Encoded): void {
    this.#onAlive()
    if (this.#isMuted || this.#state === 'closed' || message === PONG_TEXT) return
    if (message === PING_TEXT) {
      // Whoever asks without reading the answers gets no more of them.
      if (this.#state === 'open' && this.#socket.bufferedBytes < SOCKET_BYTES_MAX) this.#socket.send(PONG_TEXT)
      return
    }
    this.lastMessageMs = this.lastReadMs
    this.#owner.onMessage(this, message)
  }

  #onAlive(): void {
    this.lastReadMs = this.#shared.now()
    this.pingedMs = undefined
  }

  #onPending(bytes: number): void {
    const addedBytes = bytes - this.pendingBytes
    this.pendingBytes = bytes
    if (addedBytes !== 0) this.#shared.onPending(this, addedBytes)
  }

  #onSent(): void {
    this.#settle()
    if (this.#state === 'open') this.#owner.onSent(this)
  }

  #onClosed(ending: SocketEnding): void {
    const state = this.#state
    this.#state = 'closed'
    this.#onPending(0)
    this.#release(0)
    const error = state === 'closing' ? undefined : closingError(this, state === 'open', ending)
    if (error !== undefined) this.#owner.onFailed(this, error)
    this.#owner.onClosed(this)
  }

  /** What the socket no longer holds counts no more. */
  #settle(): void {
    if (this.#state === 'closed') return
    const buffered = Math.min(this.#heldBytes, this.#socket.bufferedBytes)
    if (buffered < this.#heldBytes) {
      this.#release(buffered)
      this.blockedSinceMs = undefined
    }
    if (this.#heldBytes === 0) this.blockedSinceMs = undefined
    else this.blockedSinceMs ??= this.#shared.now()
  }

  #release(heldBytes: number): void {
    this.#shared.outbound.remove(this.#heldBytes - heldBytes)
    this.#heldBytes = heldBytes
  }
}
