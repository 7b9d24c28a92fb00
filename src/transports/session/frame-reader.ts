/**
 * Cuts a stream of bytes into frames. Bytes of channels are handed on as they arrive, without waiting for the rest of
 * their frame; every other frame is handed on whole.
 */

import { type FrameHead, HEADER_BYTES, KIND, type Kind, parseHead } from './frame.ts'

/** Where frames go. Both may stop the reader. */
export interface FrameSink {
  /** A whole frame. Its payload is lent for the time of the call. */
  onFrame(kind: Exclude<Kind, typeof KIND.data>, channel: number, payload: Uint8Array): void
  /** Some bytes of a channel, at least one, which nobody else will change. */
  onData(channel: number, bytes: Uint8Array): void
}

const BODY_BYTES_MIN = 1_024

/** Reads the frames of one session. */
export class FrameReader {
  readonly #sink: FrameSink
  readonly #frameBytesMax: number
  readonly #partialHead = new Uint8Array(HEADER_BYTES)
  #partialHeadBytes = 0
  #head: FrameHead | undefined
  /** Bytes of the present payload that are still to come. */
  #leftBytes = 0
  #body: Uint8Array = new Uint8Array(0)
  #bodyBytes = 0
  #isStopped = false

  /** @param frameBytesMax - longest frame that is taken */
  constructor(sink: FrameSink, frameBytesMax: number) {
    this.#sink = sink
    this.#frameBytesMax = frameBytesMax
  }

  /**
   * Takes the next bytes of the stream. Amortised O(bytes).
   *
   * @throws {TransportError} `GOSSIP_SESSION_MALFORMED`, and what the sink throws; the reader is then of no more use
   */
  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length && !this.#isStopped) {
      at = this.#head === undefined ? this.#takeHead(chunk, at) : this.#takeBody(this.#head, chunk, at)
    }
  }

  /** Ignores everything from here on and lets go of what it holds. */
  stop(): void {
    this.#isStopped = true
    this.#body = new Uint8Array(0)
  }

  #takeHead(chunk: Uint8Array, at: number): number {
    if (this.#partialHeadBytes === 0 && chunk.length - at >= HEADER_BYTES) {
      this.#begin(parseHead(chunk, at, this.#frameBytesMax))
      return at + HEADER_BYTES
    }
    const end = Math.min(chunk.length, at + HEADER_BYTES - this.#partialHeadBytes)
    this.#partialHead.set(chunk.subarray(at, end), this.#partialHeadBytes)
    this.#partialHeadBytes += end - at
    if (this.#partialHeadBytes === HEADER_BYTES) {
      this.#partialHeadBytes = 0
      this.#begin(parseHead(this.#partialHead, 0, this.#frameBytesMax))
    }
    return end
  }

  #begin(head: FrameHead): void {
    this.#leftBytes = head.length
    if (head.length > 0) this.#head = head
    else if (head.kind !== KIND.data) this.#sink.onFrame(head.kind, head.channel, new Uint8Array(0))
  }

  #takeBody(head: FrameHead, chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + this.#leftBytes)
    const piece = chunk.subarray(at, end)
    this.#leftBytes -= piece.length
    if (this.#leftBytes === 0) this.#head = undefined
    if (head.kind === KIND.data) this.#sink.onData(head.channel, piece)
    else if (this.#bodyBytes === 0 && this.#leftBytes === 0) this.#sink.onFrame(head.kind, head.channel, piece)
    else this.#collect(head.kind, head, piece)
    return end
  }

  #collect(kind: Exclude<Kind, typeof KIND.data>, head: FrameHead, piece: Uint8Array): void {
    const needed = this.#bodyBytes + piece.length
    if (needed > this.#body.length) this.#grow(needed, head.length)
    this.#body.set(piece, this.#bodyBytes)
    this.#bodyBytes = needed
    if (this.#leftBytes > 0) return
    const body = this.#body.subarray(0, needed)
    this.#body = new Uint8Array(0)
    this.#bodyBytes = 0
    this.#sink.onFrame(kind, head.channel, body)
  }

  /** A header that promises much is not believed before it comes. */
  #grow(needed: number, length: number): void {
    const grown = new Uint8Array(Math.min(length, Math.max(needed, this.#body.length * 2, BODY_BYTES_MIN)))
    grown.set(this.#body.subarray(0, this.#bodyBytes))
    this.#body = grown
  }
}
