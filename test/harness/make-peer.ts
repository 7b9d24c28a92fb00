/** A remote peer as the membership tests need it: at rest, with a detector of the default figures. */

import { type Instant, Peer, type PeerStatus, PeerTable, PhiDetector } from '../../src/core/membership/index.ts'

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
  const table = new PeerTable(detector.createWindows())
  table.reserve(['peer', 'teller'])
  const row = table.rowOf('peer')
  const viaRow = table.rowOf('teller')
  table.create(row, { generation: 1, heartbeat, transport: undefined, adoptedAtBeat: 0, viaRow, now: 0, active: 0 })
  // Tests look at both clocks.
  table.partClocks()
  const peer = new Peer(table, 'peer')
  peer.status = status
  return peer
}
