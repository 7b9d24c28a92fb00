/**
 * What this node remembers of each old peer it has dealings with, beyond what the engine knows of every peer: when its
 * state was last reset here, what it was asked, what it claimed.
 */

import type { Peer } from '../membership/index.ts'
import { CopyAudit } from './copy-audit.ts'
import { hasArrived, type Moment } from './recent-asks.ts'

/** Claims in succession that a peer has started again. One may be old news that was overtaken. */
const CLAIMS_MIN = 2

/** One old peer, or one that has begun to look like it. */
export class OldPeer {
  readonly audit: CopyAudit = new CopyAudit()
  /** The version it last claimed of this node. */
  claimOfMe = 0
  /** Digests without a generation, in succession, from an id that is known to run this package. */
  #unmarked = 0
  /** Digests in succession that claim less than is held. */
  #lower = 0
  #generation: number | undefined
  #resetAt: Moment
  #isAsked = false
  #beatAtRound = -1

  /** @param startedAt - when this node started: what it was sent in its former life may still be under way */
  constructor(startedAt: Moment) {
    this.#resetAt = startedAt
  }

  /**
   * To be called before anything else is asked of this record: notes whether the engine has begun another life of the
   * peer, by whatever news.
   */
  look(peer: Peer | undefined, at: Moment): void {
    if (peer === undefined || !peer.isOld || peer.generation === this.#generation) return
    if (this.#generation !== undefined) this.#resetAt = at
    this.#generation = peer.generation
    this.#isAsked = false
    this.#unmarked = 0
    this.#lower = 0
    this.audit.restart()
  }

  /** Whether answers to digests of before the last reset may still be under way. */
  isUnsettled(at: Moment): boolean {
    return !hasArrived(this.#resetAt, at)
  }

  /** Whether what it says of its own keys answers what it was asked in this life. */
  get isReadable(): boolean {
    return this.#isAsked
  }

  /** The version to list it at in a digest to itself. */
  versionToAsk(peer: Peer, at: Moment): number {
    this.look(peer, at)
    if (!this.isUnsettled(at)) this.#isAsked = true
    return this.audit.versionToAsk(peer.map, at)
  }

  /** Takes note of a digest without generation; whether there were enough of them to take the peer for old. */
  noteUnmarked(): boolean {
    return ++this.#unmarked >= CLAIMS_MIN
  }

  /**
   * Takes note of its own version; whether it has claimed less than is known to exist so often, and so long after the
   * copy last grew, that it must have started again.
   */
  noteClaim(version: number, { map }: Peer, at: Moment): boolean {
    this.#lower = version < map.top ? this.#lower + 1 : 0
    return this.#lower >= CLAIMS_MIN && this.audit.isSettled(map, at)
  }

  /** Whether its heartbeat may rise now that it was heard: once per round of this node. */
  beat(at: Moment): boolean {
    if (this.#beatAtRound === at.rounds) return false
    this.#beatAtRound = at.rounds
    return true
  }
}

/** A bounded table; at the bound, what was used longest ago goes. */
export class OldPeers {
  readonly #sizeMax: number
  readonly #peers = new Map<string, OldPeer>()
  #startedAt: Moment | undefined

  /** @param sizeMax - records kept, an integer >= 1 */
  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax
  }

  /** Takes note of when this node was first heard or spoke; only the first call counts. */
  begin(at: Moment): void {
    this.#startedAt ??= at
  }

  get(id: string): OldPeer | undefined {
    return this.#peers.get(id)
  }

  /** The record of a peer, begun if there is none. */
  at(id: string, at: Moment): OldPeer {
    const record = this.#peers.get(id) ?? new OldPeer(this.#startedAt ?? at)
    this.#peers.delete(id)
    this.#peers.set(id, record)
    if (this.#peers.size > this.#sizeMax) this.#peers.delete(this.#peers.keys().next().value as string)
    return record
  }

  /** It has spoken the engine's dialect. */
  forget(id: string): void {
    this.#peers.delete(id)
  }
}
