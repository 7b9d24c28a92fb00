/**
 * The line that says why a connection is ended: `{"refusal":{"code","reason"}}`. A side that is turned away would
 * otherwise see no more than an end, and over TLS 1.3 a dialler whose certificate is refused not even that in time.
 */

import { type Direction, isPlainObject, type PeerRef, TransportError } from '../core/index.ts'
import { LINE_END } from '../transports/index.ts'

/** Whom a refusal is about. */
export interface ConnectionSide {
  readonly peer: PeerRef | undefined
  readonly direction: Direction
}

/** What may be refused in this way, and what the other side makes of it. */
const REFUSALS: Readonly<Record<string, string>> = {
  GOSSIP_TLS_EXPECTED: 'the peer does not speak as this node does',
  GOSSIP_CERTIFICATE_REFUSED: 'the peer refuses the certificate of this node',
  GOSSIP_PEER_ID_MISMATCH: 'the peer does not believe the id of this node',
}

/** Longest reason that is passed on, in characters. */
const REASON_CHARS_MAX = 300

/** A refusal, and what the other side may know of its reason. */
export class RefusalError extends TransportError {
  override readonly name = 'RefusalError'
  /** In words that make sense to the other side too. */
  readonly reason: string

  /** @param facts - `problem`: what is refused, from this side's view */
  constructor(
    code: string,
    facts: { readonly problem: string; readonly reason: string; readonly cause?: unknown },
    connection: ConnectionSide,
  ) {
    const { peer, direction } = connection
    super(code, `${facts.problem}: ${facts.reason}`, { peer, direction, cause: facts.cause })
    this.reason = facts.reason
  }
}

/** The line that tells the other side. */
export function refusalLine({ code, reason }: RefusalError): string {
  return `${JSON.stringify({ refusal: { code, reason: reason.slice(0, REASON_CHARS_MAX) } })}${LINE_END}`
}

/**
 * What a line says of a refusal.
 *
 * @param value - any parsed JSON
 * @returns the error to tell; undefined if the line is no refusal
 */
export function refusalBy(connection: ConnectionSide, value: unknown): TransportError | undefined {
  if (!isPlainObject(value) || !isPlainObject(value['refusal'])) return undefined
  const { code, reason } = value['refusal']
  if (typeof code !== 'string' || typeof reason !== 'string' || Object.keys(value).length !== 1) return undefined
  const problem = Object.hasOwn(REFUSALS, code) ? REFUSALS[code] : undefined
  const { peer, direction } = connection
  if (problem === undefined) return undefined
  return new TransportError(code, `${problem}: ${reason.slice(0, REASON_CHARS_MAX)}`, { peer, direction })
}
