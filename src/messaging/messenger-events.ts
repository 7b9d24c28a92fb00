/** The events of a messenger. Listeners run synchronously; what one throws harms nobody and is an `error`. */

import type { GossipError, JsonValue, Session } from '../core/index.ts'
import type { Pair, PairEnd } from './pairs.ts'

/** What a plug-in notes for people. */
export interface PluginLogEntry {
  readonly plugin: string
  readonly text: string
  readonly facts: JsonValue | undefined
}

/** Names and listeners. */
export interface MessengerEvents {
  /** A session with a peer began, whoever opened it: `session.direction` says. */
  connect: (session: Session) => void
  /** A session ended, and everything pending on it has failed. Without an error it was ended on purpose. */
  disconnect: (session: Session, error: GossipError | undefined) => void
  /** This node is in a pair now, whoever asked. */
  pair: (pair: Pair) => void
  /** The pair of this node is over. */
  unpair: (pair: Pair, end: PairEnd) => void
  /** A plug-in notes something. */
  log: (entry: PluginLogEntry) => void
  /** Something went wrong that nobody waits for: match `code`. Counted, never thrown, when nobody listens. */
  error: (error: Error) => void
}
