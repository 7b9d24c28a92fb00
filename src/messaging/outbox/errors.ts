/** What becomes of messages in an outbox that are not delivered. */

import { GossipError } from '../../core/index.ts'

/** Why an outbox does not take a message, or will not deliver it. */
export type OutboxErrorCode =
  /** A bound of the outbox is reached; the message was not taken. */
  | 'GOSSIP_OUTBOX_FULL'
  /** The outbox is not open, or was closed. What it had taken is delivered in its next life. */
  | 'GOSSIP_OUTBOX_CLOSED'
  /** The message was not acknowledged in its time, and is gone. It may have been handled all the same. */
  | 'GOSSIP_OUTBOX_EXPIRED'
  /** The other side has refused the message too often, or cannot be sent it; `cause` says why. */
  | 'GOSSIP_OUTBOX_UNDELIVERABLE'
  /** The message was taken back. It may have been handled all the same. */
  | 'GOSSIP_OUTBOX_WITHDRAWN'

/** Trouble with one message of an outbox, or with the outbox; the doc of each code says what was done. */
export class OutboxError extends GossipError {
  override readonly name = 'OutboxError'
  override readonly code: OutboxErrorCode
  /** Whom the message is for, where it is about one. */
  readonly peer: string | undefined
  /** The id of the message, where it is about one. */
  readonly id: string | undefined

  constructor(
    code: OutboxErrorCode,
    message: string,
    facts: { readonly peer?: string | undefined; readonly id?: string | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = code
    this.peer = facts.peer
    this.id = facts.id
  }
}
