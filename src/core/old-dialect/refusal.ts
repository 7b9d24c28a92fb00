/** What old peers are told, or rather this node's user, where they are not accepted. */

import { RefusedMessageError } from '../errors.ts'
import type { SenderRef } from '../ports.ts'

/** The error of a message in the old dialect. */
export function refusal(remote: SenderRef): RefusedMessageError {
  const problem = 'a message of npm gossipmonger 0.1.x, which may be a neighbour only where acceptOldPeers is true'
  return new RefusedMessageError('GOSSIP_OLD_PEER_REFUSED', problem, remote)
}
