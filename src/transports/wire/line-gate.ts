/**
 * Cuts a byte stream at its line ends, so that a line parser behind it sees whole lines only. A line parser that keeps
 * the unfinished line itself searches all of it again with every chunk, so that whoever sends a long line byte by byte
 * owns the processor; here each byte is looked at once. It is also where the limit on a line holds while the line is
 * still arriving, and a UTF-8 character cut by a chunk is whole again.
 */

import { type Direction, FrameTooLargeError } from '../../core/index.ts'
import type { ByteBudget } from './byte-budget.ts'

/** What a gate needs to know. */
export interface LineGateOptions {
  /** Longest line, its line end included. */
  readonly lineBytesMax: number
  /** Counts what unfinished lines hold; whether it is passed is for its owner to look at. */
  readonly budget: ByteBudget
  readonly direction: Direction
}

const LINE_FEED = 0x0a
const PENDING_BYTES_MIN = 1_024

/** Holds the unfinished line of one stream. */
export class LineGate {
  readonly #options: LineGateOptions
  #pending: Uint8Array = new Uint8Array(0)
  #pendingBytes = 0

  /** @param options - limits and the shared budget */
  constructor(options: LineGateOptions) {
    this.#options = options
  }

  /** Bytes of the line that has begun and not ended. */
  get pendingBytes(): number {
    return this.#pendingBytes
  }

  /** Bytes of memory held for it. */
  get heldBytes(): number {
    return this.#pending.length
  }

  /**
   * Takes the next bytes of the stream. Amortised O(bytes).
   *
   * @param pass - called with bytes that are whole lines, up to twice; valid during the call only
   * @throws {FrameTooLargeError} a line is longer than the limit, whether or not its end is here; the gate is then
   *   of no more use
   */
  push(chunk: Uint8Array, pass: (lines: Uint8Array) => void): void {
    const firstEnd = chunk.indexOf(LINE_FEED)
    if (firstEnd < 0) {
      this.#keep(chunk)
      return
    }
    this.#assertFits(this.#pendingBytes + firstEnd + 1)
    if (chunk.length > this.#options.lineBytesMax) this.#assertLinesFit(chunk, firstEnd + 1)
    const lastEnd = chunk.lastIndexOf(LINE_FEED)
    if (this.#pendingBytes === 0) pass(chunk.subarray(0, lastEnd + 1))
    else {
      this.#keep(chunk.subarray(0, firstEnd + 1))
      const line = this.#pending.subarray(0, this.#pendingBytes)
      this.release()
      pass(line)
      if (lastEnd > firstEnd) pass(chunk.subarray(firstEnd + 1, lastEnd + 1))
    }
    if (lastEnd + 1 < chunk.length) this.#keep(chunk.subarray(lastEnd + 1))
  }

  /** Ends the stream: the last line is whole without a line end, as the first generation may have sent it. */
  finish(pass: (line: Uint8Array) => void): void {
    if (this.#pendingBytes === 0) return
    const line = new Uint8Array(this.#pendingBytes + 1)
    line.set(this.#pending.subarray(0, this.#pendingBytes))
    line[this.#pendingBytes] = LINE_FEED
    this.release()
    pass(line)
  }

  /** Lets go of the unfinished line. */
  release(): void {
    this.#options.budget.remove(this.#pending.length)
    this.#pending = new Uint8Array(0)
    this.#pendingBytes = 0
  }

  #keep(bytes: Uint8Array): void {
    const needed = this.#pendingBytes + bytes.length
    // A line that is already as long as the limit has no room for its end.
    this.#assertFits(bytes.at(-1) === LINE_FEED ? needed : needed + 1)
    if (needed > this.#pending.length) this.#grow(needed)
    this.#pending.set(bytes, this.#pendingBytes)
    this.#pendingBytes = needed
  }

  #grow(needed: number): void {
    // Doubling keeps the copying linear; the limit on a line is the limit on its buffer.
    const size = Math.max(needed, Math.min(this.#pending.length * 2, this.#options.lineBytesMax), PENDING_BYTES_MIN)
    const grown = new Uint8Array(size)
    grown.set(this.#pending.subarray(0, this.#pendingBytes))
    this.#options.budget.add(size - this.#pending.length)
    this.#pending = grown
  }

  #assertLinesFit(chunk: Uint8Array, from: number): void {
    let start = from
    for (let end = chunk.indexOf(LINE_FEED, start); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      this.#assertFits(end + 1 - start)
      start = end + 1
    }
  }

  #assertFits(bytes: number): void {
    const { lineBytesMax, direction } = this.#options
    if (bytes > lineBytesMax) throw new FrameTooLargeError(bytes, lineBytesMax, { direction })
  }
}
