/** A failure of a connection as the project tells it: with a code, the peer and the way it was going. */

import { FrameTooLargeError, MalformedMessageError, TransportError } from '../core/index.ts'
import type { Connection } from './connection.ts'

/**
 * What to tell of a failure.
 *
 * @param error - from the socket, or from what read it
 */
export function connectionError(connection: Connection, error: Error): Error {
  if (error instanceof FrameTooLargeError) {
    return new FrameTooLargeError(error.bytes, error.bytesMax, { peer: connection.peer, direction: error.direction })
  }
  if (error instanceof MalformedMessageError) return withPeer(error, connection.peer)
  if (error instanceof TransportError) return error
  const code = connection.wasOpened ? 'GOSSIP_CONNECTION_LOST' : 'GOSSIP_CONNECT_FAILED'
  const { peer, direction } = connection
  return new TransportError(code, described(error), { peer, direction, cause: error })
}

/** A reader of messages does not know whose they are; the connection does. */
function withPeer(error: MalformedMessageError, peer: unknown): MalformedMessageError {
  return error.peer === undefined ? Object.assign(error, { peer }) : error
}

/** Where a name has several addresses, the failure of all of them has no text of its own. */
function described(error: Error): string {
  if (error.message !== '' || !(error instanceof AggregateError)) return error.message
  return error.errors.map((each: unknown) => (each instanceof Error ? each.message : String(each))).join('; ')
}
