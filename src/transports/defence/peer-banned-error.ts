/** What is told once when an address begins to be kept out. */

import { TransportError } from '../../core/index.ts'
import type { Ban } from './reputation.ts'

/** An address broke too many rules, and its connections are dropped unread for a while. The node goes on. */
export class PeerBannedError extends TransportError {
  override readonly name = 'PeerBannedError'
  /** The IPv4 address, or the IPv6 network. */
  readonly address: string
  /** How long, ms. */
  readonly banMs: number
  /** Until when, ms since 1970. */
  readonly untilEpochMs: number

  /** @param cause - the last of its offences */
  constructor(address: string, ban: Ban, cause: Error) {
    const reason = 'code' in cause ? String(cause.code) : cause.message
    super('GOSSIP_PEER_BANNED', `${address} is kept out for ${ban.banMs} ms, lastly for ${reason}`, {
      peer: { transport: address },
      direction: 'inbound',
      cause,
    })
    this.address = address
    this.banMs = ban.banMs
    this.untilEpochMs = Date.now() + ban.banMs
  }
}
