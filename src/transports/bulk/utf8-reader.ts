/** Bytes in, text out: what a chunk has cut of a character waits for the next chunk. */

import { MalformedMessageError } from '../../core/index.ts'

// Whole characters only are handed to it: as a stream it would make text of twice the size.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Reads one stream of UTF-8. Holds at most three bytes. */
export class Utf8Reader {
  #rest: Uint8Array = new Uint8Array(0)

  /**
   * The text of the next bytes, as far as its characters are whole.
   *
   * @throws {MalformedMessageError} no UTF-8
   */
  push(chunk: Uint8Array): string {
    const bytes = this.#rest.length === 0 ? chunk : joined(this.#rest, chunk)
    const wholeBytes = bytes.length - cutBytes(bytes)
    this.#rest = bytes.slice(wholeBytes)
    return decoded(bytes.subarray(0, wholeBytes))
  }

  /**
   * The stream is over.
   *
   * @throws {MalformedMessageError} a character is not whole
   */
  finish(): void {
    if (this.#rest.length > 0) throw new MalformedMessageError('it is no UTF-8')
  }
}

/** How many bytes at the end are the beginning of a character whose rest is missing. */
function cutBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number
    if (byte < 0x80) return 0
    if (byte < 0xc0) continue
    const characterBytes = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return characterBytes > back ? back : 0
  }
  return 0
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length)
  bytes.set(first)
  bytes.set(second, first.length)
  return bytes
}

function decoded(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    const error = new MalformedMessageError('it is no UTF-8')
    error.cause = cause
    throw error
  }
}
