/** How a transfer in bulk begins: with an offer on a connection of its own, if there is an address and room for it. */

import { type BulkSource, type Hello, type PeerRef, type SenderRef, TransportError } from '../core/index.ts'
import { bulkOfferLine } from '../transports/index.ts'
import { findAddress } from './address.ts'
import { BulkSending } from './bulk-sending.ts'
import { DIAL_BYTES } from './connection.ts'
import { connectionLimit, type Pool } from './pool.ts'
import type { Replies } from './replies.ts'

/** What is offered, and to whom. */
export interface BulkProposal {
  readonly remotePeer: PeerRef
  readonly localPeer: SenderRef
  readonly source: BulkSource
}

/** What an offer needs of its transport. */
export interface BulkOfferPorts {
  readonly pool: Pool
  readonly replies: Replies
  readonly tellHello: (sender: SenderRef, hello: Hello) => void
}

/**
 * Dials and offers.
 *
 * @param own - what this node says of itself; undefined for one that was not introduced, or is closed
 * @returns why nothing was offered; undefined if it was
 */
export function offerBulk(
  { remotePeer, localPeer, source }: BulkProposal,
  own: { readonly hello: Hello; readonly text: string } | undefined,
  { pool, replies, tellHello }: BulkOfferPorts,
): TransportError | undefined {
  const address = findAddress((remotePeer as PeerRef | undefined | null)?.transport)
  const facts = { peer: remotePeer, direction: 'outbound' } as const
  if (own === undefined || address === undefined) {
    const problem = 'a transfer needs an address, and a transport that was introduced and is open'
    return new TransportError('GOSSIP_ADDRESS_MALFORMED', problem, facts)
  }
  const line = bulkOfferLine(localPeer, own.text, source.about)
  const bytes = Buffer.byteLength(line)
  if (!replies.affords(address, remotePeer.id, bytes + DIAL_BYTES)) {
    return new TransportError('GOSSIP_REPLY_WITHHELD', 'the peer has not answered at the address it named', facts)
  }
  const connection = pool.dialBulk(remotePeer, address, new BulkSending(source, own.hello, tellHello))
  if (connection === undefined) return connectionLimit(pool.connectionsMax, remotePeer)
  replies.spend(address, remotePeer.id, bytes + DIAL_BYTES)
  connection.send(line, bytes)
  return undefined
}
