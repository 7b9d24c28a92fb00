/** What can go wrong between somebody who asks the owner of a key and those who might own it. */

import { GossipError } from '../../core/index.ts'

/** Why forwarding fails on this side; what the owner's handler throws comes as a `RemoteError` of messaging. */
export type ForwardErrorCode =
  /** Whoever was asked does not own the key, as it sees the ring, until there were no attempts left. */
  | 'GOSSIP_NOT_OWNER'
  /** No answer in time. */
  | 'GOSSIP_REQUEST_TIMEOUT'
  /** Too much is being forwarded already. Nobody was asked. */
  | 'GOSSIP_REQUEST_LIMIT'
  /** The name has a handler already; too many names have. */
  | 'GOSSIP_HANDLER_TAKEN'
  | 'GOSSIP_HANDLER_LIMIT'
  /** The owner handles nothing under that name. */
  | 'GOSSIP_HANDLER_UNKNOWN'
  /** A peer sent something that is no forwarded request, or no answer to one; its session was ended. */
  | 'GOSSIP_FORWARD_MALFORMED'
  /** This forwarder is closed. */
  | 'GOSSIP_FORWARDER_CLOSED'

/** Facts of a {@link ForwardError}. */
export interface ForwardFacts {
  readonly peer?: string | undefined
  readonly owner?: string | undefined
  readonly attempts?: number
  readonly isUndone?: boolean
  readonly cause?: unknown
}

/** Trouble on this side. */
export class ForwardError extends GossipError {
  override readonly name = 'ForwardError'
  override readonly code: ForwardErrorCode
  /** Who was asked last, or who asked. */
  readonly peer: string | undefined
  /** Whom that peer takes for the owner, where it has said so. */
  readonly owner: string | undefined
  /** How many times somebody was asked. */
  readonly attempts: number
  /** It is certain that nobody has carried it out, so that asking again does no harm. */
  readonly isUndone: boolean

  constructor(code: ForwardErrorCode, message: string, facts: ForwardFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = code
    this.peer = facts.peer
    this.owner = facts.owner
    this.attempts = facts.attempts ?? 0
    this.isUndone = facts.isUndone ?? true
  }
}
