/** The end of a first-generation process: what it was told made it throw where nobody catches. */

import { GossipError } from '../../core/index.ts'

/**
 * A node of the first generation would have ended its process here. Thrown by the call in which that happens; the peer
 * is dead from then on, and nothing of what that call was about to send has left.
 */
export class OldPeerCrashedError extends GossipError {
  override readonly name = 'OldPeerCrashedError'
  override readonly code = 'GOSSIP_SIM_OLD_PEER_CRASHED'
  /** The id of the peer that died. */
  readonly peerId: string
  /** What it was doing: a round, or taking in a digest or deltas. */
  readonly during: 'round' | 'digest' | 'deltas'

  constructor(peerId: string, during: OldPeerCrashedError['during'], cause: Error) {
    super(`the first-generation peer ${JSON.stringify(peerId)} ended at its ${during}: ${cause.message}`, { cause })
    this.peerId = peerId
    this.during = during
  }
}
