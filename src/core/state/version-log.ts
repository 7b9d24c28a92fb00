/**
 * A peer's entries in the order of their versions, so that a delta costs what changed and not what is stored.
 * Versions only rise, so entries are appended; an overwritten one leaves a hole that is squeezed out later. The log is
 * kept in stretches, so that a long one grows without being copied.
 */

import { assert } from '../assert.ts'
import type { Entry } from './entry.ts'

/** Squeezing below this length is not worth the copy. */
const SQUEEZE_LENGTH_MIN = 32
/** Slots of a stretch. */
const STRETCH_LENGTH_MAX = 1_024

/** A part of the log; of an entry that was taken out the version remains. */
interface Stretch {
  readonly versions: number[]
  readonly entries: (Entry | undefined)[]
  size: number
}

/** Ordered by version, ascending. */
export class VersionLog {
  #stretches: Stretch[] = []
  #size = 0
  /** Entries and holes. */
  #length = 0

  /** How many entries it holds. */
  get size(): number {
    return this.#size
  }

  /** Adds the newest entry. O(1). Its version must be above all others. */
  append(entry: Entry): void {
    let last = this.#stretches.at(-1)
    assert(last === undefined || entry.version > (last.versions.at(-1) as number), 'versions must rise')
    if (last === undefined || last.versions.length === STRETCH_LENGTH_MAX) {
      last = { versions: [], entries: [], size: 0 }
      this.#stretches.push(last)
    }
    last.versions.push(entry.version)
    last.entries.push(entry)
    last.size++
    this.#size++
    this.#length++
  }

  /** Takes an entry out. O(log n), amortised. */
  remove(version: number): void {
    const stretch = this.#stretches[this.#stretchAfter(version - 1)]
    const slot = stretch === undefined ? 0 : slotAfter(stretch, version - 1)
    assert(stretch?.versions[slot] === version && stretch.entries[slot] !== undefined, 'no entry has this version')
    stretch.entries[slot] = undefined
    stretch.size--
    this.#size--
    if (this.#length >= SQUEEZE_LENGTH_MIN && this.#size * 2 < this.#length) this.#squeeze()
  }

  /** How many entries have a version above the given one. O(log n + as many / 1,024). */
  countAfter(version: number): number {
    const first = this.#stretchAfter(version)
    const stretch = this.#stretches[first]
    if (stretch === undefined) return 0
    let count = 0
    for (let slot = slotAfter(stretch, version); slot < stretch.entries.length; slot++) {
      if (stretch.entries[slot] !== undefined) count++
    }
    for (let i = first + 1; i < this.#stretches.length; i++) count += (this.#stretches[i] as Stretch).size
    return count
  }

  /** The entries above a version, ascending. O(log n + as many as are taken). Ends with the next change of the log. */
  *after(version: number): Generator<Entry, undefined> {
    for (let i = this.#stretchAfter(version); i < this.#stretches.length; i++) {
      const stretch = this.#stretches[i] as Stretch
      for (let slot = slotAfter(stretch, version); slot < stretch.entries.length; slot++) {
        const entry = stretch.entries[slot]
        if (entry !== undefined) yield entry
      }
    }
    return undefined
  }

  /** Index of the first stretch that ends above a version. */
  #stretchAfter(version: number): number {
    let low = 0
    let high = this.#stretches.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (((this.#stretches[middle] as Stretch).versions.at(-1) as number) > version) high = middle
      else low = middle + 1
    }
    return low
  }

  #squeeze(): void {
    const stretches = this.#stretches
    this.#stretches = []
    this.#size = 0
    this.#length = 0
    for (const { entries } of stretches) for (const entry of entries) if (entry !== undefined) this.append(entry)
  }
}

/** The first slot of a stretch whose version is above the given one. */
function slotAfter({ versions }: Stretch, version: number): number {
  let low = 0
  let high = versions.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((versions[middle] as number) > version) high = middle
    else low = middle + 1
  }
  return low
}
