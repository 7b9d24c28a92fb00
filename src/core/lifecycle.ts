/** The states of a node's life, and what is said to a call that comes at the wrong time. */

import { LifecycleError } from './errors.ts'

/** A node goes through these in order; `starting` may be skipped to `closing`. */
export type Phase = 'new' | 'starting' | 'started' | 'closing' | 'closed'

/** Refuses to go on when the embedder has raised the signal. */
export function assertNotAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new LifecycleError('GOSSIP_ABORTED', 'start was aborted')
}

/** Why a call is refused in this phase. */
export function lifecycleError(phase: Phase): LifecycleError {
  if (phase === 'new')
    return new LifecycleError('GOSSIP_NODE_NOT_STARTED', 'this node has not started: call start() first')
  if (phase === 'starting' || phase === 'started')
    return new LifecycleError('GOSSIP_NODE_STARTED', 'this node has started already')
  return new LifecycleError('GOSSIP_NODE_CLOSED', 'this node is closed: make a new one')
}
