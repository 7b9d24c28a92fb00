/** What the connections of one transport have in common: limits, budgets and the clock. */

import type { ByteBudget } from '../transports/index.ts'
import type { PacedConnection } from './reading-pace.ts'
import type { Security } from './security.ts'
import type { Turn } from './turn-reader.ts'

/** What all connections of a transport share. */
export interface ConnectionShared {
  readonly frameBytesMax: number
  /** What unfinished inbound lines hold. */
  readonly inbound: ByteBudget
  /** What is on its way out. */
  readonly outbound: ByteBudget
  /** Monotonic time, ms. */
  readonly now: () => number
  /** Decides when a connection may be used, and by whom. */
  readonly security: Security
  /** Called when unfinished lines may hold more than the budget. */
  readonly onInboundFull: () => void
  /** Called after something was read. */
  readonly onRead: (connection: PacedConnection, turn: Turn) => void
}
