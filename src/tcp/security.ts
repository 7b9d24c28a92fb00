/**
 * How the connections of a transport come to be trusted. There are two ways, plain text on one machine and TLS; the rest
 * of the transport asks this interface and never which of them it is.
 */

import type { X509Certificate } from 'node:crypto'
import type { Server, Socket } from 'node:net'
import type { Direction, PeerRef } from '../core/index.ts'
import type { TcpAddress } from './address.ts'
import type { RefusalError } from './refusal.ts'

/** A connection as far as its security goes. */
export interface SecuredConnection {
  readonly direction: Direction
  readonly peer: PeerRef | undefined
  /** What the other side has proven to hold the key of. */
  peerCertificate: X509Certificate | undefined
  /** Keeps back all that is written, the end included, until `release()` or `refuse()`. */
  hold(): void
  /** The other side is who it should be: sends what was kept back. */
  release(): void
  /** Sends nothing of what was kept back, says why, and ends. Told by the owner's `onFailed`. */
  refuse(error: RefusalError): void
  /** Tells the owner, and destroys it. */
  fail(error: Error): void
}

/** Where connections come in. */
export interface Door {
  /** To be bound and closed by the listener. */
  readonly server: Server
  /** Drops whoever stands in the door, neither in nor out. */
  dispose(): void
}

/** What a door is made with. */
export interface DoorOptions {
  /** Bytes that a socket reads ahead. */
  readonly highWaterMark: number
  /** How long a newcomer may take to show who he is, ms. */
  readonly handshakeTimeoutMs: number
  /** Monotonic time, ms. */
  readonly now: () => number
  /** Whether nobody is let in from an IP address at present, and nothing of him is to be read. */
  readonly isClosedTo: (address: string) => boolean
  /** Called with every socket that can be read. */
  readonly onSocket: (socket: Socket) => void
  readonly tellError: (error: Error) => void
}

/** One transport's security. */
export interface Security {
  /** Whether peers of the first generation may be met, so that what an address speaks has to be found out. */
  readonly findsDialects: boolean
  /**
   * Whether connections may be accepted at a host.
   *
   * @throws {InvalidOptionError} the host is no address of this machine alone, and neither TLS nor `plainText` was given
   */
  assertMayListenAt(host: string): void
  /**
   * Makes a door.
   *
   * @throws {CertificateError} `GOSSIP_CERTIFICATE_EXPIRED`: nobody would let this node in
   */
  createDoor(options: DoorOptions): Door
  /** Opens a socket; whatever stands against it is told as the socket's `error`. */
  dial(address: TcpAddress, writableHighWaterMark: number): Socket
  /** Called once with every new connection: decides when it may be used. */
  admit(connection: SecuredConnection, socket: Socket): void
  /**
   * Looks at a line before anybody reads it.
   *
   * @returns whether it may be read; if not, it cost its sender the connection
   */
  screen(connection: SecuredConnection, value: unknown): boolean
  /** Looks at the first bytes of a connection, as {@link Security.screen}. */
  screenStart(connection: SecuredConnection, bytes: Uint8Array): boolean
  /** An error of a socket as the project tells it. */
  explain(connection: SecuredConnection, error: Error): Error
  /** Lets go of every handle. */
  close(): void
}
