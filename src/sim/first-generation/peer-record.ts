/**
 * What a first-generation node keeps of one peer: its keys, and how regularly it spoke to this node itself. It stands
 * for `gossipmonger-peer` 0.1.0, whose arithmetic it repeats step by step, since suspicion depends on every rounding.
 *
 * Fields have the types that a well-behaved neighbour brings. A record made of a digest's item takes over whatever stands
 * there, unchecked, as the package does; JavaScript's own conversions then decide what becomes of it.
 */

import type { JsonValue } from '../../core/index.ts'
import { isUnchanged } from './loose-equality.ts'

/** A value and the version at which it was written. */
export type HeldEntry = [value: JsonValue, version: number]

/** A key of some peer, on its way into a message. */
export type OldDelta = [key: string, value: JsonValue, version: number]

/** What a record may begin with: the fields of a digest's item, all of them but the version, which always begins at 0. */
export interface RecordFields {
  readonly data?: Record<string, HeldEntry>
  readonly intervals?: number[]
  readonly intervalsMean?: number
  readonly lastTime?: number
  readonly live?: boolean
  readonly MAX_INTERVALS?: number
  readonly sum?: number
  readonly transport?: JsonValue | undefined
}

/** The gap assumed where there is none to measure, ms. */
const ASSUMED_GAP_MS = 750
const GAPS_MAX = 100

/** One peer, or the node itself. */
export class PeerRecord {
  readonly id: string
  /** A plain object, so that keys come back in the package's order, and inherited names are taken. */
  readonly data: Record<string, HeldEntry>
  readonly transport: JsonValue | undefined
  live: boolean
  maxVersionSeen = 0
  /** When it last spoke to this node itself; undefined for one that was only heard of. */
  #lastTimeMs: number | undefined
  readonly #gapsMs: number[]
  readonly #gapsMax: number
  #sumMs: number
  #meanMs: number

  constructor(id: string, fields: RecordFields) {
    this.id = id
    this.data = fields.data || {}
    this.transport = fields.transport
    this.live = fields.live === undefined ? true : fields.live
    this.#lastTimeMs = fields.lastTime
    this.#gapsMs = fields.intervals || [ASSUMED_GAP_MS]
    this.#gapsMax = fields.MAX_INTERVALS || GAPS_MAX
    this.#sumMs = fields.sum === undefined ? sumOf(this.#gapsMs) : fields.sum
    this.#meanMs = fields.intervalsMean === undefined ? this.#sumMs / (this.#gapsMs.length || 1) : fields.intervalsMean
  }

  /** Its keys above a version, in the order of the object that holds them. */
  deltasAfter(version: number): OldDelta[] {
    const deltas: OldDelta[] = []
    for (const key of Object.keys(this.data)) {
      const [value, heldVersion] = entryParts(this.data[key])
      if (heldVersion > version) deltas.push([key, value, heldVersion])
    }
    return deltas
  }

  /**
   * Takes note that it spoke to this node.
   *
   * @param nowMs - the wall clock, ms since the Unix epoch; a contact at 0 counts as none, as in the package
   */
  markContact(nowMs: number): void {
    const gapMs = this.#lastTimeMs ? nowMs - this.#lastTimeMs : ASSUMED_GAP_MS
    this.#lastTimeMs = nowMs
    this.#gapsMs.push(gapMs)
    const oldest = this.#gapsMs.length > this.#gapsMax ? this.#gapsMs.shift() : undefined
    this.#sumMs += gapMs
    if (oldest) this.#sumMs -= oldest
    this.#meanMs = this.#sumMs / this.#gapsMs.length
  }

  /** Suspicion: the silence in mean gaps, on a log scale. One that never spoke stays at 0.43, for ever live. */
  phi(nowMs: number): number {
    const silenceMs = this.#lastTimeMs === undefined ? ASSUMED_GAP_MS : nowMs - this.#lastTimeMs
    const chance = Math.E ** ((-1 * silenceMs) / this.#meanMs)
    return -1 * (Math.log(chance) / Math.log(10))
  }

  /** Writes a key of the node itself, unless the package takes the value for the one it has. */
  updateLocal(key: string, value: JsonValue): void {
    const held: unknown = this.data[key]
    const stored = held ? (held as HeldEntry)[0] : (held as JsonValue | undefined)
    if (isUnchanged(stored, value)) return
    this.maxVersionSeen += 1
    this.data[key] = [value, this.maxVersionSeen]
  }

  /** Takes in a key of another peer if its version is above all that was seen of it; whoever sent it. */
  updateWithDelta(key: string, value: JsonValue, version: number): void {
    if (!(version > this.maxVersionSeen)) return
    this.maxVersionSeen = version
    this.data[key] = [value, version]
  }
}

function sumOf(gapsMs: readonly number[]): number {
  let sumMs = 0
  for (let i = 0; i < gapsMs.length; i++) sumMs += gapsMs[i] as number
  return sumMs
}

/** By index and not by iteration: what stands in a foreign `data` need not be a list. */
function entryParts(held: HeldEntry | undefined): HeldEntry {
  const entry = held as HeldEntry
  return [entry[0], entry[1]]
}
