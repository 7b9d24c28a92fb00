/**
 * Everybody this node knows of, as columns: one row per id, in the order of ids. A digest names everybody in that order
 * too, so reading one is a walk along two columns, and a peer of whom only numbers are known costs no object at all.
 * Rows move only in `reserve` and `dropVacant`; what they mean is decided elsewhere.
 */

import { type JsonValue, jsonBytes, stringBytes } from '../json/index.ts'
import type { PeerMap } from '../state/index.ts'
import type { ArrivalWindows } from './arrival-windows.ts'
import { Column } from './column.ts'
import { RowMoves } from './row-moves.ts'
import { ADDRESSED_FLAG, KIND_BITS, REMOVED, STALE_FLAG, STATES, UNPROVEN, VACANT } from './row-state.ts'
import { takesPlaceOf } from './sharing.ts'

/** No row: of an id that is unknown, of a teller who is gone. */
export const NO_ROW = -1
/** Beats of the own heart beyond this count as this many: 136 years of rounds of a second. */
export const BEATS_MAX = 0xffffffff

/** What a peer's row begins with. */
export interface RowFacts {
  readonly generation: number
  readonly heartbeat: number
  readonly transport: JsonValue | undefined
  /** The own heartbeat at which its generation is adopted. */
  readonly adoptedAtBeat: number
  /** Who told of it. */
  readonly viaRow: number
  readonly now: number
  readonly active: number
}

/** Columns by row. Readers may take them at hand for the length of a walk; rows must not move meanwhile. */
export class PeerTable {
  readonly generations: Column = new Column()
  readonly heartbeats: Column = new Column()
  readonly maxVersionsSeen: Column = new Column()
  readonly gcVersions: Column = new Column()
  readonly windows: ArrivalWindows
  /** Versions known to exist beyond `maxVersionSeen`, where there are any. */
  readonly tops: Map<string, number> = new Map()
  /** Maps that hold something. */
  readonly maps: Map<string, PeerMap> = new Map()
  /** Kind and flags, see `row-state.ts`. */
  states: Uint8Array = new Uint8Array(0)
  /** When the heartbeat last rose, or when the peer was discovered: engine time, stalls included. */
  heardAts: Float64Array = new Float64Array(0)
  /** The same in active time. The very same array until the two clocks first differ. */
  heardActiveAts: Float64Array = this.heardAts
  /** Row of who told of the last rise. */
  heardViaRows: Int32Array = new Int32Array(0)
  /** The own heartbeat when the generation was adopted, at most `BEATS_MAX`. */
  adoptedAtBeats: Uint32Array = new Uint32Array(0)
  /** Rises whenever rows have moved. */
  moves = 0
  #ids: readonly string[] = []
  #transports: (JsonValue | undefined)[] = []
  #textBytes = 0
  #peers = 0
  /** How many rows there are in each state. */
  readonly #counts = new Uint32Array(STATES)

  constructor(windows: ArrivalWindows) {
    this.windows = windows
  }

  /** All ids, ascending, by row. This array never changes; another one takes its place. */
  get ids(): readonly string[] {
    return this.#ids
  }

  /** Rows that are peers. */
  get peers(): number {
    return this.#peers
  }

  /** Rows that are records of retired peers. */
  get removed(): number {
    return this.count([REMOVED])
  }

  /** How many rows are of one of these kinds and have all these flags. O(1). */
  count(kinds: readonly number[], flags = 0): number {
    let count = 0
    for (let state = 0; state < STATES; state++) {
      if ((state & flags) === flags && kinds.includes(state & KIND_BITS)) count += this.#counts[state] as number
    }
    return count
  }

  /** Bytes that all ids and addresses take as JSON. */
  get textBytes(): number {
    return this.#textBytes
  }

  /** The row of an id, or `NO_ROW`. Fastest at or right behind the row where it is looked for first. */
  rowOf(id: string, near = 0): number {
    if (this.#ids[near] === id) return near
    const row = this.firstFrom(id)
    return this.#ids[row] === id ? row : NO_ROW
  }

  /** The row of the first id that is not below the given one. O(log rows). */
  firstFrom(id: string): number {
    let low = 0
    let high = this.#ids.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#ids[middle] as string) < id) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Which kind of row it is, see `row-state.ts`. */
  kindOf(row: number): number {
    return (this.states[row] as number) & KIND_BITS
  }

  /** Makes vacant rows for ids that have none. O(rows). */
  reserve(ids: Iterable<string>): void {
    const unknown: string[] = []
    for (const id of ids) if (this.rowOf(id) === NO_ROW) unknown.push(id)
    if (unknown.length > 0) this.#insert([...new Set(unknown)].sort())
  }

  /** Takes vacant rows out. O(rows), O(1) where there are none. */
  dropVacant(): void {
    if (this.#counts[VACANT] === 0) return
    const moves = new RowMoves()
    const ids: string[] = []
    for (let row = 0; row < this.#ids.length; row++) {
      const id = this.#ids[row] as string
      if (this.kindOf(row) === VACANT) this.#textBytes -= stringBytes(id)
      else {
        moves.keep(row, 1)
        ids.push(id)
      }
    }
    this.#counts[VACANT] = 0
    this.#move(moves, ids)
  }

  /** Makes a peer of a row that is none. */
  create(row: number, facts: RowFacts): void {
    this.#setState(row, UNPROVEN | STALE_FLAG)
    this.generations.set(row, facts.generation)
    this.heartbeats.set(row, facts.heartbeat)
    this.maxVersionsSeen.set(row, 0)
    this.gcVersions.set(row, 0)
    this.heardAts[row] = facts.now
    this.heardActiveAts[row] = facts.active
    this.heardViaRows[row] = facts.viaRow
    this.beginGaps(row, facts.adoptedAtBeat)
    this.setTransport(row, facts.transport)
  }

  /** A generation is adopted: nothing is known yet of how regular its heartbeats are. */
  beginGaps(row: number, ownBeat: number): void {
    this.adoptedAtBeats[row] = Math.min(ownBeat, BEATS_MAX)
    this.windows.clear(row)
  }

  /** Whether the generation of a row was adopted at this heartbeat of mine or later. */
  isAdoptedSince(row: number, ownBeat: number): boolean {
    return (this.adoptedAtBeats[row] as number) >= Math.min(ownBeat, BEATS_MAX)
  }

  /** Puts the record of a retired peer, or nothing, in the place of whatever the row was. */
  clear(row: number, kind: typeof REMOVED | typeof VACANT, numbers: { generation: number; heartbeat: number }): void {
    const id = this.#ids[row] as string
    this.setTransport(row, undefined)
    this.#setState(row, kind)
    this.generations.set(row, numbers.generation)
    this.heartbeats.set(row, numbers.heartbeat)
    this.maxVersionsSeen.set(row, 0)
    this.gcVersions.set(row, 0)
    this.tops.delete(id)
    this.maps.delete(id)
  }

  /** Changes the kind of a row; flags stay. */
  setKind(row: number, kind: number): void {
    this.#setState(row, ((this.states[row] as number) & ~KIND_BITS) | kind)
  }

  /** Sets or takes away a flag. */
  setFlag(row: number, flag: number, isSet: boolean): void {
    const state = this.states[row] as number
    this.#setState(row, isSet ? state | flag : state & ~flag)
  }

  transportOf(row: number): JsonValue | undefined {
    return this.#transports[row]
  }

  setTransport(row: number, transport: JsonValue | undefined): void {
    const former = this.#transports[row]
    if (former === transport) return
    this.#textBytes += jsonBytes(transport) - jsonBytes(former)
    this.#transports[row] = transport
    this.setFlag(row, ADDRESSED_FLAG, transport !== undefined)
  }

  /** From now on active time differs from engine time. */
  partClocks(): void {
    if (this.heardActiveAts === this.heardAts) this.heardActiveAts = this.heardAts.slice()
  }

  /** Takes an equal array of ids in the place of its own, so that tables that agree hold it once. */
  adoptIds(ids: readonly string[]): void {
    if (takesPlaceOf(ids, this.#ids)) this.#ids = ids
  }

  #setState(row: number, state: number): void {
    const counts = this.#counts
    const former = this.states[row] as number
    counts[former] = (counts[former] as number) - 1
    counts[state] = (counts[state] as number) + 1
    if ((former & KIND_BITS) >= UNPROVEN) this.#peers--
    if ((state & KIND_BITS) >= UNPROVEN) this.#peers++
    this.states[row] = state
  }

  /** Makes vacant rows of ids that have none, given in their order. */
  #insert(fresh: readonly string[]): void {
    const moves = new RowMoves()
    const ids: string[] = []
    let old = 0
    const keepUntil = (row: number): void => {
      moves.keep(old, row - old)
      for (; old < row; old++) ids.push(this.#ids[old] as string)
    }
    for (const id of fresh) {
      keepUntil(this.firstFrom(id))
      moves.insert()
      ids.push(id)
      this.#textBytes += stringBytes(id)
    }
    keepUntil(this.#ids.length)
    this.#counts[VACANT] = (this.#counts[VACANT] as number) + fresh.length
    this.#move(moves, ids)
  }

  #move(moves: RowMoves, ids: readonly string[]): void {
    const { length } = moves
    const areParted = this.heardActiveAts !== this.heardAts
    for (const column of [this.generations, this.heartbeats, this.maxVersionsSeen, this.gcVersions]) column.move(moves)
    this.windows.move(moves)
    this.states = moves.move(new Uint8Array(length), this.states)
    this.heardAts = moves.move(new Float64Array(length), this.heardAts)
    this.heardActiveAts = areParted ? moves.move(new Float64Array(length), this.heardActiveAts) : this.heardAts
    this.adoptedAtBeats = moves.move(new Uint32Array(length), this.adoptedAtBeats)
    // Tellers are rows themselves, so they move with them.
    const places = moves.places(this.#ids.length)
    this.heardViaRows = moves.move(new Int32Array(length), this.heardViaRows).map((via) => places[via] ?? NO_ROW)
    this.#transports = moves.moveList(this.#transports, undefined)
    this.#ids = ids
    this.moves++
  }
}
