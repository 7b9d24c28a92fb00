/**
 * One remote peer as this node knows it: its map, its address, and what was heard of its life. The facts themselves stand
 * in a row of the table of peers; this is a way to read and write them one by one.
 */

import { assert } from '../assert.ts'
import type { JsonValue } from '../json/index.ts'
import { type Group, type MapNumbers, type Outcome, PeerMap } from '../state/index.ts'
import { NO_ROW, type PeerTable } from './peer-table.ts'
import { DEAD, LEFT_KIND, LIVE, OLD_FLAG, STALE_FLAG, UNPROVEN } from './row-state.ts'

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
  readonly via: string | undefined
}

/** The two clocks of an input: engine time, and engine time less stalls. */
export interface Instant {
  readonly now: number
  readonly active: number
}

/** Some ms earlier, by both clocks. */
export function before({ now, active }: Instant, ms: number): Instant {
  return { now: now - ms, active: active - ms }
}

const STATUS_OF_KIND: readonly (PeerStatus | undefined)[] = (() => {
  const names: (PeerStatus | undefined)[] = []
  names[UNPROVEN] = 'unproven'
  names[LIVE] = 'live'
  names[DEAD] = 'dead'
  names[LEFT_KIND] = 'left'
  return names
})()

/** Mutable; changed only by the engine. Cheap to make, so nobody keeps one; two of one id show the same. */
export class Peer implements MapNumbers {
  readonly id: string
  readonly table: PeerTable
  #row: number
  #moves: number

  /** @param row - where the id stands at present, if that is known */
  constructor(table: PeerTable, id: string, row: number = NO_ROW) {
    this.id = id
    this.table = table
    this.#row = row
    this.#moves = row === NO_ROW ? NO_ROW : table.moves
  }

  /** Where its facts stand, until rows move. Asserts that the peer is still known. */
  get row(): number {
    if (this.#moves !== this.table.moves) {
      this.#row = this.table.rowOf(this.id)
      this.#moves = this.table.moves
    }
    assert(this.#row !== NO_ROW && this.table.kindOf(this.#row) >= UNPROVEN, 'a peer is used while it is known')
    return this.#row
  }

  get status(): PeerStatus {
    return STATUS_OF_KIND[this.table.kindOf(this.row)] as PeerStatus
  }
  set status(status: PeerStatus) {
    this.table.setKind(this.row, STATUS_OF_KIND.indexOf(status))
  }

  get heartbeat(): number {
    return this.table.heartbeats.values[this.row] as number
  }
  set heartbeat(heartbeat: number) {
    this.table.heartbeats.set(this.row, heartbeat)
  }

  /** When its heartbeat last rose, or when it was discovered: engine time, stalls included. */
  get heardAt(): number {
    return this.table.heardAts[this.row] as number
  }

  /** The same in active time, for the detector. */
  get heardActiveAt(): number {
    return this.table.heardActiveAts[this.row] as number
  }

  /** Both at once. */
  setHeardAt({ now, active }: Instant): void {
    this.table.heardAts[this.row] = now
    this.table.heardActiveAts[this.row] = active
  }

  /** Who told of the last rise; undefined once that one is forgotten. */
  get heardVia(): string | undefined {
    return this.table.ids[this.table.heardViaRows[this.row] as number]
  }
  set heardVia(id: string | undefined) {
    this.table.heardViaRows[this.row] = id === undefined ? NO_ROW : this.table.rowOf(id)
  }

  /** Where it can be reached; undefined until somebody said so. */
  get transport(): JsonValue | undefined {
    return this.table.transportOf(this.row)
  }
  set transport(transport: JsonValue | undefined) {
    this.table.setTransport(this.row, transport)
  }

  /** It runs the first-generation package; travels as a flag of its entry. */
  get isOld(): boolean {
    return this.#hasFlag(OLD_FLAG)
  }
  set isOld(isOld: boolean) {
    this.table.setFlag(this.row, OLD_FLAG, isOld)
  }

  get generation(): number {
    return this.table.generations.values[this.row] as number
  }
  set generation(generation: number) {
    this.table.generations.set(this.row, generation)
  }

  get gcVersion(): number {
    return this.table.gcVersions.values[this.row] as number
  }
  set gcVersion(gcVersion: number) {
    this.table.gcVersions.set(this.row, gcVersion)
  }

  get maxVersionSeen(): number {
    return this.table.maxVersionsSeen.values[this.row] as number
  }
  set maxVersionSeen(maxVersionSeen: number) {
    this.table.maxVersionsSeen.set(this.row, maxVersionSeen)
  }

  get topBeyond(): number {
    return this.table.tops.size === 0 ? 0 : (this.table.tops.get(this.id) ?? 0)
  }
  set topBeyond(top: number) {
    if (top > 0) this.table.tops.set(this.id, top)
    else if (this.table.tops.size > 0) this.table.tops.delete(this.id)
  }

  get isStale(): boolean {
    return this.#hasFlag(STALE_FLAG)
  }
  set isStale(isStale: boolean) {
    this.table.setFlag(this.row, STALE_FLAG, isStale)
  }

  /** Its keys. The same object as long as it holds any. */
  get map(): PeerMap {
    return this.table.maps.get(this.id) ?? new PeerMap(this.id, this.generation, this)
  }

  /** Gaps sampled of this life. */
  get samples(): number {
    return this.table.windows.size(this.row)
  }

  /** Live, or not yet known to be anything else: worth a round's message. */
  get isHopeful(): boolean {
    const kind = this.table.kindOf(this.row)
    return kind === LIVE || kind === UNPROVEN
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

  /** Applies a group to its map, see `PeerMap.accept`. */
  accept(group: Group, now: number, bytesMax: number): Outcome {
    const { maps } = this.table
    const kept = maps.get(this.id)
    const map = kept ?? this.map
    const outcome = map.accept(group, now, bytesMax)
    if (map.hasContent && kept === undefined) maps.set(this.id, map)
    else if (!map.hasContent && kept !== undefined) maps.delete(this.id)
    return outcome
  }

  /** A higher generation replaces state and address; the old map stays readable until the new one is complete. */
  beginLife(generation: number, transport: JsonValue | undefined, ownBeat: number): void {
    this.map.adoptGeneration(generation)
    this.transport = transport
    this.heartbeat = UNHEARD
    this.isOld = false
    this.table.beginGaps(this.row, ownBeat)
  }

  #hasFlag(flag: number): boolean {
    return ((this.table.states[this.row] as number) & flag) !== 0
  }
}
