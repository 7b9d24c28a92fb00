/** The engine's state, shared by its parts: who I am, whom I know, what I decided, what is to be sent and told. */

import type { JsonValue } from '../json/index.ts'
import { type Detector, type Instant, LEFT_HEARTBEAT, PhiDetector, StallClock, Takeovers } from '../membership/index.ts'
import type { PeerRef } from '../ports.ts'
import { Leases, OwnMap } from '../state/index.ts'
import { type BulkAbility, BulkDesk } from './bulk-desk.ts'
import type { ResolvedEngineOptions } from './options.ts'
import { Outbox } from './outbox.ts'
import { Roster } from './roster.ts'
import { Senders } from './senders.ts'

/** Counters since the start; all only rise. */
export interface EngineStats {
  rounds: number
  digestsSent: number
  digestsReceived: number
  deltasSent: number
  deltasReceived: number
  entriesSent: number
  entriesReceived: number
  groupsRefused: number
  messagesRefused: number
  /** Transfers in bulk that were offered to others, and those of them that failed or were refused. */
  bulksOffered: number
  bulksFailed: number
  /** Transfers in bulk that others offered and that were let in, and those that were not. */
  bulksAdmitted: number
  bulksRefused: number
  takeovers: number
}

/** What an engine is made with. */
export interface EngineSetup extends BulkAbility {
  readonly id: string
  /** This life of the id: above every earlier one. */
  readonly generation: number
  readonly options: ResolvedEngineOptions
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** Largest message of the transport, bytes of JSON. @defaultValue no limit of its own */
  readonly messageBytesMax?: number | undefined
  /** Whether the transport knows a way to a peer. @defaultValue to all that have an address */
  readonly canReach?: ((peer: PeerRef) => boolean) | undefined
}

/** Mutable; every part of the engine works on one of these. */
export class Context {
  readonly id: string
  readonly options: ResolvedEngineOptions
  readonly random: () => number
  readonly detector: Detector
  readonly own: OwnMap
  readonly roster: Roster
  readonly senders: Senders
  readonly leases: Leases = new Leases()
  readonly clock: StallClock = new StallClock()
  readonly takeovers: Takeovers
  readonly outbox: Outbox = new Outbox()
  readonly bulks: BulkDesk
  readonly stats: EngineStats
  readonly deltaBytesMax: number
  readonly digestBytesMax: number
  readonly canReach: ((peer: PeerRef) => boolean) | undefined
  /** Where this node is reached; null until it started. */
  transport: JsonValue = null
  /** Seeds that a former life left. */
  offeredSeeds: readonly PeerRef[] = []
  heartbeat = 0
  nextRoundAt: number = Number.POSITIVE_INFINITY
  /** Nobody is judged before the messages that waited during a stall have been read. */
  judgesFrom: number = Number.NEGATIVE_INFINITY
  /**
   * `new`: the numbers of this life are not final, so nothing is said and nothing heard. `conflict`: another process has
   * this id, so there is no more writing and no more gossip here.
   */
  phase: 'new' | 'running' | 'paused' | 'stopped' | 'conflict' = 'new'
  /** When the pause began that is on. */
  pausedAt: number | undefined
  /** Index of the id at which the next page of the digest starts. */
  pageStart = 0
  /** Rounds a whole digest takes. */
  pages = 1
  /** Peers that know that this node leaves. */
  readonly leaveTakenBy: Set<string> = new Set()
  leaveWanted = 0
  /** When it was last told that there is no room for another peer. */
  fullToldAt: number = Number.NEGATIVE_INFINITY
  /** Peers one of whose entries exceeds a whole message, so that it is reported once. */
  readonly oversizeReported: Set<string> = new Set()

  constructor(setup: EngineSetup) {
    const { options } = setup
    this.id = setup.id
    this.options = options
    this.random = setup.random
    this.detector = new PhiDetector(options)
    this.own = new OwnMap(setup.id, setup.generation)
    this.roster = new Roster(setup.id, this.detector.createWindows(), options.removalsMax)
    this.senders = new Senders(options.peersMax)
    this.takeovers = new Takeovers(options.deadPeerGracePeriodMs)
    const messageBytesMax = setup.messageBytesMax ?? Number.POSITIVE_INFINITY
    this.deltaBytesMax = Math.min(options.deltaBytesMax, messageBytesMax)
    this.digestBytesMax = Math.min(options.digestBytesMax, messageBytesMax)
    this.canReach = setup.canReach
    this.bulks = new BulkDesk(options, setup)
    this.stats = {
      rounds: 0,
      digestsSent: 0,
      digestsReceived: 0,
      deltasSent: 0,
      deltasReceived: 0,
      entriesSent: 0,
      entriesReceived: 0,
      groupsRefused: 0,
      messagesRefused: 0,
      bulksOffered: 0,
      bulksFailed: 0,
      bulksAdmitted: 0,
      bulksRefused: 0,
      takeovers: 0,
    }
  }

  get generation(): number {
    return this.own.map.generation
  }

  /** Whether this node has said goodbye. */
  get hasLeft(): boolean {
    return this.heartbeat === LEFT_HEARTBEAT
  }

  instant(now: number): Instant {
    return { now, active: this.clock.activeAt(now) }
  }

  tellError(error: Error): void {
    this.outbox.tell({ type: 'error', error })
  }
}
