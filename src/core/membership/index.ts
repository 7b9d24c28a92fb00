export { asTravelled, isSameAddress } from './address.ts'
export { AddressedPeers } from './addressed-peers.ts'
export { ArrivalWindows, type Prior } from './arrival-windows.ts'
export { Column } from './column.ts'
export { hear, judge, type LifeChange, type Rise, rise } from './liveness.ts'
export { before, type Instant, LEFT_HEARTBEAT, type LifeNews, Peer, type PeerStatus, UNHEARD } from './peer.ts'
export { BEATS_MAX, NO_ROW, PeerTable, type RowFacts } from './peer-table.ts'
export { exponentialPhi, normalPhi } from './phi.ts'
export { type Detector, PhiDetector, type PhiOptions } from './phi-detector.ts'
export { type Removal, Removals } from './removals.ts'
export { RowMoves } from './row-moves.ts'
export {
  ADDRESSED_FLAG,
  DEAD,
  KIND_BITS,
  LEFT_KIND,
  LIVE,
  OLD_FLAG,
  REMOVED,
  SELF,
  STALE_FLAG,
  UNPROVEN,
  VACANT,
} from './row-state.ts'
export { StallClock } from './stall-clock.ts'
export { Takeovers } from './takeovers.ts'
export { type Candidates, chooseTargets, type Pickable, type TargetOptions } from './targets.ts'
