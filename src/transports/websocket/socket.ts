/**
 * What the rest of this folder needs of a WebSocket, so that it runs on the platform's own in browsers and on another
 * one elsewhere.
 */

import type { Encoded } from '../codec/index.ts'

/** How a socket ended. */
export interface SocketEnding {
  /** The code of the closing handshake; 1006 if there was none. */
  readonly code: number
  /** What the other side gave as its reason. */
  readonly reason: string
  /** What the runtime says of it, where it does. */
  readonly error?: Error | undefined
}

/** Who is told what happens to a socket. Calls come from events, never from inside a method of the socket. */
export interface SocketOwner {
  /** It is open; told for dialled sockets only. */
  onOpen(): void
  /** A message arrived; bytes are the owner's to keep. */
  onMessage(message: Encoded): void
  /** The other side gave a sign of life that is no message. */
  onAlive(): void
  /** So many bytes of a message have arrived that is not complete yet; told where the platform knows. */
  onPending(bytes: number): void
  /** What was sent has left, or some of it. */
  onSent(): void
  /** What arrived breaks the limit of a message, or the rules of the wire. The socket can only be closed. */
  onFault(fault: 'length' | 'form', cause: Error): void
  /** It is gone. Told once, and nothing after it. */
  onClosed(ending: SocketEnding): void
}

/** A WebSocket. */
export interface Socket {
  /** Bytes that were sent and have not left. */
  readonly bufferedBytes: number
  /** Sends a text or binary message; ignored unless it is open. */
  send(message: Encoded): void
  /** Asks the other side for a sign of life. */
  ping(): void
  /** Lets the other side wait, where the platform can: what has arrived may still be told. */
  pause(): void
  /** Ends a pause. */
  resume(): void
  /** Begins the closing handshake: what was sent before still leaves. */
  close(code: number, reason: string): void
  /** Drops it at once. `onClosed` follows in a later turn. */
  destroy(): void
}

/** Opens or takes over a socket; what it tells goes to the owner. */
export type SocketOpener = (owner: SocketOwner) => Socket

/** What a platform does for a transport. */
export interface Platform {
  /**
   * Dials. Trouble of any kind is told by `onClosed`, in a later turn.
   *
   * @param subprotocol - what both sides have to agree on
   * @param messageBytesMax - longest message to be received, where the platform can enforce it
   */
  dial(url: string, subprotocol: string, messageBytesMax: number): SocketOpener
}

/** A text message that asks for a sign of life where the platform's own ping cannot be used. No JSON text is like it. */
export const PING_TEXT = '?'
/** The answer to {@link PING_TEXT}. */
export const PONG_TEXT = '!'
