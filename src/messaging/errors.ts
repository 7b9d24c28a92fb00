/** What can go wrong between two messengers: on this side, and on the other one. */

import { GossipError } from '../core/index.ts'

/** Why this side refuses or gives up. */
export type MessagingErrorCode =
  /** The transport has no sessions, or no datagrams; nothing was sent. */
  | 'GOSSIP_SESSIONS_UNSUPPORTED'
  | 'GOSSIP_DATAGRAMS_UNSUPPORTED'
  /** No peer of that name is known here; nothing was sent. */
  | 'GOSSIP_PEER_UNKNOWN'
  /** There was no answer in time. The other side may have done it all the same. */
  | 'GOSSIP_REQUEST_TIMEOUT'
  /** Too many requests wait for answers, on this side or on the other. */
  | 'GOSSIP_REQUEST_LIMIT'
  /** Every peer that was asked has failed; `errors` says how. */
  | 'GOSSIP_PEERS_FAILED'
  /** It fits no frame of the session: a stream carries any size. Nothing was sent. */
  | 'GOSSIP_PAYLOAD_TOO_LARGE'
  /** Too much waits for the peer to read; nothing was sent. */
  | 'GOSSIP_QUEUE_FULL'
  /** The session ended, so no answer will come. The other side may have done it all the same. */
  | 'GOSSIP_SESSION_CLOSED'
  /** The name has a handler already. */
  | 'GOSSIP_HANDLER_TAKEN'
  /** Too many names have handlers. */
  | 'GOSSIP_HANDLER_LIMIT'
  /** Nobody handles that name there. */
  | 'GOSSIP_HANDLER_UNKNOWN'
  /** The handler threw something without a code. */
  | 'GOSSIP_HANDLER_FAILED'
  /** The port is open already; it is not open; its mode does not allow that. */
  | 'GOSSIP_PORT_TAKEN'
  | 'GOSSIP_PORT_CLOSED'
  | 'GOSSIP_SERVICE_MODE'
  /** One of the two is in a pair already; it does not pair with this peer; the pair is over. */
  | 'GOSSIP_PAIR_BUSY'
  | 'GOSSIP_PAIR_REFUSED'
  | 'GOSSIP_PAIR_ENDED'
  /** A stream was not opened in time. */
  | 'GOSSIP_STREAM_TIMEOUT'
  /** There is a messenger on this transport, or it was closed. */
  | 'GOSSIP_MESSENGER_EXISTS'
  | 'GOSSIP_MESSENGER_CLOSED'
  /** The worker of the handler has ended, or has no such handler. What it was asked may have been done. */
  | 'GOSSIP_WORKER_FAILED'
  /** Too many calls wait for the worker of the handler; it was not called. */
  | 'GOSSIP_WORKER_BUSY'
  /** Handlers cannot have workers here: that needs Node. */
  | 'GOSSIP_WORKERS_UNSUPPORTED'
  /** A peer sent something that is no message; its session was ended. */
  | 'GOSSIP_FRAME_MALFORMED'

/** Trouble on this side; the doc of each code says what was done. */
export class MessagingError extends GossipError {
  override readonly name: string = 'MessagingError'
  override readonly code: MessagingErrorCode
  /** The id of the other side, where it is about one. */
  readonly peer: string | undefined
  /** What the peers that were asked have failed with, in their order. */
  readonly errors: readonly unknown[]

  constructor(
    code: MessagingErrorCode,
    message: string,
    facts: { readonly peer?: string | undefined; readonly cause?: unknown; readonly errors?: readonly unknown[] } = {},
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = code
    this.peer = facts.peer
    this.errors = facts.errors ?? []
  }
}

/** The other side answered with a failure: the code and the message are what its handler threw, or why it has none. */
export class RemoteError extends GossipError {
  override readonly name = 'RemoteError'
  override readonly code: string
  /** Who answered. */
  readonly peer: string

  constructor(code: string, message: string, peer: string) {
    super(message)
    this.code = code
    this.peer = peer
  }
}

/** A handler in a worker of this node threw: its code and message. */
export class WorkerError extends GossipError {
  override readonly name = 'WorkerError'
  override readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** Longest code of a failure, characters. */
export const CODE_UNITS_MAX = 64

/** Whether a text can be a code: capitals as in `ACME_STOCK_EMPTY`, at most {@link CODE_UNITS_MAX}. */
export function isCode(value: unknown): value is string {
  return typeof value === 'string' && value.length <= CODE_UNITS_MAX && /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(value)
}

/** The code of anything thrown, where it has one that can travel. */
export function codeOf(thrown: unknown, otherwise: string): string {
  const { code } = Object(thrown) as { code?: unknown }
  return isCode(code) ? code : otherwise
}

/** What anything thrown says of itself. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** A rejection reason as an error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
