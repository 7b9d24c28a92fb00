/** What an `error` event has to be: an error of this library's family, with a code that callers can match. */

import { GossipError, type JsonValue } from '../../core/index.ts'
import { addressDifference, shortText } from './difference.ts'

/**
 * What is wrong with an error as such.
 *
 * @returns words to be read after "expected …;", or undefined if nothing is
 */
export function errorProblem(error: unknown): string | undefined {
  if (!isGossipError(error)) return `what was told was ${described(error)}`
  const { code } = error
  if (isStableCode(code)) return undefined
  return `the code of ${described(error)} was ${shortText(code)}`
}

/**
 * What an error about a message to somebody lacks.
 *
 * @param address - where the message was meant to go
 * @returns words to be read after "expected …;", or undefined if nothing is missing
 */
export function outboundErrorProblem(error: unknown, address: JsonValue): string | undefined {
  const { peer, direction } = Object(error) as { peer?: unknown; direction?: unknown }
  if (direction !== 'outbound') return `the direction of ${described(error)} was ${shortText(direction)}`
  const { transport } = Object(peer) as { transport?: unknown }
  if (addressDifference(address, transport, 'its address') === undefined) return undefined
  return `the peer of ${described(error)} was ${shortText(peer)}`
}

/** An error in a few words. */
export function described(error: unknown): string {
  if (!(error instanceof Error)) return `no Error but ${shortText(error)}`
  const { code } = error as { code?: unknown }
  const shownCode = typeof code === 'string' ? ` ${code}` : ''
  return `${error.name}${shownCode} "${error.message.slice(0, 200)}"`
}

/** The transport may come with a copy of this library of its own, so the name counts too. */
function isGossipError(error: unknown): error is GossipError {
  if (error instanceof GossipError) return true
  if (!(error instanceof Error)) return false
  for (let p: unknown = Object.getPrototypeOf(error); p !== null; p = Object.getPrototypeOf(p)) {
    if ((p as { constructor?: { name?: unknown } }).constructor?.name === 'GossipError') return true
  }
  return false
}

/** A noun and a problem, as in GOSSIP_CONNECT_FAILED; codes of the runtime are not ours to promise. */
function isStableCode(code: unknown): boolean {
  return typeof code === 'string' && /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(code) && !code.startsWith('ERR_')
}
