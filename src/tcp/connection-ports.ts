/** What a connection is made with, and whom it tells: `C` is the connection, which these interfaces need not know. */

import type { ByteBudget } from '../transports/index.ts'
import type { Security } from './security.ts'
import type { Turn } from './turn-reader.ts'

/**
 * What a connection was made for: any inbound one; a lasting one; a single message or rpc payload, ended at once; a
 * transfer in bulk.
 */
export type Purpose = 'inbound' | 'lane' | 'one-shot' | 'rpc' | 'bulk'

/** Takes the bytes of a connection in place of its reader of lines. */
export interface Diversion {
  onBytes(chunk: Uint8Array): void
  /** The other side will send no more. */
  onEnd(): void
  /** The socket is gone, whether or not the end came. */
  onClosed(): void
}

/** Who is told what happens. Calls come from socket events, never from inside a method of the connection. */
export interface OwnerOf<C> {
  /** A line arrived. */
  onLine(connection: C, value: unknown): void
  /**
   * Its first bytes are those of a session. Absent: sessions are not looked for.
   *
   * @param head - all that has arrived
   * @returns whether the owner has taken the socket, by `handOver`; else it carries lines
   */
  onSession?(connection: C, head: Uint8Array): boolean
  /** What was written has left; there is room again. */
  onDrain(connection: C): void
  /** The other side will send no more; every line it sent was told. */
  onRemoteEnd(connection: C): void
  /** It cannot go on. Told at most once, before `onClosed`, and not after `destroy()`. */
  onFailed(connection: C, error: Error): void
  /** The socket is gone. */
  onClosed(connection: C): void
}

/** What all connections of a transport share. */
export interface SharedBy<C> {
  readonly frameBytesMax: number
  /** What unfinished inbound lines hold. */
  readonly inbound: ByteBudget
  /** What is on its way out. */
  readonly outbound: ByteBudget
  /** Monotonic time, ms. */
  readonly now: () => number
  /** Decides when a connection may be used, and by whom. */
  readonly security: Security
  /** Called when unfinished lines may hold more than the budget. */
  readonly onInboundFull: () => void
  /** Called after something was read. */
  readonly onRead: (connection: C, turn: Turn) => void
}
