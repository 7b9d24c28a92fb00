/**
 * Where the rows of a table go when some are put in or taken out. Nearly always long runs of rows move together, so
 * columns are copied run by run.
 */

import { assert } from '../assert.ts'

/** An array with one value, or the same number of values, per row. */
export type NumberColumn = Float64Array | Float32Array | Uint32Array | Int32Array | Uint8Array

/** Rows that stay together: `length` of them go from `source` to `row`. */
interface Run {
  readonly row: number
  readonly source: number
  length: number
}

/** A plan for every column of a table; rows without a source are new. */
export class RowMoves {
  readonly #runs: Run[] = []
  #length = 0

  /** Rows there will be. */
  get length(): number {
    return this.#length
  }

  /** The next rows come from `source` on, in their order; none when the count is 0. */
  keep(source: number, count: number): void {
    assert(count >= 0, 'rows are counted')
    const last = this.#runs.at(-1)
    if (count === 0) return
    if (last !== undefined && last.row + last.length === this.#length && last.source + last.length === source) {
      last.length += count
    } else this.#runs.push({ row: this.#length, source, length: count })
    this.#length += count
  }

  /** The next row is new. */
  insert(): void {
    this.#length++
  }

  /** Fills a new column from the old one, with `width` values per row. New rows keep what the new column begins with. */
  move<Column extends NumberColumn>(to: Column, from: Column, width = 1): Column {
    for (const { row, source, length } of this.#runs) {
      to.set(from.subarray(source * width, (source + length) * width), row * width)
    }
    return to
  }

  /** The same for values that are no numbers. */
  moveList<Value>(from: readonly Value[], fresh: Value): Value[] {
    const to: Value[] = []
    for (const { row, source, length } of this.#runs) {
      while (to.length < row) to.push(fresh)
      for (let i = 0; i < length; i++) to.push(from[source + i] as Value)
    }
    while (to.length < this.#length) to.push(fresh)
    return to
  }

  /** Old row by new row as a map the other way: where each old row went, or -1. */
  places(oldLength: number): Int32Array {
    const places = new Int32Array(oldLength).fill(-1)
    for (const { row, source, length } of this.#runs) for (let i = 0; i < length; i++) places[source + i] = row + i
    return places
  }
}
