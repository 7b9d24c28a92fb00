/** Cuts the bytes of a relay's channel into frames. Each byte is looked at once, however it is cut on the way. */

import { LENGTH_BYTES, relayMalformed } from './relay-frame.ts'

/** Holds the unfinished frame of one channel. */
export class FrameSplitter {
  readonly #bodyBytesMax: number
  #parts: Uint8Array[] = []
  #heldBytes = 0
  /** Of the frame that has begun, once it is known. */
  #bodyBytes: number | undefined

  /** @param bodyBytesMax - longest body that is taken */
  constructor(bodyBytesMax: number) {
    this.#bodyBytesMax = bodyBytesMax
  }

  /** Bytes of the frame that has begun and not ended. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Takes the next bytes; they must not change afterwards. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#parts.push(bytes)
    this.#heldBytes += bytes.length
  }

  /**
   * The body of the next frame, if all of it is here.
   *
   * @throws {TransportError} `GOSSIP_RELAY_MALFORMED`: it is empty or too long; nothing is readable afterwards
   */
  next(): Uint8Array | undefined {
    this.#bodyBytes ??= this.#readLength()
    if (this.#bodyBytes === undefined || this.#heldBytes < this.#bodyBytes) return undefined
    const body = this.#take(this.#bodyBytes)
    this.#bodyBytes = undefined
    return body
  }

  #readLength(): number | undefined {
    if (this.#heldBytes < LENGTH_BYTES) return undefined
    const head = this.#take(LENGTH_BYTES)
    const length = new DataView(head.buffer, head.byteOffset).getUint32(0)
    if (length >= 1 && length <= this.#bodyBytesMax) return length
    throw relayMalformed(`a frame says it has ${length} bytes, 1 to ${this.#bodyBytesMax} are right`)
  }

  /** Takes bytes off the beginning; copied only where they lie in several parts. */
  #take(count: number): Uint8Array {
    this.#heldBytes -= count
    const [first] = this.#parts
    if (first !== undefined && first.length >= count) {
      if (first.length === count) this.#parts.shift()
      else this.#parts[0] = first.subarray(count)
      return first.subarray(0, count)
    }
    return this.#join(count)
  }

  #join(count: number): Uint8Array {
    const joined = new Uint8Array(count)
    let at = 0
    let used = 0
    for (const part of this.#parts) {
      const piece = part.subarray(0, count - at)
      joined.set(piece, at)
      at += piece.length
      if (piece.length < part.length) {
        this.#parts[used] = part.subarray(piece.length)
        break
      }
      used++
      if (at === count) break
    }
    this.#parts.splice(0, used)
    return joined
  }
}
