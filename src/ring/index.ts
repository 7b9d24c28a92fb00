export { RingEmptyError } from './errors.ts'
export type { MemberChange, RingEvents, RingOwner, RingPeer, RingStatus, StatusChange } from './events.ts'
export type { RingNode, RingOptions } from './options.ts'
export { Ring, type RingStats } from './ring.ts'
