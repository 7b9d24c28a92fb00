/**
 * The events of an outbox, of messages of former lives too. Each comes once in a life, after the message has left the
 * waiting ones. Trouble that is about no message of its own is an `error` of the messenger.
 */

import type { OutboxError } from './errors.ts'
import type { OutboxMessage } from './letter.ts'

/** Names and listeners. */
export interface OutboxEvents {
  /** The other side has handled a message, and said so. */
  delivered: (message: OutboxMessage) => void
  /** A message will not be tried again by itself; it is kept or gone, as `undeliverable` of the options says. */
  undeliverable: (message: OutboxMessage, error: OutboxError) => void
  /** A message was not acknowledged in its time, and is gone. */
  expired: (message: OutboxMessage, error: OutboxError) => void
}
