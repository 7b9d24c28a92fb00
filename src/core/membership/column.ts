/**
 * One number per row of a table. Its values can be lent to others, who keep them for as long as they like: the next
 * write then goes to a copy. So a digest of everybody costs nothing where nothing has changed since the last one.
 */

import type { RowMoves } from './row-moves.ts'
import { takesPlaceOf } from './sharing.ts'

/** Numbers by row; copied on the first write after they were lent. */
export class Column {
  #values: Float64Array = new Float64Array(0)
  #isLent = false

  /** The values, to be read until the next change. */
  get values(): Float64Array {
    return this.#values
  }

  /** The values, to be kept: they will never change. O(1). */
  lend(): Float64Array {
    this.#isLent = true
    return this.#values
  }

  /** The values, to be written to until they are lent again. O(1), or O(rows) after they were lent. */
  writable(): Float64Array {
    if (this.#isLent) {
      this.#values = this.#values.slice()
      this.#isLent = false
    }
    return this.#values
  }

  /** Writes one value; writing what is already there copies nothing. */
  set(row: number, value: number): void {
    if (this.#values[row] !== value) this.writable()[row] = value
  }

  /**
   * Takes values that somebody else lent in the place of equal ones, so that many tables that agree hold them once.
   * O(rows), O(1) when these are the very values already.
   */
  adopt(lent: Float64Array): void {
    if (lent === this.#values || !isSame(lent, this.#values) || !takesPlaceOf(lent, this.#values)) return
    this.#values = lent
    this.#isLent = true
  }

  /** Moves rows; new ones begin at 0. */
  move(moves: RowMoves): void {
    this.#values = moves.move(new Float64Array(moves.length), this.#values)
    this.#isLent = false
  }
}

function isSame(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false
  for (let row = 0; row < a.length; row++) if (a[row] !== b[row]) return false
  return true
}
