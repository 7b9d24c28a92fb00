/**
 * A peer's entries in the order of their versions, so that a delta costs what changed and not what is stored.
 * Versions only rise, so entries are appended; an overwritten one leaves a hole that is squeezed out later.
 */

import { assert } from '../assert.ts'
import type { Entry } from './entry.ts'

/** Squeezing below this length is not worth the copy. */
const SQUEEZE_LENGTH_MIN = 32

/** Ordered by version, ascending. */
export class VersionLog {
  #versions: number[] = []
  #entries: (Entry | undefined)[] = []
  #size = 0

  /** How many entries it holds. */
  get size(): number {
    return this.#size
  }

  /** Adds the newest entry. O(1). Its version must be above all others. */
  append(entry: Entry): void {
    assert(this.#versions.length === 0 || entry.version > (this.#versions.at(-1) as number), 'versions must rise')
    this.#versions.push(entry.version)
    this.#entries.push(entry)
    this.#size++
  }

  /** Takes an entry out. O(log n), amortised. */
  remove(version: number): void {
    const slot = this.#slotAfter(version - 1)
    assert(this.#versions[slot] === version && this.#entries[slot] !== undefined, 'no entry has this version')
    this.#entries[slot] = undefined
    this.#size--
    if (this.#entries.length >= SQUEEZE_LENGTH_MIN && this.#size * 2 < this.#entries.length) this.#squeeze()
  }

  /** How many entries have a version above the given one. O(log n + as many). */
  countAfter(version: number): number {
    const first = this.#slotAfter(version)
    if (first === 0) return this.#size
    let count = 0
    for (let slot = first; slot < this.#entries.length; slot++) {
      if (this.#entries[slot] !== undefined) count++
    }
    return count
  }

  /** The entries above a version, ascending. O(log n + as many as are taken). Ends with the next change of the log. */
  *after(version: number): Generator<Entry, undefined> {
    for (let slot = this.#slotAfter(version); slot < this.#entries.length; slot++) {
      const entry = this.#entries[slot]
      if (entry !== undefined) yield entry
    }
    return undefined
  }

  #slotAfter(version: number): number {
    let low = 0
    let high = this.#versions.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#versions[middle] as number) > version) high = middle
      else low = middle + 1
    }
    return low
  }

  #squeeze(): void {
    this.#entries = this.#entries.filter((entry) => entry !== undefined)
    this.#versions = this.#entries.map((entry) => (entry as Entry).version)
  }
}
