/** A remote peer as the membership tests need it: at rest, with a detector of the default figures. */

import { type Instant, Peer, type PeerStatus, PhiDetector } from '../../src/core/membership/index.ts'

/** The detector of DESIGN 6: prior of 1 s, phi 8. */
export const detector: PhiDetector = new PhiDetector({
  deadPeerPhi: 8,
  phiModel: 'exponential',
  samplingWindowSize: 1_000,
  initialIntervalMs: 1_000,
  maxIntervalMs: 10_000,
})

/** A moment of a process that never stalled. */
export function moment(now: number): Instant {
  return { now, active: now }
}

/** A peer of generation 1 that was discovered at time 0. */
export function makePeer(facts: { heartbeat?: number; status?: PeerStatus } = {}): Peer {
  const { heartbeat = 5, status = 'unproven' } = facts
  const window = detector.createWindow()
  const peer = new Peer({ id: 'peer', generation: 1, heartbeat, window, adoptedAtBeat: 0 }, 'teller', moment(0))
  peer.status = status
  return peer
}
