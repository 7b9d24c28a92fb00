/**
 * Bytes that arrived and were not taken yet. Small pieces are joined and small parts of large blocks are copied, so
 * that what is held is never much more than what was sent.
 */

/** Pieces below this are joined. */
const SMALL_BYTES = 4_096
const BLOCK_BYTES_MIN = 256
const BLOCK_BYTES_MAX = 16_384
/** A piece of less than one in so many bytes of its block is copied out of it. */
const PART_MAX = 4
/** Fewer taken pieces than this are not worth the copy of the list. */
const STRIDE = 16

/** A first-in, first-out queue of bytes. Every operation is amortised O(bytes). */
export class ByteQueue {
  #pieces: (Uint8Array | undefined)[] = []
  #first = 0
  /** The block that small pieces go to; it stands behind all pieces. */
  #block: Uint8Array = new Uint8Array(0)
  #blockBytes = 0
  #bytes = 0

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes
  }

  /** Puts bytes at the end. They may be kept as they are, so nobody may change them. */
  push(bytes: Uint8Array): void {
    this.#bytes += bytes.length
    if (bytes.length < SMALL_BYTES) this.#join(bytes)
    else {
      this.#seal()
      this.#pieces.push(bytes.length * PART_MAX < bytes.buffer.byteLength ? bytes.slice() : bytes)
    }
  }

  /** Takes the oldest piece; undefined if there is none. */
  shift(): Uint8Array | undefined {
    if (this.#first === this.#pieces.length) this.#seal()
    const piece = this.#pieces[this.#first]
    if (piece === undefined) return undefined
    // A reference that stays would keep a block for as long as the list.
    this.#pieces[this.#first] = undefined
    this.#first++
    // What was taken leaves the list once it is half of the list, so that a queue that is never empty does not grow.
    if (this.#first >= STRIDE && this.#first * 2 >= this.#pieces.length) {
      this.#pieces = this.#pieces.slice(this.#first)
      this.#first = 0
    }
    this.#bytes -= piece.length
    return piece
  }

  /** Drops everything. */
  clear(): void {
    this.#pieces = []
    this.#first = 0
    this.#block = new Uint8Array(0)
    this.#blockBytes = 0
    this.#bytes = 0
  }

  #join(bytes: Uint8Array): void {
    if (this.#blockBytes + bytes.length > this.#block.length) {
      const size = Math.max(BLOCK_BYTES_MIN, bytes.length, Math.min(this.#block.length * 2, BLOCK_BYTES_MAX))
      this.#seal()
      this.#block = new Uint8Array(size)
    }
    this.#block.set(bytes, this.#blockBytes)
    this.#blockBytes += bytes.length
  }

  #seal(): void {
    if (this.#blockBytes > 0) this.#pieces.push(this.#block.subarray(0, this.#blockBytes))
    this.#block = new Uint8Array(0)
    this.#blockBytes = 0
  }
}
