/** All that holds strangers to their bounds: the door, the pace of reading, and what they are answered. */

import { Guard, type GuardPorts } from './guard.ts'
import type { TcpLimits } from './options.ts'
import { ReadingPace } from './reading-pace.ts'
import { Replies } from './replies.ts'
import type { TcpStats } from './stats.ts'

/** The defences of one transport. */
export class Strangers {
  readonly guard: Guard
  readonly pace: ReadingPace
  readonly replies: Replies

  constructor(limits: TcpLimits & { readonly acceptOldPeers: boolean }, ports: GuardPorts) {
    this.guard = new Guard(limits, ports)
    this.pace = new ReadingPace(limits, ports.now)
    this.replies = new Replies(limits, ports.now, (error) => ports.tellError(error))
  }

  /** What they hold at this moment. */
  get stats(): Pick<TcpStats, 'pausedConnections' | 'offenders' | 'unprovenPeers'> {
    return {
      pausedConnections: this.pace.waiting,
      offenders: this.guard.offenders,
      unprovenPeers: this.replies.unproven,
    }
  }

  /** Reports what has piled up. Worth calling once a second. */
  poll(): void {
    this.replies.poll()
  }

  /** Lets go of its timer. */
  stop(): void {
    this.pace.stop()
  }
}
