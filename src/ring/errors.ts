/** What a ring refuses with a code of its own. */

import { GossipError } from '../core/index.ts'

/** Nobody is responsible: `isMember` lets nobody in, or the ring has ended. Thrown by lookups; nothing was changed. */
export class RingEmptyError extends GossipError {
  override readonly name = 'RingEmptyError'
  override readonly code = 'GOSSIP_RING_EMPTY'

  /** Nobody ever will be: the ring or its node has ended. */
  readonly isFinal: boolean

  /** @param reason - why there is nobody */
  constructor(reason: string, isFinal: boolean) {
    super(`nobody is responsible: ${reason}`)
    this.isFinal = isFinal
  }
}
