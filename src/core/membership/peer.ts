/** One remote peer as this node knows it: its map, its address, and what was heard of its life. */

import type { JsonValue } from '../json/index.ts'
import { jsonBytes, stringBytes } from '../json/index.ts'
import { PeerMap } from '../state/index.ts'
import type { ArrivalWindow } from './arrival-window.ts'

/**
 * `unproven`: heard of, but no heartbeat has risen yet. `live`: heartbeats rise. `dead`: silent for too long.
 * `left`: it said goodbye.
 */
export type PeerStatus = 'unproven' | 'live' | 'dead' | 'left'

/** Beats every heartbeat of its generation: the peer has left. */
export const LEFT_HEARTBEAT: number = Number.MAX_SAFE_INTEGER

/** No heartbeat of this life was heard yet: it is known by a group alone. Heartbeats begin at 1. */
export const UNHEARD = 0

/** The news of one peer's life that an entry of a digest brings. */
export interface LifeNews {
  readonly heartbeat: number
  /** How long the sender has not heard of the peer it holds dead, ms; undefined when it does not hold it dead. */
  readonly silentMs: number | undefined
  /** Who told. */
  readonly via: string
}

/** The two clocks of an input: engine time, and engine time less stalls. */
export interface Instant {
  readonly now: number
  readonly active: number
}

/** Mutable; changed only by the engine. */
export class Peer {
  readonly id: string
  readonly map: PeerMap
  /** Where it can be reached; undefined until somebody said so. */
  transport: JsonValue | undefined
  status: PeerStatus = 'unproven'
  heartbeat: number
  /** When its heartbeat last rose, or when it was discovered: engine time, stalls included. */
  heardAt: number
  /** The same in active time, for the detector. */
  heardActiveAt: number
  /** Who told of the last rise. */
  heardVia: string
  window: ArrivalWindow
  /** It runs the first-generation package; travels as a flag of its entry. */
  isOld = false
  /** My own heartbeat when I adopted its generation: answers to earlier digests of mine may mean another life. */
  adoptedAtBeat: number
  /** Bytes that its id and address take in a digest. */
  #textBytes = 0
  #measured: JsonValue | undefined

  constructor(
    facts: { id: string; generation: number; heartbeat: number; window: ArrivalWindow; adoptedAtBeat: number },
    via: string,
    at: Instant,
  ) {
    this.id = facts.id
    this.map = new PeerMap(facts.id, facts.generation)
    this.heartbeat = facts.heartbeat
    this.window = facts.window
    this.adoptedAtBeat = facts.adoptedAtBeat
    this.heardAt = at.now
    this.heardActiveAt = at.active
    this.heardVia = via
  }

  get generation(): number {
    return this.map.generation
  }

  /** Live, or not yet known to be anything else: worth a round's message. */
  get isHopeful(): boolean {
    return this.status === 'live' || this.status === 'unproven'
  }

  /** Whether (generation, heartbeat) is above the given one. */
  isNewerThan(generation: number, heartbeat: number): boolean {
    return this.generation > generation || (this.generation === generation && this.heartbeat > heartbeat)
  }

  /** Time since the last rise, stalls included, ms: what counts towards retirement. */
  silenceMs(at: Instant): number {
    return Math.max(0, at.now - this.heardAt)
  }

  /** Time since the last rise in which this process ran, ms: what counts for the detector. */
  activeSilenceMs(at: Instant): number {
    return Math.max(0, at.active - this.heardActiveAt)
  }

  /** Bytes of its id and address as JSON. O(1) unless the address changed. */
  get textBytes(): number {
    if (this.#textBytes === 0 || this.#measured !== this.transport) {
      this.#measured = this.transport
      this.#textBytes = stringBytes(this.id) + jsonBytes(this.transport)
    }
    return this.#textBytes
  }
}
