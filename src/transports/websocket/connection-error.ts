/** What ends a connection, as the project tells it: with a code, the peer and the way it was going; and in its last word. */

import { type Direction, GossipError, MalformedMessageError, type PeerRef, TransportError } from '../../core/index.ts'
import type { SocketEnding } from './socket.ts'

/** The connection an error is about. */
export interface ErrorFacts {
  readonly peer: PeerRef
  readonly direction: Direction
}

/** The codes of closing handshakes that nobody has to be told of; 4001 is how a browser says 1001. */
const QUIET_CODES: readonly number[] = [1_000, 1_001, 1_005, 4_001]

/** What the standard has no better code for than "policy". */
const CLOSE_POLICY = 1_008
const CLOSE_TOO_LARGE = 1_009

/**
 * What to tell of a connection that was ended by the other side, or by the network.
 *
 * @param wasOpen - whether it was ever open
 * @returns undefined if it was ended properly
 */
export function closingError(facts: ErrorFacts, wasOpen: boolean, ending: SocketEnding): Error | undefined {
  const { peer, direction } = facts
  const { code, reason, error: cause } = ending
  if (cause instanceof GossipError) return Object.assign(cause, { peer })
  if (wasOpen && isQuiet(code)) return undefined
  const because = reason === '' ? (cause?.message ?? `code ${code}`) : `${code}, ${reason}`
  return wasOpen
    ? new TransportError('GOSSIP_CONNECTION_LOST', `the connection ended: ${because}`, { peer, direction, cause })
    : new TransportError('GOSSIP_CONNECT_FAILED', `the connection did not open: ${because}`, { peer, direction, cause })
}

/** Whether a connection was ended properly. */
export function isQuiet(code: number): boolean {
  return QUIET_CODES.includes(code)
}

/** What to tell of bytes that are no message, or are too many. */
export function faultError(
  { peer }: ErrorFacts,
  { fault, cause, bytesMax }: { readonly fault: 'length' | 'form'; readonly cause: Error; readonly bytesMax: number },
): Error {
  if (fault === 'form') return Object.assign(new MalformedMessageError(cause.message, peer), { cause })
  const problem = `a message is longer than the limit of ${bytesMax} bytes`
  return new TransportError('GOSSIP_FRAME_TOO_LARGE', problem, { peer, direction: 'inbound', cause })
}

/** What a connection is closed with, so that the other side can say why. */
export function codeOf(error: Error): { readonly close: number; readonly reason: string } {
  const reason = error instanceof GossipError ? error.code : ''
  return { close: reason === 'GOSSIP_FRAME_TOO_LARGE' ? CLOSE_TOO_LARGE : CLOSE_POLICY, reason }
}
