/** The text of a JSON value in slices, made as they are asked for: a large value is never text as a whole. */

import type { JsonObject, JsonValue } from '../../core/index.ts'

/** Slices end once they are this long; a name may be added to that. */
const SLICE_LENGTH_MIN = 16_384
/** A string is cut into pieces of this length, before escapes. */
const PIECE_LENGTH_MAX = 8_192

/** A container that is being written. */
interface Frame {
  readonly keys: readonly string[] | undefined
  readonly value: readonly JsonValue[] | JsonObject
  readonly length: number
  next: number
}

/** Says what `JSON.stringify` says. The value must not change meanwhile. */
export class JsonSlices {
  readonly #open: Frame[] = []
  #value: JsonValue | undefined
  /** A string that is being written piece by piece. */
  #text = ''
  #at = 0
  #slice = ''

  /** @param value - JSON, of bounded depth */
  constructor(value: JsonValue) {
    this.#value = value
  }

  /** The next slice: 16 Ki to 65 Ki units of text, the last one less; undefined when all was said. */
  next(): string | undefined {
    while (this.#slice.length < SLICE_LENGTH_MIN && this.#step());
    const slice = this.#slice
    this.#slice = ''
    return slice === '' ? undefined : slice
  }

  /** Writes a little more; false when there is no more. */
  #step(): boolean {
    if (this.#text !== '') {
      this.#writePiece()
      return true
    }
    if (this.#value !== undefined) {
      const value = this.#value
      this.#value = undefined
      this.#begin(value)
      return true
    }
    const frame = this.#open.at(-1)
    if (frame === undefined) return false
    if (frame.next === frame.length) this.#close(frame)
    else this.#writeNext(frame)
    return true
  }

  #begin(value: JsonValue): void {
    if (typeof value === 'string') this.#beginText(value)
    else if (typeof value !== 'object' || value === null) this.#slice += JSON.stringify(value)
    else if (isArray(value)) {
      this.#slice += '['
      this.#open.push({ keys: undefined, value, length: value.length, next: 0 })
    } else {
      const keys = Object.keys(value)
      this.#slice += '{'
      this.#open.push({ keys, value, length: keys.length, next: 0 })
    }
  }

  #writeNext(frame: Frame): void {
    const { keys, value, next } = frame
    frame.next++
    if (next > 0) this.#slice += ','
    if (keys === undefined) {
      this.#begin((value as readonly JsonValue[])[next] as JsonValue)
      return
    }
    const key = keys[next] as string
    this.#value = (value as JsonObject)[key] as JsonValue
    this.#beginText(key)
    // A long key leaves its end to come; what follows it waits.
    if (this.#text === '') this.#slice += ':'
    else this.#isKey = true
  }

  #isKey = false

  #close(frame: Frame): void {
    this.#open.pop()
    this.#slice += frame.keys === undefined ? ']' : '}'
  }

  #beginText(text: string): void {
    if (text.length <= PIECE_LENGTH_MAX) {
      this.#slice += JSON.stringify(text)
      return
    }
    this.#slice += '"'
    this.#text = text
    this.#at = 0
  }

  #writePiece(): void {
    const text = this.#text
    const end = pieceEnd(text, this.#at)
    this.#slice += JSON.stringify(text.slice(this.#at, end)).slice(1, -1)
    this.#at = end
    if (end < text.length) return
    this.#text = ''
    this.#slice += this.#isKey ? '":' : '"'
    this.#isKey = false
  }
}

/** A pair of surrogates stays together, or it would be written as two escapes. */
function pieceEnd(text: string, from: number): number {
  const end = Math.min(from + PIECE_LENGTH_MAX, text.length)
  const unit = text.charCodeAt(end - 1)
  return end < text.length && unit >= 0xd800 && unit <= 0xdbff ? end - 1 : end
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
