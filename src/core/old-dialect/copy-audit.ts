/**
 * Compares the copy of an old peer's map with what the peer itself sends. Old peers have no generations: one that has
 * started again numbers its keys from 1, and when nobody saw it stand lower than before, only its keys tell. Within one
 * life nothing here ever contradicts a copy, whatever was lost, repeated or overtaken for up to `DELIVERY_MS_MAX`.
 */

import { deepEqual } from '../json/index.ts'
import type { Entry, PeerMap } from '../state/index.ts'
import type { OldDeltas, OldEntry } from './old-shapes.ts'
import { DELIVERY_MS_MAX, hasArrived, type Moment, RecentAsks } from './recent-asks.ts'

/** Old peers send at most so many deltas in a message: fewer are all there are. */
export const OLD_DELTAS_MAX = 5

/** Every life begins at version 1, with nothing under it. */
const LOWEST = 1
/** Time between walks over a whole copy, ms. */
const WALK_PAUSE_MS: number = 12 * DELIVERY_MS_MAX
/** Keys of a walk that wait to be seen again; more would only say the same. */
const DOUBTS_MAX = 1_024

/**
 * Follows the copy of one life. As a rule the peer is asked from one below what is held, so that the last entry comes
 * back and can be compared. Now and then a walk asks from the start upwards, so that in the end every entry is compared.
 */
export class CopyAudit {
  readonly #asks = new RecentAsks()
  #isWalking = true
  #cursor = LOWEST
  #walkedAt = 0
  /** Keys whose version should have been in a part of the walk and was not: the walk has yet to meet them higher up. */
  readonly #doubts = new Set<string>()
  #heldVersion = 0
  #heldTop = 0
  #heldSince: Moment | undefined
  #claimed = 0

  /** The peer said that its last write had this version. The last word counts, so that a wrong one does no harm for long. */
  noteClaim(version: number): void {
    this.#claimed = version
  }

  /** The version that its last write is known to have. */
  get claimed(): number {
    return this.#claimed
  }

  /** Whether everything the peer says that arrives now is younger than all that the copy was made of. */
  isSettled(map: PeerMap, at: Moment): boolean {
    this.#look(map, at)
    return this.#heldSince !== undefined && hasArrived(this.#heldSince, at)
  }

  /** The version to ask from next, always below what is held where something is held: so every ask draws an answer. */
  versionToAsk(map: PeerMap, at: Moment): number {
    this.#look(map, at)
    if (!this.#isWalking && at.now - this.#walkedAt >= WALK_PAUSE_MS) this.#isWalking = true
    const below = Math.max(LOWEST, map.maxVersionSeen - 1)
    const version = this.#isWalking && this.#claimed <= map.maxVersionSeen ? Math.min(this.#cursor, below) : below
    this.#asks.note(version, at)
    return version
  }

  /**
   * Whether an answer shows that the peer has started again since the copy was begun. To be asked before the answer is
   * applied. O(entries above the version asked from, up to the answer's last).
   */
  isContradicted(map: PeerMap, deltas: OldDeltas, at: Moment): boolean {
    const isSettled = this.isSettled(map, at) && !map.isStale
    const last = deltas.entries.at(-1)?.version
    if (last === undefined) return false
    this.#claimed = Math.max(this.#claimed, last)
    if (deltas.entries.some((entry) => isOtherWrite(map, entry))) return true
    if (isSettled && deltas.entries.some((entry) => isDiverging(map, entry))) return true
    const askedFrom = this.#asks.highest(at)
    if (askedFrom === undefined) return false
    const isWhole = deltas.count < OLD_DELTAS_MAX && last >= this.#claimed
    const seen = new Set(deltas.entries.map((entry) => entry.key))
    if (isWhole && !unseen(map, askedFrom, last, seen).next().done) return true
    return askedFrom <= this.#cursor && this.#walk(map, { last, isWhole, seen }, at)
  }

  /** The peer begins another life. */
  restart(): void {
    this.#asks.clear()
    this.#doubts.clear()
    this.#isWalking = true
    this.#cursor = LOWEST
    this.#heldVersion = 0
    this.#heldTop = 0
    this.#heldSince = undefined
    this.#claimed = 0
  }

  /** One step of a walk; at the end of it, whether a key was nowhere to be seen. */
  #walk(map: PeerMap, answer: { last: number; isWhole: boolean; seen: ReadonlySet<string> }, at: Moment): boolean {
    if (!this.#isWalking) return false
    for (const key of answer.seen) this.#doubts.delete(key)
    for (const { key } of unseen(map, this.#cursor, answer.last, answer.seen)) {
      if (this.#doubts.size < DOUBTS_MAX) this.#doubts.add(key)
    }
    this.#cursor = Math.max(this.#cursor, answer.last)
    if (!answer.isWhole) return false
    this.#isWalking = false
    this.#walkedAt = at.now
    this.#cursor = LOWEST
    const isContradicted = this.#doubts.size > 0
    this.#doubts.clear()
    return isContradicted
  }

  #look(map: PeerMap, at: Moment): void {
    const { maxVersionSeen, top } = map
    if (this.#heldSince !== undefined && this.#heldVersion === maxVersionSeen && this.#heldTop === top) return
    this.#heldVersion = maxVersionSeen
    this.#heldTop = top
    this.#heldSince = at
  }
}

/** A version is one write of one key: another key or value under it is another life's. */
function isOtherWrite(map: PeerMap, entry: OldEntry): boolean {
  const mine = map.entriesAfter(entry.version - 1).next().value
  if (mine === undefined || mine.version !== entry.version) return false
  return mine.key !== entry.key || !isSameValue(mine, entry)
}

function isSameValue(mine: Entry, { value }: OldEntry): boolean {
  return value === undefined ? mine.isTombstone : !mine.isTombstone && deepEqual(mine.value, value)
}

/**
 * Whether the copy reaches beyond a write and yet has another one of its key: of an answer that is younger than the copy
 * neither can be the later one.
 */
function isDiverging(map: PeerMap, entry: OldEntry): boolean {
  return entry.version <= map.maxVersionSeen && map.shown(entry.key)?.version !== entry.version
}

/** Entries of the copy in a range of versions whose keys are not among those seen. */
function* unseen(map: PeerMap, after: number, last: number, seen: ReadonlySet<string>): Generator<Entry, undefined> {
  for (const entry of map.entriesAfter(after)) {
    if (entry.version > last) break
    if (!seen.has(entry.key)) yield entry
  }
  return undefined
}
