/**
 * The last gaps between heartbeats, of every row of a table: what silences are judged against. A prior of a few pretended
 * gaps keeps the first samples from ruling alone.
 */

import { assert } from '../assert.ts'
import type { RowMoves } from './row-moves.ts'

/** Pretended samples that every mean starts from. */
export interface Prior {
  /** The pretended gap, ms. */
  readonly gapMs: number
  /** How many samples it counts for. */
  readonly weight: number
}

/** Rings begin with room for this many gaps. */
const ROOM_MIN = 4

/**
 * Rings of the last gaps, their sums and, where asked for, their sums of squares. All rings have room for as many gaps
 * as the longest one needs. Gaps are kept to seven digits. Adding is O(1), amortised.
 */
export class ArrivalWindows {
  readonly #sizeMax: number
  readonly #hasSquares: boolean
  /** Gaps that every ring has room for. */
  #room: number
  #gaps: Float32Array = new Float32Array(0)
  #sums: Float64Array = new Float64Array(0)
  #squares: Float64Array = new Float64Array(0)
  /** Gaps added: a full ring counts on from `sizeMax` to twice that and back. */
  #counts: Uint32Array = new Uint32Array(0)

  /**
   * @param sizeMax - gaps kept of each row, an integer >= 1
   * @param hasSquares - whether deviations will be asked for
   */
  constructor(sizeMax: number, hasSquares: boolean) {
    this.#sizeMax = sizeMax
    this.#hasSquares = hasSquares
    this.#room = Math.min(ROOM_MIN, sizeMax)
  }

  /** Gaps held of a row. */
  size(row: number): number {
    return Math.min(this.#counts[row] as number, this.#sizeMax)
  }

  /** Adds a gap and forgets the oldest one beyond the limit. */
  add(row: number, gapMs: number): void {
    assert(gapMs >= 0 && gapMs < Number.POSITIVE_INFINITY, 'a gap is a finite time')
    const sizeMax = this.#sizeMax
    const count = this.#counts[row] as number
    const place = count < sizeMax ? count : count - sizeMax
    if (place >= this.#room) this.#grow()
    const slot = row * this.#room + place
    const gap = Math.fround(gapMs)
    const forgotten = count < sizeMax ? 0 : (this.#gaps[slot] as number)
    this.#gaps[slot] = gap
    this.#sums[row] = (this.#sums[row] as number) + gap - forgotten
    if (this.#hasSquares) this.#squares[row] = (this.#squares[row] as number) + gap * gap - forgotten * forgotten
    this.#counts[row] = count + 1
    if (count + 1 === 2 * sizeMax) this.#turn(row)
  }

  /** Mean gap with the prior, ms. */
  meanMs(row: number, { gapMs, weight }: Prior): number {
    return ((this.#sums[row] as number) + gapMs * weight) / (this.size(row) + weight)
  }

  /** Standard deviation with the prior, whose own deviation is a quarter of its gap, ms. */
  deviationMs(row: number, prior: Prior): number {
    assert(this.#hasSquares, 'squares are kept where deviations are asked for')
    const mean = this.meanMs(row, prior)
    const priorSquare = prior.gapMs * prior.gapMs * (1 + 1 / 16)
    const square = ((this.#squares[row] as number) + priorSquare * prior.weight) / (this.size(row) + prior.weight)
    return Math.sqrt(Math.max(0, square - mean * mean))
  }

  /** Forgets all gaps of a row. */
  clear(row: number): void {
    this.#counts[row] = 0
    this.#sums[row] = 0
    if (this.#hasSquares) this.#squares[row] = 0
  }

  /** Moves rows; new ones are empty. */
  move(moves: RowMoves): void {
    const { length } = moves
    this.#gaps = moves.move(new Float32Array(length * this.#room), this.#gaps, this.#room)
    this.#sums = moves.move(new Float64Array(length), this.#sums)
    this.#counts = moves.move(new Uint32Array(length), this.#counts)
    if (this.#hasSquares) this.#squares = moves.move(new Float64Array(length), this.#squares)
  }

  /** Makes room for more gaps in every ring. */
  #grow(): void {
    const former = this.#room
    const room = Math.min(2 * former, this.#sizeMax)
    const gaps = new Float32Array(this.#counts.length * room)
    for (let row = 0; row < this.#counts.length; row++) {
      gaps.set(this.#gaps.subarray(row * former, (row + 1) * former), row * room)
    }
    this.#gaps = gaps
    this.#room = room
  }

  /** A ring begins anew. Running sums drift in floating point, so once a turn they are added up afresh. */
  #turn(row: number): void {
    this.#counts[row] = this.#sizeMax
    let sum = 0
    let squares = 0
    const first = row * this.#room
    for (let slot = first; slot < first + this.#sizeMax; slot++) {
      const gap = this.#gaps[slot] as number
      sum += gap
      squares += gap * gap
    }
    this.#sums[row] = sum
    if (this.#hasSquares) this.#squares[row] = squares
  }
}
